"""The year's money: what comes into pools and budgets, and what the database refuses about them.

One that is set up late counts what its year has approved already, the city's share of it, less what
came back: each entry of the ledger as one that was there from the beginning has it. A budget begins
empty. A change moves money within one city, and none in or out of a closed year. Closing a
year waits for whoever is writing into the ledger, so that nobody is behind it.
"""

from django.conf import settings
from django.db import migrations

GRANTED = """
CREATE FUNCTION huiqi_granted_in(p_city text, p_year int, p_programmes bigint[])
RETURNS TABLE (award bigint, entry bigint, opening bigint, part numeric, assessed numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- The city's part of what the year bears, and of what came back of it.
    WITH entries AS (
        SELECT a.id AS award, e.id AS entry, e.stage, a.opening_id, a.assessed, e.amount
          FROM incentives_award a
          JOIN incentives_ledgerentry e ON e.award_id = a.id AND e.payer = 'city'
           AND e.stage IN ('reserved', 'opening', 'released', 'recovered')
           AND e.budget_year = p_year
         WHERE a.city_id = p_city AND p_year IN (a.approval_year, a.settlement_year)
           AND a.state <> 'released'
           AND (p_programmes IS NULL OR a.programme_id = ANY (p_programmes))
    ), sums AS (
        SELECT *, sum(CASE stage WHEN 'released' THEN -amount WHEN 'recovered' THEN 0
                                 ELSE amount END) OVER (PARTITION BY award) AS whole,
               sum(amount) FILTER (WHERE stage = 'recovered')
                   OVER (PARTITION BY award ORDER BY entry) AS back
          FROM entries
    )
    SELECT award, entry, opening_id, CASE stage
               WHEN 'released' THEN -amount
               WHEN 'recovered'
                   THEN least(back - amount, whole) - least(back, whole)
               ELSE amount END, assessed
      FROM sums;
$$;
"""

POOLS = """
CREATE FUNCTION huiqi_pool_awards(p_pool bigint)
RETURNS TABLE (award bigint, entry bigint, part numeric, assessed numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT g.award, g.entry, g.part, g.assessed
      FROM incentives_pool p
     CROSS JOIN LATERAL huiqi_granted_in(p.city_id, p.year, nullif(ARRAY(
           SELECT m.programme_id FROM incentives_pool_programmes m WHERE m.pool_id = p.id
           ), '{}')) g
     WHERE p.id = p_pool;
$$;

CREATE FUNCTION huiqi_sync_pool(p_pool bigint) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_pool incentives_pool%ROWTYPE;
    v_counter incentives_counter%ROWTYPE;
    v_used numeric;
BEGIN
    SELECT * INTO STRICT v_pool FROM incentives_pool WHERE id = p_pool;
    PERFORM huiqi_lock_pools(v_pool.city_id);
    SELECT * INTO v_counter FROM incentives_counter
     WHERE city_id = v_pool.city_id AND key = 'pool:' || v_pool.code || ':' || v_pool.year
       FOR NO KEY UPDATE;
    IF FOUND THEN
        v_used := v_counter.used;
    ELSE
        SELECT coalesce(sum(a.part), 0) INTO v_used FROM huiqi_pool_awards(p_pool) a;
    END IF;
    IF v_used > v_pool."limit" THEN
        RAISE EXCEPTION '%', v_used USING ERRCODE = 'HQ002';
    END IF;
    IF v_counter.id IS NOT NULL THEN
        UPDATE incentives_counter SET "limit" = v_pool."limit" WHERE id = v_counter.id;
        RETURN v_used;
    END IF;
    INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
    VALUES (v_pool.city_id, 'pool:' || v_pool.code || ':' || v_pool.year, 'pool', 'yuan', 9,
            v_pool."limit", v_used)
    RETURNING * INTO v_counter;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT v_counter.id, a.entry, a.award, a.part, a.assessed FROM huiqi_pool_awards(p_pool) a;
    RETURN v_used;
END $$;
"""

