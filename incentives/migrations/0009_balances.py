"""Balances of caps that come from elsewhere: from a predecessor, or from before this house's books.

What an organisation has used of its caps passes to its successor (`huiqi_carry`). Where that makes
more than a limit allows, the balance stands at the sum: `carried` is by how much, and a trigger
lets it only shrink, so that an ordinary award stays bound by the limit itself.

`huiqi_open` makes an award of an earlier year, never cut, with the counter entries that an ordinary
one would have made, and a ledger entry of the stage `opening`, which is no money of this house's
years. `huiqi_open_balance` enters what is known of a cap as a sum alone, one for each at a time. Both only
for rows of a list that was taken in, each once and with the amount that it has, and only under keys
that the rules of a programme of its city ask for (`huiqi_counts`): never a budget's or a pool's.
"""

from django.conf import settings
from django.db import migrations

CARRY = """
CREATE FUNCTION huiqi_named_alike(p_key text, p_other text, p_party bigint, p_successor bigint)
RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT bool_and(coalesce(a = b OR a = p_party::text AND b = p_successor::text, false))
           AND bool_or(a <> b)
      FROM unnest(regexp_split_to_array(p_key, '[:|=]'), regexp_split_to_array(p_other, '[:|=]'))
        AS t(a, b);
$$;

CREATE FUNCTION huiqi_carry(
    p_change bigint, p_city text, p_from text[], p_to text[], p_shares numeric[], p_keeps boolean[]
) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_change applicants_partychange%ROWTYPE;
    v_written int;
BEGIN
    -- Alone in the city: every function that changes a counter holds this lock shared.
    PERFORM huiqi_lock_pools(p_city);
    SELECT * INTO v_change FROM applicants_partychange
     WHERE id = p_change AND state = 'made' AND kind IN ('merger', 'split') FOR UPDATE;
    IF NOT FOUND OR EXISTS (
        SELECT 1 FROM incentives_counterentry e JOIN incentives_counter c ON c.id = e.counter_id
         WHERE e.change_id = p_change AND c.city_id = p_city) THEN
        RAISE EXCEPTION 'change % is not to be carried', p_change USING ERRCODE = 'HQ006';
    END IF;
    PERFORM 1 FROM unnest(p_from, p_to, p_shares, p_keeps) AS k(key, successor_key, share, keep)
      WHERE k.share NOT BETWEEN 0 AND 100 OR k.share IS NULL
         OR k.keep AND v_change.kind = 'merger'
         OR NOT huiqi_named_alike(k.key, k.successor_key, v_change.party_id, v_change.successor_id);
    IF FOUND THEN
        RAISE EXCEPTION 'change % names other counters', p_change USING ERRCODE = 'HQ006';
    END IF;
    INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
    SELECT c.city_id, k.successor_key, c.kind, c.unit, c.heat, c."limit", 0
      FROM unnest(p_from, p_to) AS k(key, successor_key)
      JOIN incentives_counter c ON c.city_id = p_city AND c.key = k.key
     ORDER BY c.heat, k.successor_key
        ON CONFLICT (city_id, key) DO NOTHING;
    PERFORM 1 FROM incentives_counter
      WHERE city_id = p_city AND key = ANY (p_from || p_to) ORDER BY heat, key
       FOR NO KEY UPDATE;
    WITH held AS (
        SELECT c.id AS source, t.id AS target, c."limit", k.share, k.keep, e.award_id, e.opening_id,
               min(e.entry_id) AS entry_id, sum(e.amount) AS balance,
               (array_agg(e.entitled ORDER BY e.id DESC))[1] AS entitled
          FROM unnest(p_from, p_to, p_shares, p_keeps) AS k(key, successor_key, share, keep)
          JOIN incentives_counter c ON c.city_id = p_city AND c.key = k.key
          JOIN incentives_counter t ON t.city_id = p_city AND t.key = k.successor_key
          JOIN incentives_counterentry e ON e.counter_id = c.id
         GROUP BY c.id, t.id, c."limit", k.share, k.keep, e.award_id, e.opening_id
        HAVING sum(e.amount) > 0
    ), shared AS (  -- to the fen: the parts of the awards add up to the part of the whole
        SELECT h.*, round(sum(balance) OVER upto * share / 100, 2)
                    - round((sum(balance) OVER upto - balance) * share / 100, 2) AS moved
          FROM held h
        WINDOW upto AS (PARTITION BY source ORDER BY award_id, opening_id)
    ), written AS (
        INSERT INTO incentives_counterentry (
            counter_id, entry_id, award_id, opening_id, change_id, amount, entitled)
        SELECT target, entry_id, award_id, opening_id, p_change, moved, entitled
          FROM shared WHERE moved > 0
         UNION ALL
        SELECT source, entry_id, award_id, opening_id, p_change, -moved,
               CASE WHEN moved < balance THEN entitled ELSE 0 END
          FROM shared WHERE moved > 0 AND NOT keep
        RETURNING counter_id, amount
    ), sums AS (
        SELECT counter_id, sum(amount) AS amount, count(*) AS entries FROM written GROUP BY 1
    ), limits AS (
        SELECT target, max("limit") AS lim FROM shared GROUP BY 1
    ), placed AS (
        SELECT c.id, c.used + s.amount AS used, s.entries,
               CASE WHEN l.target IS NOT NULL AND c.kind IN ('event', 'tally')
                    THEN greatest(c."limit", l.lim) ELSE c."limit" END AS lim
          FROM sums s JOIN incentives_counter c ON c.id = s.counter_id
          LEFT JOIN limits l ON l.target = c.id
    ), updated AS (
        UPDATE incentives_counter c
           SET used = p.used, "limit" = p.lim, carried = greatest(p.used - p.lim, 0)
          FROM placed p WHERE c.id = p.id
        RETURNING p.entries
    )
    SELECT coalesce(sum(entries), 0) INTO v_written FROM updated;
    RETURN v_written;
END $$;
"""

