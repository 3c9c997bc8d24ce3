"""The money functions: the only code that may write counters, awards and the ledger.

They run as the owner (SECURITY DEFINER); the application's role may only execute them. Locks are
taken in one order everywhere: counters by (heat, key), the row that most transactions want last.
Errors carry a five-letter SQLSTATE that incentives/domain/money.py turns into words.
"""

from django.conf import settings
from django.db import migrations

RESERVE = """
CREATE FUNCTION huiqi_reserve(
    p_city text, p_case text, p_programme bigint, p_version bigint, p_applicant bigint,
    p_bureau bigint, p_district bigint, p_verb text, p_payer text, p_assessed numeric,
    p_at timestamptz, p_actor bigint, p_reason text,
    p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[]
) RETURNS TABLE (award bigint, granted numeric, cuts jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    v_room numeric;
    v_limit numeric;
    v_ids bigint[] := '{}';
    v_new_limits numeric[] := '{}';
    v_kinds text[] := '{}';
    v_units text[] := '{}';
    v_entry bigint;
    v_counter incentives_counter%ROWTYPE;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || p_city));
    granted := p_assessed;
    cuts := '[]';
    FOR r IN
        SELECT * FROM unnest(p_keys, p_kinds, p_units, p_heats, p_limits)
            AS k(key, kind, unit, heat, lim)
        UNION ALL
        SELECT 'pool:' || p.code || ':' || p.year, 'pool', 'yuan', 9, p."limit"
          FROM incentives_pool p
         WHERE p.city_id = p_city AND p.year = v_year AND p_payer = 'city'
           AND (EXISTS (SELECT 1 FROM incentives_pool_programmes m
                         WHERE m.pool_id = p.id AND m.programme_id = p_programme)
                OR NOT EXISTS (SELECT 1 FROM incentives_pool_programmes m WHERE m.pool_id = p.id))
        ORDER BY heat, key
    LOOP
        INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
        VALUES (p_city, r.key, r.kind, r.unit, r.heat, r.lim, 0)
        ON CONFLICT (city_id, key) DO NOTHING;
        SELECT * INTO STRICT v_counter FROM incentives_counter
         WHERE city_id = p_city AND key = r.key FOR UPDATE;
        v_limit := CASE
            WHEN r.kind = 'pool' THEN v_counter."limit"
            WHEN r.kind = 'tally' OR r.kind = 'event' AND r.unit = 'yuan'
                THEN greatest(v_counter."limit", r.lim)
            ELSE r.lim
        END;
        v_room := greatest(v_limit - v_counter.used, 0);
        IF r.kind = 'tally' THEN -- counted for a reading that is not the one in force: no limit
            v_room := p_assessed;
        ELSIF r.unit = 'awards' THEN
            v_room := CASE WHEN v_room >= 1 THEN p_assessed ELSE 0 END;
        END IF;
        IF v_room < p_assessed THEN
            cuts := cuts || jsonb_build_object(
                'key', r.key, 'kind', r.kind, 'unit', r.unit, 'limit', v_limit::text,
                'used', v_counter.used::text, 'room', v_room::text);
        END IF;
        granted := least(granted, v_room);
        v_ids := v_ids || v_counter.id;
        v_kinds := v_kinds || r.kind;
        v_units := v_units || r.unit;
        v_new_limits := v_new_limits || greatest(v_limit, v_counter.used);
    END LOOP;
    IF granted <= 0 THEN
        granted := 0;
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO incentives_award (
        city_id, case_number, programme_id, version_id, applicant_id, bureau_id, district_id, verb,
        payer, state, assessed, amount, cuts, approval_year, approved_at)
    VALUES (
        p_city, p_case, p_programme, p_version, p_applicant, p_bureau, p_district, p_verb,
        p_payer, 'reserved', p_assessed, granted, cuts, v_year, p_at)
    RETURNING id INTO award;
    v_entry := huiqi_post(award, NULL, 'reserved', granted, p_at, p_actor, p_reason);
    UPDATE incentives_counter c
       SET used = c.used + t.taken, kind = t.kind,
           "limit" = CASE WHEN t.kind = 'tally' THEN greatest(t.lim, c.used + t.taken)
                          ELSE t.lim END
      FROM (SELECT u.id, u.kind, u.lim, CASE WHEN u.unit = 'awards' THEN 1 ELSE granted END AS taken
              FROM unnest(v_ids, v_kinds, v_units, v_new_limits) AS u(id, kind, unit, lim)) AS t
     WHERE c.id = t.id;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT t.id, v_entry, award, CASE WHEN t.unit = 'awards' THEN 1 ELSE granted END,
           CASE WHEN t.unit = 'awards' THEN 1 ELSE p_assessed END
      FROM unnest(v_ids, v_units) AS t(id, unit);
    RETURN NEXT;
END $$;
"""