BUDGETS = """
CREATE FUNCTION huiqi_budget_awards(p_budget bigint)
RETURNS TABLE (award bigint, entry bigint, part numeric, assessed numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- What the budget's year had granted before the budget was opened, and what came back of it.
    SELECT g.award, g.entry, g.part, g.assessed
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
     CROSS JOIN LATERAL huiqi_granted_in(f.city_id, b.year, CASE
           WHEN b.programme_id IS NULL THEN ARRAY(
               SELECT m.programme_id FROM incentives_fund_programmes m WHERE m.fund_id = f.id)
           ELSE ARRAY[b.programme_id] END) g
     WHERE b.id = p_budget AND g.opening IS NULL;
$$;

CREATE FUNCTION huiqi_put_in_budget(p_budget bigint, p_amount numeric) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_budget record;
    v_used numeric;
    v_counter bigint;
BEGIN
    SELECT b.*, f.city_id INTO STRICT v_budget
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
     WHERE b.id = p_budget FOR UPDATE OF b;
    PERFORM 1 FROM incentives_yearclose
      WHERE city_id = v_budget.city_id AND year = v_budget.year AND closed_at IS NOT NULL
        AND p_amount > 0;
    IF FOUND THEN
        RAISE EXCEPTION '%', v_budget.year USING ERRCODE = 'HQ012';
    END IF;
    SELECT id, used INTO v_counter, v_used FROM incentives_counter
     WHERE city_id = v_budget.city_id AND key = 'budget:' || p_budget FOR NO KEY UPDATE;
    IF v_counter IS NULL THEN
        SELECT coalesce(sum(a.part), 0) INTO v_used FROM huiqi_budget_awards(p_budget) a;
    END IF;
    IF v_budget.planned + p_amount < v_used THEN
        RAISE EXCEPTION '%', v_budget.planned - v_used USING ERRCODE = 'HQ011';
    END IF;
    UPDATE incentives_budget SET planned = planned + p_amount, opened = true WHERE id = p_budget;
    IF v_counter IS NOT NULL THEN
        UPDATE incentives_counter SET "limit" = v_budget.planned + p_amount WHERE id = v_counter;
        RETURN;
    END IF;
    INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
    VALUES (v_budget.city_id, 'budget:' || p_budget, 'budget', 'yuan',
            CASE WHEN v_budget.programme_id IS NULL THEN 8 ELSE 6 END,
            v_budget.planned + p_amount, v_used)
    RETURNING id INTO v_counter;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT v_counter, a.entry, a.award, a.part, a.assessed FROM huiqi_budget_awards(p_budget) a;
    UPDATE incentives_award w SET budget_id = p_budget
      FROM incentives_counterentry e
     WHERE e.counter_id = v_counter AND w.id = e.award_id AND w.approval_year = v_budget.year
       AND (w.budget_id IS NULL OR v_budget.programme_id IS NOT NULL);
    UPDATE incentives_award w SET settlement_budget_id = p_budget
      FROM incentives_counterentry e
     WHERE e.counter_id = v_counter AND w.id = e.award_id AND w.settlement_year = v_budget.year
       AND (w.settlement_budget_id IS NULL OR v_budget.programme_id IS NOT NULL);
END $$;

CREATE FUNCTION huiqi_change_budget(p_change bigint, p_actor bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_change incentives_budgetchange%ROWTYPE;
    v_city text;
BEGIN
    SELECT f.city_id INTO STRICT v_city FROM incentives_budgetchange c
      JOIN incentives_budget b ON b.id = c.budget_id JOIN incentives_fund f ON f.id = b.fund_id
     WHERE c.id = p_change;
    PERFORM huiqi_lock_pools(v_city);
    UPDATE incentives_budgetchange
       SET state = 'approved', approved_by_id = p_actor, approved_at = p_at
     WHERE id = p_change AND state = 'prepared' RETURNING * INTO v_change;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'change % is not prepared', p_change USING ERRCODE = 'HQ010';
    END IF;
    PERFORM huiqi_put_in_budget(v_change.budget_id, CASE v_change.kind
        WHEN 'reduction' THEN -v_change.amount ELSE v_change.amount END);
    IF v_change.taken_from_id IS NOT NULL THEN
        PERFORM huiqi_put_in_budget(v_change.taken_from_id, -v_change.amount);
    END IF;
END $$;
"""