CARRIED = """
CREATE FUNCTION huiqi_shrink_carried() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.carried := least(NEW.carried, greatest(NEW.used - NEW."limit", 0));
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_shrink_carried BEFORE UPDATE ON incentives_counter
    FOR EACH ROW WHEN (NEW.carried > 0 AND NEW.carried <= OLD.carried)
    EXECUTE FUNCTION huiqi_shrink_carried();
"""

ADD = """
CREATE FUNCTION huiqi_opening_city(p_row bigint, p_kind text, p_amount numeric) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_city text;
BEGIN
    SELECT i.city_id INTO v_city FROM incentives_importrow r
      JOIN incentives_registryimport i ON i.id = r.of_id
     WHERE r.id = p_row AND i.kind = p_kind AND i.state = 'applied'
       AND p_amount > 0 AND huiqi_whole_fen(p_amount)
       AND p_amount = (r.values ->> 'amount')::numeric;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'row % is of no list that was taken in', p_row USING ERRCODE = 'HQ007';
    END IF;
    RETURN v_city;
END $$;

CREATE FUNCTION huiqi_counts(p_code text, p_key text, p_kind text, p_unit text, p_heat int)
RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    -- Whether a programme counts so. What only another reading would count is a tally of any key.
    SELECT split_part(p_key, ':', 1) IN ('cap', 'event', 'tally')
       AND p_kind IN (split_part(p_key, ':', 1), 'tally')
       AND (split_part(p_key, ':', 1) <> 'cap' OR split_part(p_key, ':', 2) = p_code)
       AND p_unit IN ('yuan', 'awards', 'rows') AND p_heat BETWEEN 0 AND 5;
$$;

CREATE FUNCTION huiqi_add_opening(
    p_city text, p_key text, p_kind text, p_unit text, p_heat int, p_limit numeric, p_taken numeric
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_counter incentives_counter%ROWTYPE;
    v_limit numeric;
BEGIN
    INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
    VALUES (p_city, p_key, p_kind, p_unit, p_heat, p_limit, 0)
    ON CONFLICT (city_id, key) DO NOTHING;
    SELECT * INTO STRICT v_counter FROM incentives_counter
     WHERE city_id = p_city AND key = p_key FOR NO KEY UPDATE;
    -- The limit stays the rule's own; what is beyond it is carried, and leaves no room.
    v_limit := CASE WHEN v_counter.kind = 'pool' THEN v_counter."limit"
                    WHEN p_kind = 'cap' THEN p_limit
                    ELSE greatest(v_counter."limit", p_limit) END;
    UPDATE incentives_counter
       SET used = used + p_taken, "limit" = v_limit,
           carried = greatest(used + p_taken - v_limit, 0)
     WHERE id = v_counter.id;
    RETURN v_counter.id;
END $$;
"""

