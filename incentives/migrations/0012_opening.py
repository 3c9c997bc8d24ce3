"""Awards of earlier years and opening balances, entered from a list and never cut.

`huiqi_open` makes an award with the counter entries that an ordinary one would have made, and a
ledger entry of the stage `opening`, which is no money of this house's years. `huiqi_open_balance`
enters what is known of a cap as a sum alone. Both only for rows of a list that was taken in, once.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OPEN = """
CREATE FUNCTION huiqi_opening_city(p_row bigint, p_kind text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_city text;
BEGIN
    SELECT i.city_id INTO v_city FROM incentives_importrow r
      JOIN incentives_registryimport i ON i.id = r.of_id
     WHERE r.id = p_row AND i.kind = p_kind AND i.state = 'applied';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'row % is of no list that was taken in', p_row USING ERRCODE = 'HQ007';
    END IF;
    RETURN v_city;
END $$;

CREATE FUNCTION huiqi_open(
    p_row bigint, p_case text, p_version bigint, p_applicant bigint, p_bureau bigint,
    p_verb text, p_payer text, p_amount numeric, p_at timestamptz, p_actor bigint, p_reason text,
    p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_city text := huiqi_opening_city(p_row, 'awards');
    v_year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    v_programme bigint;
    v_award bigint;
    v_entry bigint;
    v_counter bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || v_city));
    SELECT programme_id INTO STRICT v_programme FROM incentives_programmeversion
     WHERE id = p_version;
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
    v_city text := huiqi_opening_city(p_row, 'balances');
    v_counter bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || v_city));
    v_counter := huiqi_add_opening(v_city, p_key, p_kind, p_unit, p_heat, p_limit, p_amount);
    INSERT INTO incentives_counterentry (counter_id, opening_id, amount, entitled)
    VALUES (v_counter, p_row, p_amount, p_amount);
    RETURN v_counter;
END $$;
"""

ADD = """
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
     WHERE city_id = p_city AND key = p_key FOR UPDATE;
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

POOL = """
CREATE OR REPLACE FUNCTION huiqi_sync_pool(p_pool bigint) RETURNS numeric
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
      JOIN incentives_ledgerentry e ON e.award_id = a.id AND e.stage IN ('reserved', 'opening');
    RETURN v_used;
END $$;
"""

CALLED = [
    "huiqi_open(bigint, text, bigint, bigint, bigint, text, text, numeric, timestamptz, bigint, text, text[], text[], text[], int[], numeric[])",
    "huiqi_open_balance(bigint, text, text, text, int, numeric, numeric)",
]
INNER = [
    "huiqi_opening_city(bigint, text)",
    "huiqi_add_opening(text, text, text, text, int, numeric, numeric)",
]
ROLE = settings.APPLICATION_DB_ROLE
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {", ".join(CALLED + INNER)} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {", ".join(CALLED)} TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0011_carry")]

    operations = [
        migrations.AddField(
            model_name="award",
            name="opening",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="award",
                to="incentives.importrow",
                verbose_name="row of the list",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="stage",
            field=models.CharField(
                choices=[
                    ("reserved", "reserved"),
                    ("committed", "committed"),
                    ("paid", "paid"),
                    ("released", "released"),
                    ("returned", "returned"),
                    ("recovered", "recovered"),
                    ("written_off", "written off"),
                    ("opening", "given before"),
                ],
                max_length=12,
                verbose_name="stage",
            ),
        ),
        migrations.AlterField(
            model_name="registryimport",
            name="kind",
            field=models.CharField(
                choices=[
                    ("facts", "organisations and facts"),
                    ("recognitions", "recognitions"),
                    ("awards", "awards of earlier years"),
                    ("balances", "opening balances of caps"),
                ],
                max_length=12,
                verbose_name="what the list holds",
            ),
        ),
        migrations.RunSQL(ADD, migrations.RunSQL.noop),
        migrations.RunSQL(OPEN, migrations.RunSQL.noop),
        migrations.RunSQL(POOL, migrations.RunSQL.noop),
        migrations.RunSQL(PRIVILEGES, migrations.RunSQL.noop),
    ]