CHANGES = """
CREATE FUNCTION huiqi_check_budget_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_closed int;
BEGIN
    PERFORM 1 FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
      WHERE b.id IN (NEW.budget_id, NEW.taken_from_id)
     HAVING count(DISTINCT f.city_id) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer_within_a_city: the budgets are of two cities'
            USING ERRCODE = 'check_violation';
    END IF;
    -- What is set aside within a fund's own budget is counted there: only its parts exchange money.
    PERFORM 1 FROM incentives_budget b
       LEFT JOIN incentives_budget w ON w.fund_id = b.fund_id AND w.year = b.year AND w.opened
            AND w.programme_id IS NULL AND b.programme_id IS NOT NULL
      WHERE b.id IN (NEW.budget_id, NEW.taken_from_id) AND NEW.state <> 'cancelled'
     HAVING count(DISTINCT CASE WHEN NEW.kind = 'carried' THEN (w.id IS NOT NULL)::int::bigint
                                ELSE coalesce(w.id, 0) END) > 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a part and what stands alone' USING ERRCODE = 'HQ017';
    END IF;
    SELECT min(b.year) INTO v_closed
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
      JOIN incentives_yearclose y ON y.city_id = f.city_id AND y.year = b.year
     WHERE b.id IN (NEW.budget_id, NEW.taken_from_id) AND y.closed_at IS NOT NULL
       AND NEW.state <> 'cancelled';
    IF v_closed IS NOT NULL THEN
        RAISE EXCEPTION '%', v_closed USING ERRCODE = 'HQ012';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_check_budget_change BEFORE INSERT OR UPDATE ON incentives_budgetchange
    FOR EACH ROW EXECUTE FUNCTION huiqi_check_budget_change();

CREATE FUNCTION huiqi_budget_change_approved() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Only the function that moves the money approves: it runs by the rights of its owner.
    IF current_user = 'ROLE' THEN
        RAISE EXCEPTION 'a budget change is approved by huiqi_change_budget'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_budget_change_approved BEFORE UPDATE ON incentives_budgetchange
    FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION huiqi_budget_change_approved();
"""

CLOSED = """
CREATE FUNCTION huiqi_year_is_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM incentives_yearclose
      WHERE city_id = NEW.city_id AND year = NEW.year AND closed_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION '%', NEW.year USING ERRCODE = 'HQ012';
    END IF;
    RETURN NEW;
END $$;
-- What was given before is of no budget: a list of it may name a year that is closed here.
CREATE TRIGGER huiqi_year_is_open BEFORE INSERT ON incentives_ledgerentry
    FOR EACH ROW WHEN (NEW.stage NOT IN ('opening', 'reversed'))
    EXECUTE FUNCTION huiqi_year_is_open();
"""

CLOSES = """
CREATE FUNCTION huiqi_lock_books(p_city text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Whoever writes into the ledger now ends first; whoever comes later waits for this.
    PERFORM huiqi_lock_pools(p_city);
    LOCK TABLE incentives_ledgerentry IN SHARE MODE;
END $$;

CREATE FUNCTION huiqi_close_books() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM huiqi_lock_books(NEW.city_id);
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_close_books BEFORE INSERT OR UPDATE ON incentives_yearclose
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION huiqi_close_books();
"""

ROLE = settings.APPLICATION_DB_ROLE
CALLED = "huiqi_sync_pool, huiqi_change_budget, huiqi_lock_books"
INNER = "huiqi_granted_in, huiqi_pool_awards, huiqi_budget_awards, huiqi_put_in_budget"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, {INNER} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0007_reserving")]

    operations = [
        migrations.RunSQL(sql)
        for sql in (
            GRANTED,
            POOLS,
            BUDGETS,
            CHANGES.replace("ROLE", ROLE),
            CLOSED,
            CLOSES,
            PRIVILEGES,
        )
    ]