OPEN = """
CREATE FUNCTION huiqi_open(
    p_row bigint, p_case text, p_version bigint, p_applicant bigint, p_bureau bigint,
    p_verb text, p_payer text, p_amount numeric, p_at timestamptz, p_actor bigint, p_reason text,
    p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_city text := huiqi_opening_city(p_row, 'awards', p_amount);
    v_year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    v_programme bigint;
    v_code text;
    v_award bigint;
    v_entry bigint;
    v_counter bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || v_city));
    SELECT p.id, p.code INTO v_programme, v_code FROM incentives_programmeversion v
      JOIN incentives_programme p ON p.id = v.programme_id
     WHERE v.id = p_version AND p.city_id = v_city;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'version %', p_version USING ERRCODE = 'HQ009';
    END IF;
    FOR r IN
        SELECT k.key FROM unnest(p_keys, p_kinds, p_units, p_heats) AS k(key, kind, unit, heat)
         WHERE huiqi_counts(v_code, k.key, k.kind, k.unit, k.heat) IS NOT TRUE
    LOOP
        RAISE EXCEPTION '%', r.key USING ERRCODE = 'HQ009';
    END LOOP;
    INSERT INTO incentives_award (
        city_id, case_number, programme_id, version_id, applicant_id, bureau_id, district_id, verb,
        payer, state, assessed, amount, cuts, approval_year, approved_at, committed_at, opening_id)
    SELECT v_city, p_case, v_programme, p_version, p.id, p_bureau, p.district_id, p_verb,
           p_payer, 'committed', p_amount, p_amount, '[]', v_year, p_at, p_at, p_row
      FROM applicants_party p WHERE p.id = p_applicant
    RETURNING id INTO STRICT v_award;
    v_entry := huiqi_post(v_award, NULL, 'opening', p_amount, now(), p_actor, p_reason);
    FOR r IN
        SELECT k.key, k.kind, k.unit, k.heat, k.lim,
               CASE k.unit WHEN 'yuan' THEN p_amount
                           WHEN 'rows' THEN count(*) ELSE 1 END AS taken,
               CASE k.unit WHEN 'yuan' THEN p_amount
                           WHEN 'rows' THEN count(*) ELSE 1 END AS entitled
          FROM unnest(p_keys, p_kinds, p_units, p_heats, p_limits)
            AS k(key, kind, unit, heat, lim)
         GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT 'pool:' || p.code || ':' || p.year, 'pool', 'yuan', 9, p."limit", p_amount, p_amount
          FROM incentives_pool p
         WHERE p.city_id = v_city AND p.year = v_year AND p_payer = 'city'
           AND (EXISTS (SELECT 1 FROM incentives_pool_programmes m
                         WHERE m.pool_id = p.id AND m.programme_id = v_programme)
                OR NOT EXISTS (SELECT 1 FROM incentives_pool_programmes m WHERE m.pool_id = p.id))
        ORDER BY heat, key
    LOOP
        v_counter := huiqi_add_opening(v_city, r.key, r.kind, r.unit, r.heat, r.lim, r.taken);
        INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
        VALUES (v_counter, v_entry, v_award, r.taken, r.entitled);
    END LOOP;
    RETURN v_award;
END $$;

CREATE FUNCTION huiqi_open_balance(
    p_row bigint, p_key text, p_kind text, p_unit text, p_heat int, p_limit numeric,
    p_amount numeric
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_city text := huiqi_opening_city(p_row, 'balances', p_amount);
    v_counter bigint;
BEGIN
    -- One cap, same-event group or tally, which the row names, and not a count of rows.
    PERFORM 1 FROM incentives_importrow r
      JOIN incentives_programme p ON p.city_id = v_city
       AND r.values ->> 'programme' IN (p.code, p.title_zh, p.title_en)
     WHERE r.id = p_row AND huiqi_counts(p.code, p_key, p_kind, p_unit, p_heat)
       AND p_kind = split_part(p_key, ':', 1) AND p_unit <> 'rows'
       AND r.values ->> 'cap' = split_part(p_key, ':', CASE p_kind WHEN 'cap' THEN 3 ELSE 2 END);
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', p_key USING ERRCODE = 'HQ009';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || v_city));
    v_counter := huiqi_add_opening(v_city, p_key, p_kind, p_unit, p_heat, p_limit, p_amount);
    PERFORM 1 FROM incentives_counter WHERE id = v_counter AND unit = p_unit;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', p_key USING ERRCODE = 'HQ009';
    END IF;
    -- The counter is locked by now: whoever comes second finds what the first has entered.
    PERFORM 1 FROM incentives_counterentry
      WHERE opening_id = p_row OR counter_id = v_counter AND opening_id IS NOT NULL
      GROUP BY opening_id HAVING sum(amount) > 0 OR opening_id = p_row;
    IF FOUND THEN
        RAISE EXCEPTION 'a balance of counter % stands', v_counter USING ERRCODE = 'HQ008';
    END IF;
    INSERT INTO incentives_counterentry (counter_id, opening_id, amount, entitled)
    VALUES (v_counter, p_row, p_amount, p_amount);
    RETURN v_counter;
END $$;
"""

CALLED = "huiqi_carry, huiqi_open, huiqi_open_balance"
INNER = "huiqi_named_alike, huiqi_opening_city, huiqi_counts, huiqi_add_opening"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, {INNER} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0008_pools_and_budgets")]

    operations = [migrations.RunSQL(sql) for sql in (CARRY, CARRIED, ADD, OPEN, PRIVILEGES)]