POST = """
CREATE FUNCTION huiqi_post(
    p_award bigint, p_line bigint, p_stage text, p_amount numeric, p_at timestamptz,
    p_actor bigint, p_reason text
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO incentives_ledgerentry (
        city_id, stage, amount, posted_at, year, approval_year, award_id, line_id, case_number,
        programme_id, verb, payer, bureau_id, district_id, applicant_id, payee_id, actor_id, reason)
    SELECT a.city_id, p_stage, p_amount, p_at,
           extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai'), a.approval_year, a.id, p_line,
           a.case_number, a.programme_id, a.verb, a.payer, a.bureau_id, a.district_id,
           a.applicant_id, (SELECT payee_id FROM incentives_payoutline WHERE id = p_line),
           p_actor, p_reason
      FROM incentives_award a WHERE a.id = p_award
    RETURNING id;
$$;
"""

COMMIT = """
CREATE FUNCTION huiqi_commit(p_award bigint, p_at timestamptz, p_actor bigint, p_reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_amount numeric;
BEGIN
    UPDATE incentives_award SET state = 'committed', committed_at = p_at
     WHERE id = p_award AND state = 'reserved' RETURNING amount INTO v_amount;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'award % is not reserved', p_award USING ERRCODE = 'HQ001';
    END IF;
    PERFORM huiqi_post(p_award, NULL, 'committed', v_amount, p_at, p_actor, p_reason);
END $$;
"""

RELEASE = """
CREATE FUNCTION huiqi_release(p_award bigint, p_at timestamptz, p_actor bigint, p_reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_amount numeric;
    v_entry bigint;
    v_highest numeric;
    r record;
BEGIN
    -- A pool set up meanwhile counts the awards it sees: it waits for this, or this for it.
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a WHERE a.id = p_award;
    UPDATE incentives_award SET state = 'released'
     WHERE id = p_award AND state = 'reserved' RETURNING amount INTO v_amount;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'award % is not reserved', p_award USING ERRCODE = 'HQ001';
    END IF;
    v_entry := huiqi_post(p_award, NULL, 'released', v_amount, p_at, p_actor, p_reason);
    FOR r IN
        SELECT c.id, c.kind, c.unit, e.amount
          FROM incentives_counterentry e JOIN incentives_counter c ON c.id = e.counter_id
         WHERE e.award_id = p_award ORDER BY c.heat, c.key FOR UPDATE OF c
    LOOP
        INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
        VALUES (r.id, v_entry, p_award, -r.amount, 0);
        UPDATE incentives_counter SET used = used - r.amount WHERE id = r.id;
        IF r.kind IN ('event', 'tally') AND r.unit = 'yuan' THEN
            SELECT max(e.entitled) INTO v_highest
              FROM incentives_counterentry e JOIN incentives_award a ON a.id = e.award_id
             WHERE e.counter_id = r.id AND a.state <> 'released';
            UPDATE incentives_counter SET "limit" = greatest(coalesce(v_highest, 0), used)
             WHERE id = r.id;
        END IF;
    END LOOP;
END $$;
"""

POOLS = """
CREATE FUNCTION huiqi_lock_pools(p_city text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT pg_advisory_xact_lock(hashtext('huiqi pools ' || p_city));
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
       FOR UPDATE;
    IF FOUND THEN
        v_used := v_counter.used;
    ELSE
        SELECT coalesce(sum(a.amount), 0) INTO v_used FROM huiqi_pool_awards(p_pool) a;
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
    SELECT v_counter.id, e.id, a.id, a.amount, a.assessed
      FROM huiqi_pool_awards(p_pool) a
      JOIN incentives_ledgerentry e ON e.award_id = a.id AND e.stage = 'reserved';
    RETURN v_used;
END $$;
"""

POOL_AWARDS = """
CREATE FUNCTION huiqi_pool_awards(p_pool bigint) RETURNS SETOF incentives_award
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.* FROM incentives_award a JOIN incentives_pool p ON p.id = p_pool
     WHERE a.city_id = p.city_id AND a.approval_year = p.year AND a.state <> 'released'
       AND a.payer = 'city'
       AND (EXISTS (SELECT 1 FROM incentives_pool_programmes m
                     WHERE m.pool_id = p.id AND m.programme_id = a.programme_id)
            OR NOT EXISTS (SELECT 1 FROM incentives_pool_programmes m WHERE m.pool_id = p.id));
$$;
"""

