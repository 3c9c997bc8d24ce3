"""Money that comes back: into the ledger, out of the caps, and off the demand.

`huiqi_recover` writes one entry of a recovery and settles it when nothing is left. What came back
gives room again to every yuan counter that the award still holds, in proportion and to the fen, but
not to a budget whose year is closed: that money has lapsed. A redeemed voucher gave back a part
when it was redeemed: its share is one of what was kept. A write-off is signed by another than who
asked for it, which nobody changes (`huiqi_write_off_asked`), and gives no room to anything. Money
that comes after it takes back as much of it, in the demand and in the ledger, and counts as any other.
A receipt is entered once, and anew when it was reversed. Each entry names the first and the last of
its ledger entries.
Of an award that several payers share, it comes back to those who paid, by what each has not had back
yet; pools and budgets, which count the city's money, have the city's part of it.

What a settlement added from a later year's budgets and pools comes back first, to them, as far as it
was paid; the rest belongs to the year of approval. The ledger has an entry for each (`budget_year`).
"""

from django.conf import settings
from django.db import migrations

RECOVER = """
CREATE FUNCTION huiqi_settled_later(p_award bigint)
RETURNS TABLE (kept numeric, paid numeric, gone numeric, recovered numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- Of what a settlement added in a later year: what of it still stands, what was paid, and what
    -- of that came back or was given up.
    SELECT coalesce(sum(CASE l.stage WHEN 'reserved' THEN l.amount
                                     WHEN 'released' THEN -l.amount END), 0),
           coalesce(sum(CASE l.stage WHEN 'paid' THEN l.amount
                                     WHEN 'returned' THEN -l.amount END), 0),
           coalesce(sum(l.amount) FILTER (WHERE l.stage IN ('recovered', 'written_off')), 0),
           coalesce(sum(l.amount) FILTER (WHERE l.stage = 'recovered'), 0)
      FROM incentives_award a
      JOIN incentives_ledgerentry l ON l.award_id = a.id AND l.budget_year = a.settlement_year
     WHERE a.id = p_award;
$$;

CREATE FUNCTION huiqi_year_of_counter(p_kind text, p_key text) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE p_kind WHEN 'pool' THEN substring(p_key FROM '[0-9]+$')::int
        WHEN 'budget' THEN (SELECT b.year FROM incentives_budget b
                             WHERE b.id = substring(p_key FROM '[0-9]+$')::bigint) END;
$$;

CREATE FUNCTION huiqi_enter(
    p_recovery bigint, p_kind text, p_amount numeric, p_on date, p_reference text, p_line bigint,
    p_prepared_by bigint, p_at timestamptz, p_actor bigint, p_award bigint, p_after bigint,
    p_reverses bigint
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- With what the ledger has of it: the award is locked, so all after `p_after` is its own.
    INSERT INTO incentives_recoveryentry (
        recovery_id, kind, amount, received_on, reference, line_id, prepared_by_id, recorded_by_id,
        recorded_at, reverses_id, again, first_entry_id, last_entry_id)
    SELECT p_recovery, p_kind, p_amount, p_on, p_reference, p_line, p_prepared_by, p_actor,
           p_at, p_reverses, CASE WHEN p_kind = 'paid' THEN (
               SELECT count(*) FROM incentives_recoveryentry e
                WHERE e.recovery_id = p_recovery AND e.received_on = p_on AND e.kind = 'paid'
                  AND e.reference = p_reference AND e.amount < 0) ELSE 0 END,
           min(l.id), max(l.id)
      FROM incentives_ledgerentry l
     WHERE l.award_id = p_award AND l.id > p_after
       AND l.stage = CASE p_kind WHEN 'written_off' THEN p_kind ELSE 'recovered' END
    RETURNING id;
$$;

CREATE FUNCTION huiqi_recover(
    p_recovery bigint, p_kind text, p_amount numeric, p_on date, p_reference text, p_line bigint,
    p_prepared_by bigint, p_at timestamptz, p_actor bigint
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_recovery incentives_recovery%ROWTYPE;
    v_award incentives_award%ROWTYPE;
    v_open numeric;
    v_given_up numeric; -- written off; of money that comes after all, it takes that back
    v_undone numeric;
    v_after bigint;
    v_ledger bigint;
    v_back numeric;
    v_before numeric;
    v_more numeric; -- of what a settlement added in a later year
    v_later numeric;
    v_later_before numeric;
    v_stage text;
    v_entry_later bigint;
    v_city numeric := 0; -- of this, as of what follows, the city's: pools and budgets count no other
    v_city_before numeric := 0;
    v_city_amount numeric := 0;
    r record;
BEGIN
    IF (p_amount > 0 AND huiqi_whole_fen(p_amount)) IS NOT TRUE THEN
        RAISE EXCEPTION '%', p_amount USING ERRCODE = 'HQ020';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || c.city_id))
       FROM incentives_recovery c WHERE c.id = p_recovery;
    SELECT * INTO STRICT v_recovery FROM incentives_recovery WHERE id = p_recovery FOR UPDATE;
    SELECT * INTO STRICT v_award FROM incentives_award WHERE id = v_recovery.award_id FOR UPDATE;
    IF p_kind = 'written_off' AND (p_prepared_by = v_recovery.write_off_asked_by_id
                                   AND p_actor <> p_prepared_by) IS NOT TRUE THEN
        RAISE EXCEPTION 'recovery %', p_recovery USING ERRCODE = 'HQ045';
    END IF;
    PERFORM 1 FROM incentives_recoveryentry
      WHERE recovery_id = p_recovery AND kind = 'paid' AND received_on = p_on
        AND reference = p_reference AND p_kind = 'paid' HAVING sum(sign(amount)) > 0;
    IF FOUND THEN
        RAISE EXCEPTION '%', p_on USING ERRCODE = 'HQ041';
    END IF;
    SELECT v_recovery.amount - coalesce(sum(amount), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'written_off' AND p_kind = 'paid'), 0)
      INTO v_open, v_given_up
      FROM incentives_recoveryentry WHERE recovery_id = p_recovery;
    IF v_recovery.state NOT IN ('demanded', 'settled') OR p_amount > v_open + v_given_up THEN
        RAISE EXCEPTION '%', v_open + v_given_up USING ERRCODE = 'HQ040';
    END IF;
    SELECT max(id) INTO STRICT v_after FROM incentives_ledgerentry WHERE award_id = v_award.id;
    v_undone := greatest(p_amount - v_open, 0);
    IF v_undone > 0 THEN
        SELECT least(v_undone, l.gone - l.recovered) INTO v_later
          FROM huiqi_settled_later(v_award.id) l;
        PERFORM huiqi_post(
            v_award.id, NULL, 'written_off', -v_later, p_at, p_actor, v_recovery.number, true);
        PERFORM huiqi_post(v_award.id, NULL, 'written_off', v_later - v_undone, p_at, p_actor,
                           v_recovery.number);
        PERFORM huiqi_enter(p_recovery, 'written_off', -v_undone, p_on, p_reference, NULL,
                            p_prepared_by, p_at, p_actor, v_award.id, v_after, NULL);
    END IF;
    SELECT coalesce(sum(amount), 0) INTO v_before FROM incentives_ledgerentry
     WHERE award_id = v_award.id AND stage = 'recovered';
    SELECT l.kept, least(p_amount, greatest(l.paid - l.gone, 0)), l.recovered
      INTO v_more, v_later, v_later_before FROM huiqi_settled_later(v_award.id) l;
    v_stage := CASE p_kind WHEN 'written_off' THEN 'written_off' ELSE 'recovered' END;
    v_entry_later := huiqi_post(
        v_award.id, NULL, v_stage, v_later, p_at, p_actor, v_recovery.number, true);
    v_ledger := coalesce(huiqi_post(
        v_award.id, NULL, v_stage, p_amount - v_later, p_at, p_actor, v_recovery.number),
        v_entry_later);
    IF v_award.payer = 'shared' THEN
        SELECT coalesce(sum(amount) FILTER (WHERE id >= v_ledger), 0),
               coalesce(sum(amount) FILTER (WHERE id < v_ledger), 0) INTO v_city, v_city_before
          FROM incentives_ledgerentry
         WHERE award_id = v_award.id AND stage = 'recovered' AND payer = 'city';
        SELECT coalesce(sum(amount), 0) INTO v_city_amount
          FROM incentives_awardshare WHERE award_id = v_award.id AND payer = 'city';
    END IF;
    IF p_kind <> 'written_off' THEN
        FOR r IN
            SELECT c.id, h.amount, y.later,
                   CASE WHEN y.of_city THEN v_city_before WHEN y.later THEN v_later_before
                        WHEN y.later IS NULL THEN v_before ELSE v_before - v_later_before END
                   AS before,
                   CASE WHEN y.of_city THEN v_city WHEN y.later THEN v_later
                        WHEN y.later IS NULL THEN p_amount ELSE p_amount - v_later END AS back,
                   CASE WHEN y.of_city THEN v_city_amount WHEN y.later THEN v_more
                        WHEN y.later IS NULL THEN v_award.amount ELSE v_award.amount - v_more END
                   AS whole
              FROM huiqi_held_by(v_award.id) h JOIN incentives_counter c ON c.id = h.counter_id
             CROSS JOIN LATERAL (
                   SELECT huiqi_year_of_counter(c.kind, c.key) = v_award.settlement_year AS later,
                          v_award.payer = 'shared' AND c.kind IN ('pool', 'budget') AS of_city) y
             WHERE c.unit = 'yuan'
             ORDER BY c.heat, c.key
        LOOP
            CONTINUE WHEN r.back <= 0;
            -- of what is still held, wherever a merger or a split has put it; the last takes the rest
            v_back := round(r.amount * r.back / greatest(r.whole - r.before, r.back), 2);
            CONTINUE WHEN v_back <= 0;
            PERFORM huiqi_give_back(
                r.id, CASE WHEN r.later THEN v_entry_later ELSE v_ledger END, v_award.id, v_back);
        END LOOP;
    END IF;
    IF v_recovery.state = 'demanded' AND p_amount >= v_open THEN
        UPDATE incentives_recovery SET state = 'settled' WHERE id = p_recovery;
    END IF;
    RETURN huiqi_enter(p_recovery, p_kind, p_amount, p_on, p_reference, p_line, p_prepared_by, p_at,
                       p_actor, v_award.id, v_after, NULL);
END $$;
"""

