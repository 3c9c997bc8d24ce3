"""What the audited figures give beyond an award is added to it, as far as its limits leave it.

`huiqi_top_up` passes the same limits as `huiqi_reserve`, in the same order: caps and same events as
in the year of approval, then budgets, and the pools last. These are of the year of approval while it
is open, and once it is closed of the year in which the settlement is decided; the award says which
(`settlement_year`, `settlement_budget`), and what is posted of the instalment goes by it. Counts of
awards and rows are taken already. It adds to the award what was not granted yet, so that asked twice
it gives nothing the second time. What several payers share grows by their shares, an instalment for
each, while its year is open (HQ023): budgets and pools pass the city's part alone.
"""

from django.conf import settings
from django.db import migrations

TOP_UP = """
CREATE FUNCTION huiqi_top_up(
    p_award bigint, p_entitled numeric, p_due date, p_at timestamptz, p_actor bigint,
    p_reason text, p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[]
) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_award incentives_award%ROWTYPE;
    v_year int;
    v_budget bigint;
    v_granted numeric;
    v_id bigint;
    v_stood numeric;
    v_used numeric;
    v_limit numeric;
    v_ids bigint[] := '{}';
    v_limits numeric[] := '{}';
    v_of_city boolean[] := '{}';
    v_payers text[];
    v_shares numeric[];
    v_parts numeric[];
    v_city numeric; -- the city's share, and part, of what is added
    v_entry bigint;
    r record;
BEGIN
    IF huiqi_is_shared(p_keys) THEN
        RAISE EXCEPTION '%', p_keys USING ERRCODE = 'HQ046';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a WHERE a.id = p_award;
    SELECT * INTO STRICT v_award FROM incentives_award WHERE id = p_award FOR UPDATE;
    IF v_award.state <> 'committed' OR huiqi_whole_fen(p_entitled) IS NOT TRUE
       OR NOT EXISTS (SELECT 1 FROM incentives_settlement s
                       WHERE s.award_id = p_award AND s.state = 'prepared'
                         AND s.entitled = p_entitled AND s.prepared_by_id <> p_actor) THEN
        RAISE EXCEPTION 'award % cannot be topped up', p_award USING ERRCODE = 'HQ015';
    END IF;
    v_year := v_award.approval_year;
    IF EXISTS (SELECT 1 FROM incentives_yearclose y WHERE y.city_id = v_award.city_id
                  AND y.year = v_award.approval_year AND y.closed_at IS NOT NULL) THEN
        v_year := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    END IF;
    IF v_award.settlement_year <> v_year THEN -- what was added before is of one year
        RAISE EXCEPTION 'award % cannot be topped up', p_award USING ERRCODE = 'HQ015';
    END IF;
    SELECT array_agg(s.payer ORDER BY s.id), array_agg(s.share ORDER BY s.id)
      INTO v_payers, v_shares FROM incentives_awardshare s WHERE s.award_id = p_award;
    IF v_payers IS NULL THEN
        v_payers := ARRAY[v_award.payer]; v_shares := '{1}';
    ELSIF v_year <> v_award.approval_year THEN
        RAISE EXCEPTION '%', v_award.approval_year USING ERRCODE = 'HQ023';
    END IF;
    v_city := coalesce(v_shares[array_position(v_payers, 'city')], 0);
    v_granted := greatest(p_entitled - v_award.amount, 0);
    FOR r IN
        SELECT DISTINCT k.key, k.kind, k.heat, k.lim, NULL::bigint AS budget,
               false AS pro_rata
          FROM unnest(p_keys, p_kinds, p_units, p_heats, p_limits)
            AS k(key, kind, unit, heat, lim)
         WHERE k.unit = 'yuan'
        UNION ALL
        SELECT s.key, s.kind, s.heat, s.lim, s.budget, s.pro_rata
          FROM huiqi_shared_limits(v_award.city_id, v_award.programme_id, v_year) s
         WHERE v_city > 0
         ORDER BY heat, key
    LOOP
        IF r.pro_rata THEN
            RAISE EXCEPTION '%', r.key USING ERRCODE = 'HQ013';
        END IF;
        INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
        VALUES (v_award.city_id, r.key, r.kind, 'yuan', r.heat,
                CASE WHEN r.kind IN ('event', 'tally') THEN 0 ELSE r.lim END, 0)
        ON CONFLICT (city_id, key) DO NOTHING;
        SELECT c.id, c."limit", c.used INTO STRICT v_id, v_stood, v_used FROM incentives_counter c
         WHERE c.city_id = v_award.city_id AND c.key = r.key FOR NO KEY UPDATE;
        v_limit := CASE WHEN r.kind IN ('event', 'tally') THEN greatest(v_stood, r.lim)
                        ELSE r.lim END;
        IF r.kind = 'tally' THEN -- counted for a reading that is not the one in force: no limit
            v_limit := greatest(v_limit, v_used + v_granted);
        END IF;
        v_granted := least(v_granted, trunc(greatest(v_limit - v_used, 0)
            / CASE WHEN r.kind IN ('pool', 'budget') THEN v_city ELSE 1 END, 2));
        IF r.budget IS NOT NULL AND (v_budget IS NULL OR r.heat = 6) THEN
            v_budget := r.budget;
        END IF;
        v_ids := v_ids || v_id;
        v_limits := v_limits || greatest(v_limit, v_used);
        v_of_city := v_of_city || (r.kind IN ('pool', 'budget'));
    END LOOP;
    IF v_granted = 0 THEN
        RETURN 0;
    END IF;
    v_parts := huiqi_split(v_granted, v_shares);
    v_city := coalesce(v_parts[array_position(v_payers, 'city')], 0);
    UPDATE incentives_awardshare s SET amount = s.amount + p.part
      FROM unnest(v_payers, v_parts) AS p(payer, part)
     WHERE s.award_id = p_award AND s.payer = p.payer;
    UPDATE incentives_award
       SET amount = amount + v_granted, assessed = greatest(assessed, p_entitled),
           settlement_year = nullif(v_year, approval_year),
           settlement_budget_id = CASE WHEN v_year <> approval_year THEN v_budget END
     WHERE id = p_award;
    v_entry := huiqi_post(p_award, NULL, 'reserved', v_granted, p_at, p_actor, p_reason, true);
    FOR i IN 1 .. cardinality(v_ids) LOOP
        INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
        VALUES (v_ids[i], v_entry, p_award, CASE WHEN v_of_city[i] THEN v_city ELSE v_granted END,
                p_entitled);
        UPDATE incentives_counter
           SET used = used + CASE WHEN v_of_city[i] THEN v_city ELSE v_granted END,
               "limit" = v_limits[i]
         WHERE id = v_ids[i];
    END LOOP;
    PERFORM huiqi_post(p_award, NULL, 'committed', v_granted, p_at, p_actor, p_reason, true);
    INSERT INTO incentives_instalment (
        award_id, number, payee_id, amount, payer, part, kind, due_kind, label, due_on)
    SELECT p_award, i.number + p.place, v_award.applicant_id, p.amount, p.payer, i.part + 1,
           'settlement', 'date', '{}', p_due
      FROM unnest(v_payers, v_parts) WITH ORDINALITY AS p(payer, amount, place),
           (SELECT coalesce(max(number), 0) AS number, coalesce(max(part), 0) AS part
              FROM incentives_instalment WHERE award_id = p_award) AS i
     WHERE p.amount > 0;
    RETURN v_granted;
END $$;
"""

GUARD = """
CREATE FUNCTION huiqi_settled_by_top_up() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Its kind says which year's budget pays: only the function above writes one, as the owner.
    IF current_user = 'ROLE' THEN
        RAISE EXCEPTION 'an instalment of a settlement is written by huiqi_top_up'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_settled_by_top_up BEFORE INSERT ON incentives_instalment
    FOR EACH ROW WHEN (NEW.kind = 'settlement') EXECUTE FUNCTION huiqi_settled_by_top_up();
"""

NAME = (
    "huiqi_top_up(bigint, numeric, date, timestamptz, bigint, text, text[], text[], text[], "
    "int[], numeric[])"
)
ROLE = settings.APPLICATION_DB_ROLE
PRIVILEGES = (
    f'REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {NAME} TO "{ROLE}"'
)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0015_settlement")]

    operations = [
        migrations.RunSQL(sql) for sql in (TOP_UP, GUARD.replace("ROLE", ROLE), PRIVILEGES)
    ]
