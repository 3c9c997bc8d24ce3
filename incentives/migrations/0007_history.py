"""History under the lock: what a case's counters hold, and rows of a roster that count as rows.

`huiqi_look` locks every counter that a case will pass, in the one order, and tells what each has
used: the case is assessed on that and reserved in the same transaction. `huiqi_reserve` takes a key
as often as it is named, so that two rows of one person count twice.
"""

from django.conf import settings
from django.db import migrations, models

RESERVE = """
CREATE OR REPLACE FUNCTION huiqi_reserve(
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
    v_times int[] := '{}';
    v_entry bigint;
    v_counter incentives_counter%ROWTYPE;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || p_city));
    granted := p_assessed;
    cuts := '[]';
    FOR r IN
        SELECT k.key, k.kind, k.unit, k.heat, k.lim,
               CASE k.unit WHEN 'rows' THEN count(*)::int ELSE 1 END AS times
          FROM unnest(p_keys, p_kinds, p_units, p_heats, p_limits)
            AS k(key, kind, unit, heat, lim)
         GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT 'pool:' || p.code || ':' || p.year, 'pool', 'yuan', 9, p."limit", 1
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
        ELSIF r.unit <> 'yuan' THEN
            v_room := CASE WHEN v_room >= r.times THEN p_assessed ELSE 0 END;
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
        v_times := v_times || r.times;
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
      FROM (SELECT u.id, u.kind, u.lim,
                   CASE WHEN u.unit = 'yuan' THEN granted ELSE u.times END AS taken
              FROM unnest(v_ids, v_kinds, v_units, v_times, v_new_limits)
                AS u(id, kind, unit, times, lim)) AS t
     WHERE c.id = t.id;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT t.id, v_entry, award, CASE WHEN t.unit = 'yuan' THEN granted ELSE t.times END,
           CASE WHEN t.unit = 'yuan' THEN p_assessed ELSE t.times END
      FROM unnest(v_ids, v_units, v_times) AS t(id, unit, times);
    RETURN NEXT;
END $$;
"""

LOOK = """
CREATE FUNCTION huiqi_look(
    p_city text, p_keys text[], p_kinds text[], p_units text[], p_heats int[]
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_used numeric;
    v_found jsonb := '{}';
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || p_city));
    FOR r IN
        SELECT DISTINCT k.key, k.kind, k.unit, k.heat
          FROM unnest(p_keys, p_kinds, p_units, p_heats) AS k(key, kind, unit, heat)
         ORDER BY heat, key
    LOOP
        INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
        VALUES (p_city, r.key, r.kind, r.unit, r.heat, 0, 0)
        ON CONFLICT (city_id, key) DO NOTHING;
        SELECT used INTO STRICT v_used FROM incentives_counter
         WHERE city_id = p_city AND key = r.key FOR UPDATE;
        v_found := v_found || jsonb_build_object(r.key, v_used::text);
    END LOOP;
    RETURN v_found;
END $$;
"""
NAME = "huiqi_look(text, text[], text[], text[], int[])"


class Migration(migrations.Migration):
    dependencies = [("incentives", "0006_redeem")]

    operations = [
        migrations.AlterField(
            model_name="counter",
            name="unit",
            field=models.CharField(
                choices=[("yuan", "yuan"), ("awards", "awards"), ("rows", "rows")],
                max_length=10,
                verbose_name="unit",
            ),
        ),
        migrations.RunSQL(RESERVE, migrations.RunSQL.noop),
        migrations.RunSQL(LOOK, f"DROP FUNCTION {NAME}"),
        migrations.RunSQL(
            f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC; "
            f'GRANT EXECUTE ON FUNCTION {NAME} TO "{settings.APPLICATION_DB_ROLE}"',
            migrations.RunSQL.noop,
        ),
    ]