LOCK = """
CREATE FUNCTION huiqi_lock_demands(p_recoveries bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- What is entered on several in one transaction locks all that each of them will, in the order.
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || city_id))
       FROM incentives_recovery WHERE id = ANY (p_recoveries);
    PERFORM 1 FROM incentives_recovery WHERE id = ANY (p_recoveries) ORDER BY id FOR UPDATE;
    PERFORM 1 FROM incentives_award
      WHERE id IN (SELECT award_id FROM incentives_recovery WHERE id = ANY (p_recoveries))
      ORDER BY id FOR UPDATE;
    PERFORM 1 FROM incentives_counter
      WHERE id IN (SELECT h.counter_id
                     FROM (SELECT DISTINCT award_id FROM incentives_recovery
                            WHERE id = ANY (p_recoveries)) r, huiqi_held_by(r.award_id) h)
      ORDER BY heat, key FOR NO KEY UPDATE;
END $$;
"""

GUARD = """
CREATE FUNCTION huiqi_demand_settled() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Only the functions that enter money, or reverse it, do so: they run by their owner's rights.
    IF current_user = 'ROLE' AND OLD.state IS DISTINCT FROM NEW.state
       AND 'settled' IN (OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a demand is settled by huiqi_recover'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_demand_settled BEFORE INSERT OR UPDATE ON incentives_recovery
    FOR EACH ROW EXECUTE FUNCTION huiqi_demand_settled();

CREATE FUNCTION huiqi_write_off_asked() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Once, of a demand; the function that reverses a receipt lets it be asked for anew.
    IF current_user = 'ROLE'
       AND (OLD.write_off_asked_by_id IS NOT NULL OR OLD.state <> 'demanded') THEN
        RAISE EXCEPTION 'a write-off is asked for once'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_write_off_asked BEFORE UPDATE ON incentives_recovery
    FOR EACH ROW WHEN (NEW.write_off_asked_by_id IS DISTINCT FROM OLD.write_off_asked_by_id
                       OR NEW.write_off_reason <> OLD.write_off_reason)
    EXECUTE FUNCTION huiqi_write_off_asked();
"""

ROLE = settings.APPLICATION_DB_ROLE
CALLED = "huiqi_recover, huiqi_lock_demands"
INNER = "huiqi_enter, huiqi_settled_later, huiqi_year_of_counter"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, {INNER} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0010_payments")]

    operations = [
        migrations.RunSQL(sql) for sql in (RECOVER, LOCK, GUARD.replace("ROLE", ROLE), PRIVILEGES)
    ]