SETTLE = """
CREATE FUNCTION huiqi_settle_line(
    p_line bigint, p_result text, p_at timestamptz, p_actor bigint, p_note text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_line record;
BEGIN
    SELECT l.id, l.state, l.amount, b.state AS batch_state, i.award_id
      INTO STRICT v_line
      FROM incentives_payoutline l
      JOIN incentives_payoutbatch b ON b.id = l.batch_id
      JOIN incentives_instalment i ON i.id = l.instalment_id
     WHERE l.id = p_line FOR UPDATE OF l;
    IF v_line.batch_state NOT IN ('exported', 'settled')
       OR NOT ((v_line.state = 'pending' AND p_result IN ('paid', 'returned'))
               OR (v_line.state = 'paid' AND p_result = 'returned')) THEN
        RAISE EXCEPTION 'line % is %', p_line, v_line.state USING ERRCODE = 'HQ003';
    END IF;
    UPDATE incentives_payoutline SET state = p_result, result_at = p_at, result_note = p_note
     WHERE id = p_line;
    IF p_result = 'paid' OR v_line.state = 'paid' THEN
        PERFORM huiqi_post(v_line.award_id, p_line, p_result, v_line.amount, p_at, p_actor, p_note);
    END IF;
END $$;

CREATE FUNCTION huiqi_cancel_lines(p_batch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM incentives_payoutbatch WHERE id = p_batch AND state = 'cancelled' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'batch % is not cancelled', p_batch USING ERRCODE = 'HQ003';
    END IF;
    UPDATE incentives_payoutline SET state = 'cancelled' WHERE batch_id = p_batch;
END $$;
"""

GUARDS = """
CREATE FUNCTION huiqi_check_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM incentives_instalment i JOIN incentives_award a ON a.id = i.award_id
      JOIN incentives_payoutbatch b ON b.id = NEW.batch_id
      JOIN applicants_bankaccount k ON k.id = NEW.account_id
     WHERE i.id = NEW.instalment_id AND i.amount = NEW.amount AND i.payee_id = NEW.payee_id
       AND a.state = 'committed' AND a.payer = 'city' AND a.city_id = b.city_id
       AND b.state = 'prepared' AND k.party_id = NEW.payee_id AND NEW.state = 'pending';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payout line does not match a due instalment' USING ERRCODE = 'HQ004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_check_line BEFORE INSERT ON incentives_payoutline
    FOR EACH ROW EXECUTE FUNCTION huiqi_check_line();

CREATE FUNCTION huiqi_check_instalments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount) FROM incentives_instalment WHERE award_id = NEW.award_id)
       <> (SELECT amount FROM incentives_award WHERE id = NEW.award_id) THEN
        RAISE EXCEPTION 'instalments of award % are not its amount', NEW.award_id
            USING ERRCODE = 'HQ005';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER huiqi_check_instalments AFTER INSERT ON incentives_instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION huiqi_check_instalments();
"""

CALLABLE = [
    "huiqi_reserve(text, text, bigint, bigint, bigint, bigint, bigint, text, text, numeric, timestamptz, bigint, text, text[], text[], text[], int[], numeric[])",
    "huiqi_commit(bigint, timestamptz, bigint, text)",
    "huiqi_release(bigint, timestamptz, bigint, text)",
    "huiqi_lock_pools(text)",
    "huiqi_sync_pool(bigint)",
    "huiqi_settle_line(bigint, text, timestamptz, bigint, text)",
    "huiqi_cancel_lines(bigint)",
]
INTERNAL = [
    "huiqi_post(bigint, bigint, text, numeric, timestamptz, bigint, text)",
    "huiqi_pool_awards(bigint)",
]


def privileges() -> str:
    role = settings.APPLICATION_DB_ROLE
    closed = [f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in CALLABLE + INTERNAL]
    opened = [f'GRANT EXECUTE ON FUNCTION {name} TO "{role}"' for name in CALLABLE]
    return ";".join(closed + opened)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0001_initial"), ("applicants", "0001_initial")]

    operations = [
        migrations.RunSQL(POST),
        migrations.RunSQL(RESERVE),
        migrations.RunSQL(COMMIT),
        migrations.RunSQL(RELEASE),
        migrations.RunSQL(POOL_AWARDS),
        migrations.RunSQL(POOLS),
        migrations.RunSQL(SETTLE),
        migrations.RunSQL(GUARDS),
        migrations.RunSQL(privileges()),
    ]
