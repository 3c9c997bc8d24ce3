"""Awards under budgets, shared by payers, and beyond a cap that no document prints.

`huiqi_reserve` as before, and now: the budgets of the year are passed like pools; a pool or budget
counts the city's share of an award; an excess that two have signed adds to the room of its cap.
Counters are locked in the one order (heat, key), budgets after caps and pools last.
`huiqi_reserve_many` decides a batch, in its order, exactly as `huiqi_reserve` would one by one.
"""

from django.conf import settings
from django.db import migrations, models

SPLIT = """
CREATE FUNCTION huiqi_split(p_amount numeric, p_shares numeric[]) RETURNS numeric[]
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    -- To the fen; what is left over goes to the largest remainders, among equals to the earlier.
    SELECT array_agg(cut + CASE WHEN rank <= (p_amount - whole) * 100 THEN 0.01 ELSE 0 END
                     ORDER BY place)
      FROM (SELECT place, cut, sum(cut) OVER () AS whole,
                   row_number() OVER (ORDER BY exact - cut DESC, place) AS rank
              FROM (SELECT place, p_amount * share AS exact,
                           trunc(p_amount * share, 2) AS cut
                      FROM unnest(p_shares) WITH ORDINALITY AS s(share, place)) AS t) AS u;
$$;
"""

LIMITS = """
CREATE FUNCTION huiqi_shared_limits(p_city text, p_programme bigint, p_year int)
RETURNS TABLE (key text, kind text, heat int, lim numeric, budget bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT 'pool:' || p.code || ':' || p.year, 'pool', 9, p."limit", NULL
      FROM incentives_pool p
     WHERE p.city_id = p_city AND p.year = p_year
       AND (EXISTS (SELECT 1 FROM incentives_pool_programmes m
                     WHERE m.pool_id = p.id AND m.programme_id = p_programme)
            OR NOT EXISTS (SELECT 1 FROM incentives_pool_programmes m WHERE m.pool_id = p.id))
    UNION ALL
    SELECT 'budget:' || b.id, 'budget', CASE WHEN b.programme_id IS NULL THEN 8 ELSE 6 END,
           b.planned, b.id
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
     WHERE f.city_id = p_city AND b.year = p_year AND b.opened
       AND (b.programme_id = p_programme
            OR b.programme_id IS NULL AND EXISTS (
               SELECT 1 FROM incentives_fund_programmes m
                WHERE m.fund_id = f.id AND m.programme_id = p_programme));
$$;
"""

RESERVE = """
DROP FUNCTION huiqi_reserve(text, text, bigint, bigint, bigint, bigint, bigint, text, text, numeric,
    timestamptz, bigint, text, text[], text[], text[], int[], numeric[]);

CREATE FUNCTION huiqi_reserve(
    p_city text, p_case text, p_programme bigint, p_version bigint, p_applicant bigint,
    p_bureau bigint, p_district bigint, p_verb text, p_payer text, p_assessed numeric,
    p_at timestamptz, p_actor bigint, p_reason text,
    p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[],
    p_payers text[], p_shares numeric[]
) RETURNS TABLE (award bigint, granted numeric, cuts jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    v_city numeric := CASE p_payer WHEN 'city' THEN 1 WHEN 'shared'
        THEN coalesce(p_shares[array_position(p_payers, 'city')], 0) ELSE 0 END;
    v_excess jsonb;
    v_budget bigint;
    v_room numeric;
    v_limit numeric;
    v_id bigint;
    v_stood numeric;
    v_used numeric;
    v_ids bigint[] := '{}';
    v_kinds text[] := '{}';
    v_units text[] := '{}';
    v_times int[] := '{}';
    v_new_limits numeric[] := '{}';
    v_parts numeric[];
    v_part numeric;
    v_entry bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || p_city));
    SELECT jsonb_object_agg(x.key, x.amount) INTO v_excess FROM incentives_capexcess x
     WHERE x.city_id = p_city AND x.case_number = p_case AND x.approved_by_id IS NOT NULL;
    granted := p_assessed;
    cuts := '[]';
    FOR r IN
        SELECT k.key, k.kind, k.unit, k.heat, k.lim,
               CASE k.unit WHEN 'rows' THEN count(*)::int ELSE 1 END AS times,
               NULL::bigint AS budget
          FROM unnest(p_keys, p_kinds, p_units, p_heats, p_limits)
            AS k(key, kind, unit, heat, lim)
         GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT s.key, s.kind, 'yuan', s.heat, s.lim, 1, s.budget
          FROM huiqi_shared_limits(p_city, p_programme, v_year) s WHERE v_city > 0
        ORDER BY heat, key
    LOOP
        SELECT c.id, c."limit", c.used INTO v_id, v_stood, v_used FROM incentives_counter c
         WHERE c.city_id = p_city AND c.key = r.key FOR UPDATE;
        IF NOT FOUND THEN
            INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
            VALUES (p_city, r.key, r.kind, r.unit, r.heat, r.lim, 0)
            ON CONFLICT (city_id, key) DO NOTHING;
            SELECT c.id, c."limit", c.used INTO STRICT v_id, v_stood, v_used
              FROM incentives_counter c
             WHERE c.city_id = p_city AND c.key = r.key FOR UPDATE;
        END IF;
        v_limit := CASE
            WHEN r.kind = 'tally' OR r.kind = 'event' AND r.unit = 'yuan'
                THEN greatest(v_stood, r.lim)
            ELSE r.lim
        END;
        v_room := greatest(v_limit - v_used, 0) + coalesce((v_excess ->> r.key)::numeric, 0);
        IF r.kind = 'tally' THEN -- counted for a reading that is not the one in force: no limit
            v_room := p_assessed;
        ELSIF r.unit <> 'yuan' THEN
            v_room := CASE WHEN v_room >= r.times THEN p_assessed ELSE 0 END;
        ELSIF r.kind IN ('pool', 'budget') AND v_city < 1 THEN
            v_room := trunc(v_room / v_city, 2);
        END IF;
        IF v_room < p_assessed THEN
            cuts := cuts || jsonb_build_object(
                'key', r.key, 'kind', r.kind, 'unit', r.unit, 'limit', v_limit::text,
                'used', v_used::text, 'room', v_room::text);
        END IF;
        granted := least(granted, v_room);
        IF r.budget IS NOT NULL AND (v_budget IS NULL OR r.heat = 6) THEN
            v_budget := r.budget;
        END IF;
        v_ids := v_ids || v_id;
        v_kinds := v_kinds || r.kind;
        v_units := v_units || r.unit;
        v_times := v_times || r.times;
        v_new_limits := v_new_limits
            || CASE r.kind WHEN 'tally' THEN greatest(v_limit, v_used) ELSE v_limit END;
    END LOOP;
    IF granted <= 0 THEN
        granted := 0;
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO incentives_award (
        city_id, case_number, programme_id, version_id, applicant_id, bureau_id, district_id, verb,
        payer, state, assessed, amount, cuts, approval_year, approved_at, budget_id)
    VALUES (
        p_city, p_case, p_programme, p_version, p_applicant, p_bureau, p_district, p_verb,
        p_payer, 'reserved', p_assessed, granted, cuts, v_year, p_at, v_budget)
    RETURNING id INTO award;
    v_part := granted;
    IF p_payer = 'shared' THEN
        v_parts := huiqi_split(granted, p_shares);
        v_part := v_parts[array_position(p_payers, 'city')];
        INSERT INTO incentives_awardshare (award_id, payer, share, amount)
        SELECT award, s.payer, s.share, s.part
          FROM unnest(p_payers, p_shares, v_parts) AS s(payer, share, part);
    END IF;
    v_entry := huiqi_post(award, NULL, 'reserved', granted, p_at, p_actor, p_reason);
    INSERT INTO applicants_event (city_id, kind, subject, actor_id, at, reason, data)
    VALUES (p_city, 'money.reserved', p_case, p_actor, p_at, p_reason, jsonb_build_object(
        'award', award, 'assessed', p_assessed::text, 'granted', granted::text));
    UPDATE incentives_counter c
       SET used = c.used + t.taken, kind = t.kind,
           "limit" = CASE t.kind WHEN 'tally' THEN greatest(t.lim, c.used + t.taken)
                                 ELSE t.lim END,
           carried = CASE WHEN v_excess IS NULL THEN c.carried
                          ELSE greatest(c.carried, c.used + t.taken - t.lim) END
      FROM (SELECT u.id, u.kind, u.lim,
                   CASE WHEN u.kind IN ('pool', 'budget') THEN v_part
                        WHEN u.unit = 'yuan' THEN granted ELSE u.times END AS taken
              FROM unnest(v_ids, v_kinds, v_units, v_times, v_new_limits)
                AS u(id, kind, unit, times, lim)) AS t
     WHERE c.id = t.id;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT t.id, v_entry, award,
           CASE WHEN t.kind IN ('pool', 'budget') THEN v_part
                WHEN t.unit = 'yuan' THEN granted ELSE t.times END,
           CASE WHEN t.unit = 'yuan' THEN p_assessed ELSE t.times END
      FROM unnest(v_ids, v_kinds, v_units, v_times) AS t(id, kind, unit, times);
    RETURN NEXT;
END $$;
"""

POST = """
CREATE FUNCTION huiqi_parts(p_award bigint, p_amount numeric)
RETURNS TABLE (payer text, part numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.payer, t.part
      FROM (SELECT array_agg(payer ORDER BY id) AS payers, array_agg(share ORDER BY id) AS shares
              FROM incentives_awardshare WHERE award_id = p_award) AS s,
           unnest(s.payers, huiqi_split(p_amount, s.shares)) AS t(payer, part);
$$;

CREATE OR REPLACE FUNCTION huiqi_post(
    p_award bigint, p_line bigint, p_stage text, p_amount numeric, p_at timestamptz,
    p_actor bigint, p_reason text
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- One entry for each payer of a shared award; a payment is one payer's. The city's comes first.
    INSERT INTO incentives_ledgerentry (
        city_id, stage, amount, posted_at, year, approval_year, award_id, line_id, budget_id,
        case_number, programme_id, verb, payer, bureau_id, district_id, applicant_id, payee_id,
        actor_id, reason)
    SELECT a.city_id, p_stage, p.part, p_at, extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai'),
           a.approval_year, a.id, p_line, a.budget_id, a.case_number, a.programme_id, a.verb,
           p.payer, a.bureau_id, a.district_id, a.applicant_id, l.payee_id, p_actor, p_reason
      FROM incentives_award a
      LEFT JOIN incentives_payoutline l ON l.id = p_line
      LEFT JOIN incentives_instalment i ON i.id = l.instalment_id
     CROSS JOIN LATERAL (
           SELECT coalesce(i.payer, a.payer) AS payer, p_amount AS part
            WHERE a.payer <> 'shared' OR p_line IS NOT NULL
           UNION ALL
           SELECT s.payer, s.part FROM huiqi_parts(a.id, p_amount) s
            WHERE a.payer = 'shared' AND p_line IS NULL) AS p
     WHERE a.id = p_award AND p.part > 0 ORDER BY p.payer
    RETURNING id;
$$;
"""

MANY = """
CREATE FUNCTION huiqi_reserve_many(
    p_city text, p_cases text[], p_programmes bigint[], p_versions bigint[], p_applicants bigint[],
    p_bureaus bigint[], p_districts bigint[], p_verbs text[], p_payers text[], p_assessed numeric[],
    p_at timestamptz, p_actor bigint, p_reasons text[],
    p_of int[], p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[]
) RETURNS TABLE (place int, award bigint, granted numeric, cuts jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    v_excess jsonb;
    -- what is asked, by case and in the order of the locks
    a_of int[]; a_keys text[]; a_kinds text[]; a_units text[]; a_lims numeric[]; a_times int[];
    a_budgets bigint[]; a_heats int[]; a_slot int[];
    -- the counters, by slot
    c_keys text[] := '{}'; c_ids bigint[] := '{}'; c_kinds text[] := '{}';
    c_used numeric[] := '{}'; c_limits numeric[] := '{}';
    -- what comes of it, by case
    g_amounts numeric[] := '{}'; g_cuts jsonb[] := '{}'; g_budgets bigint[] := '{}';
    g_awards bigint[]; g_entries bigint[];
    v_first int := 1; v_last int; v_place int; v_slot int;
    v_id bigint; v_stood numeric; v_used numeric;
    v_limit numeric; v_room numeric; v_granted numeric; v_cuts jsonb; v_budget bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || p_city));
    SELECT jsonb_object_agg(x.case_number || '|' || x.key, x.amount) INTO v_excess
      FROM incentives_capexcess x
     WHERE x.city_id = p_city AND x.case_number = ANY (p_cases) AND x.approved_by_id IS NOT NULL;
    WITH asked AS (
        SELECT k.of, k.key, k.kind, k.unit, k.heat, k.lim,
               CASE k.unit WHEN 'rows' THEN count(*)::int ELSE 1 END AS times,
               NULL::bigint AS budget
          FROM unnest(p_of, p_keys, p_kinds, p_units, p_heats, p_limits)
            AS k(of, key, kind, unit, heat, lim)
         GROUP BY 1, 2, 3, 4, 5, 6
        UNION ALL
        SELECT c.of, s.key, s.kind, 'yuan', s.heat, s.lim, 1, s.budget
          FROM unnest(p_programmes, p_payers) WITH ORDINALITY AS c(programme, payer, of)
          JOIN (SELECT d.programme, l.*
                  FROM (SELECT DISTINCT unnest(p_programmes) AS programme) AS d,
                       huiqi_shared_limits(p_city, d.programme, v_year) AS l) AS s
            ON s.programme = c.programme
         WHERE c.payer = 'city'
    )
    SELECT array_agg(of ORDER BY of, heat, key), array_agg(key ORDER BY of, heat, key),
           array_agg(kind ORDER BY of, heat, key), array_agg(unit ORDER BY of, heat, key),
           array_agg(lim ORDER BY of, heat, key), array_agg(times ORDER BY of, heat, key),
           array_agg(budget ORDER BY of, heat, key), array_agg(heat ORDER BY of, heat, key)
      INTO a_of, a_keys, a_kinds, a_units, a_lims, a_times, a_budgets, a_heats FROM asked;
    FOR r IN
        SELECT DISTINCT ON (k.heat, k.key) k.heat, k.key, k.kind, k.unit, k.lim
          FROM unnest(a_of, a_keys, a_kinds, a_units, a_heats, a_lims)
            AS k(of, key, kind, unit, heat, lim)
         ORDER BY k.heat, k.key, k.of -- a new counter begins with the limit of the first that asks
    LOOP
        SELECT c.id, c."limit", c.used INTO v_id, v_stood, v_used FROM incentives_counter c
         WHERE c.city_id = p_city AND c.key = r.key FOR UPDATE;
        IF NOT FOUND THEN
            INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
            VALUES (p_city, r.key, r.kind, r.unit, r.heat, r.lim, 0)
            ON CONFLICT (city_id, key) DO NOTHING;
            SELECT c.id, c."limit", c.used INTO STRICT v_id, v_stood, v_used
              FROM incentives_counter c
             WHERE c.city_id = p_city AND c.key = r.key FOR UPDATE;
        END IF;
        c_keys := c_keys || r.key; c_ids := c_ids || v_id; c_kinds := c_kinds || r.kind;
        c_used := c_used || v_used; c_limits := c_limits || v_stood;
    END LOOP;
    SELECT array_agg(c.slot::int ORDER BY a.ord) INTO a_slot
      FROM unnest(a_keys) WITH ORDINALITY AS a(key, ord)
      JOIN unnest(c_keys) WITH ORDINALITY AS c(key, slot) ON c.key = a.key;
    FOR v_place IN 1 .. cardinality(p_cases) LOOP
        v_granted := p_assessed[v_place]; v_cuts := '[]'; v_budget := NULL;
        v_last := v_first - 1;
        WHILE a_of[v_last + 1] = v_place LOOP
            v_last := v_last + 1;
            v_slot := a_slot[v_last];
            v_limit := CASE
                WHEN a_kinds[v_last] = 'tally'
                  OR a_kinds[v_last] = 'event' AND a_units[v_last] = 'yuan'
                    THEN greatest(c_limits[v_slot], a_lims[v_last])
                ELSE a_lims[v_last]
            END;
            v_room := greatest(v_limit - c_used[v_slot], 0);
            IF v_excess IS NOT NULL THEN
                v_room := v_room + coalesce(
                    (v_excess ->> (p_cases[v_place] || '|' || a_keys[v_last]))::numeric, 0);
            END IF;
            IF a_kinds[v_last] = 'tally' THEN
                v_room := p_assessed[v_place];
            ELSIF a_units[v_last] <> 'yuan' THEN
                v_room := CASE WHEN v_room >= a_times[v_last] THEN p_assessed[v_place] ELSE 0 END;
            END IF;
            IF v_room < p_assessed[v_place] THEN
                v_cuts := v_cuts || jsonb_build_object(
                    'key', a_keys[v_last], 'kind', a_kinds[v_last], 'unit', a_units[v_last],
                    'limit', v_limit::text, 'used', c_used[v_slot]::text, 'room', v_room::text);
                v_granted := least(v_granted, v_room);
            END IF;
            IF a_budgets[v_last] IS NOT NULL AND (v_budget IS NULL OR a_heats[v_last] = 6) THEN
                v_budget := a_budgets[v_last];
            END IF;
        END LOOP;
        v_granted := greatest(v_granted, 0);
        IF v_granted > 0 THEN
            FOR i IN v_first .. v_last LOOP
                v_slot := a_slot[i];
                c_limits[v_slot] := CASE
                    WHEN a_kinds[i] = 'tally' THEN greatest(c_limits[v_slot], a_lims[i],
                        c_used[v_slot] + CASE a_units[i] WHEN 'yuan' THEN v_granted
                                                         ELSE a_times[i] END)
                    WHEN a_kinds[i] = 'event' AND a_units[i] = 'yuan'
                        THEN greatest(c_limits[v_slot], a_lims[i])
                    ELSE a_lims[i] END;
                c_kinds[v_slot] := a_kinds[i];
                c_used[v_slot] := c_used[v_slot]
                    + CASE a_units[i] WHEN 'yuan' THEN v_granted ELSE a_times[i] END;
            END LOOP;
        END IF;
        g_amounts := g_amounts || v_granted; g_cuts := g_cuts || v_cuts;
        g_budgets := g_budgets || v_budget;
        v_first := v_last + 1;
    END LOOP;
    WITH written AS (
        INSERT INTO incentives_award (
            city_id, case_number, programme_id, version_id, applicant_id, bureau_id, district_id,
            verb, payer, state, assessed, amount, cuts, approval_year, approved_at, budget_id)
        SELECT p_city, t.number, t.programme, t.version, t.applicant, t.bureau, t.district,
               t.verb, t.payer, 'reserved', t.assessed, t.amount, t.cuts, v_year, p_at, t.budget
          FROM unnest(p_cases, p_programmes, p_versions, p_applicants, p_bureaus, p_districts,
                      p_verbs, p_payers, p_assessed, g_amounts, g_cuts, g_budgets)
            AS t(number, programme, version, applicant, bureau, district, verb, payer, assessed,
                 amount, cuts, budget)
         WHERE t.amount > 0
        RETURNING id, case_number
    )
    SELECT array_agg(w.id ORDER BY c.place) INTO g_awards
      FROM unnest(p_cases) WITH ORDINALITY AS c(number, place)
      LEFT JOIN written w ON w.case_number = c.number;
    WITH written AS (
        INSERT INTO incentives_ledgerentry (
            city_id, stage, amount, posted_at, year, approval_year, award_id, budget_id,
            case_number, programme_id, verb, payer, bureau_id, district_id, applicant_id, actor_id,
            reason)
        SELECT p_city, 'reserved', t.amount, p_at, v_year, v_year, t.award, t.budget, t.number,
               t.programme, t.verb, t.payer, t.bureau, t.district, t.applicant, p_actor, t.reason
          FROM unnest(g_awards, g_amounts, g_budgets, p_cases, p_programmes, p_verbs, p_payers,
                      p_bureaus, p_districts, p_applicants, p_reasons) WITH ORDINALITY
            AS t(award, amount, budget, number, programme, verb, payer, bureau, district,
                 applicant, reason, place)
         WHERE t.award IS NOT NULL ORDER BY t.place
        RETURNING id, award_id
    )
    SELECT array_agg(w.id ORDER BY g.place) INTO g_entries
      FROM unnest(g_awards) WITH ORDINALITY AS g(award, place)
      LEFT JOIN written w ON w.award_id = g.award;
    INSERT INTO applicants_event (city_id, kind, subject, actor_id, at, reason, data)
    SELECT p_city, 'money.reserved', t.number, p_actor, p_at, t.reason, jsonb_build_object(
               'award', t.award, 'assessed', t.assessed::text, 'granted', t.amount::text)
      FROM unnest(p_cases, g_awards, p_assessed, g_amounts, p_reasons) WITH ORDINALITY
        AS t(number, award, assessed, amount, reason, place)
     WHERE t.award IS NOT NULL ORDER BY t.place;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT c_ids[a.slot], g_entries[a.of], g_awards[a.of],
           CASE a.unit WHEN 'yuan' THEN g_amounts[a.of] ELSE a.times END,
           CASE a.unit WHEN 'yuan' THEN p_assessed[a.of] ELSE a.times END
      FROM unnest(a_of, a_slot, a_units, a_times) AS a(of, slot, unit, times)
     WHERE g_awards[a.of] IS NOT NULL;
    UPDATE incentives_counter c
       SET used = t.used, "limit" = t.lim, kind = t.kind,
           carried = CASE WHEN v_excess IS NULL THEN c.carried
                          ELSE greatest(c.carried, t.used - t.lim) END
      FROM unnest(c_ids, c_used, c_limits, c_kinds) AS t(id, used, lim, kind)
     WHERE c.id = t.id AND (c.used, c."limit", c.kind) IS DISTINCT FROM (t.used, t.lim, t.kind);
    RETURN QUERY
        SELECT t.place::int, t.award, t.amount, t.cuts
          FROM unnest(g_awards, g_amounts, g_cuts) WITH ORDINALITY
            AS t(award, amount, cuts, place);
END $$;
"""

CHANGE = """
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
     WHERE city_id = v_budget.city_id AND key = 'budget:' || p_budget FOR UPDATE;
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
    SELECT v_counter, a.entry, a.award, a.part, a.part FROM huiqi_budget_awards(p_budget) a;
    UPDATE incentives_award w SET budget_id = p_budget
      FROM huiqi_budget_awards(p_budget) a
     WHERE w.id = a.award AND (w.budget_id IS NULL OR v_budget.programme_id IS NOT NULL);
END $$;

CREATE FUNCTION huiqi_budget_awards(p_budget bigint)
RETURNS TABLE (award bigint, entry bigint, part numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- What the budget's year had approved before the budget was opened, the city's part of it.
    SELECT a.id, min(e.id),
           coalesce((SELECT s.amount FROM incentives_awardshare s
                      WHERE s.award_id = a.id AND s.payer = 'city'), a.amount)
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
      JOIN incentives_award a ON a.city_id = f.city_id AND a.approval_year = b.year
      JOIN incentives_ledgerentry e ON e.award_id = a.id AND e.stage = 'reserved'
     WHERE b.id = p_budget AND a.state <> 'released' AND a.payer IN ('city', 'shared')
       AND (a.programme_id = b.programme_id
            OR b.programme_id IS NULL AND EXISTS (
               SELECT 1 FROM incentives_fund_programmes m
                WHERE m.fund_id = f.id AND m.programme_id = a.programme_id))
     GROUP BY a.id;
$$;
"""

POOLS = """
DROP FUNCTION huiqi_sync_pool(bigint);
DROP FUNCTION huiqi_pool_awards(bigint);

CREATE FUNCTION huiqi_pool_awards(p_pool bigint)
RETURNS TABLE (award bigint, entry bigint, part numeric, assessed numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.id, min(e.id),
           coalesce((SELECT s.amount FROM incentives_awardshare s
                      WHERE s.award_id = a.id AND s.payer = 'city'), a.amount), a.assessed
      FROM incentives_award a JOIN incentives_pool p ON p.id = p_pool
      JOIN incentives_ledgerentry e ON e.award_id = a.id AND e.stage IN ('reserved', 'opening')
     WHERE a.city_id = p.city_id AND a.approval_year = p.year AND a.state <> 'released'
       AND a.payer IN ('city', 'shared')
       AND (EXISTS (SELECT 1 FROM incentives_pool_programmes m
                     WHERE m.pool_id = p.id AND m.programme_id = a.programme_id)
            OR NOT EXISTS (SELECT 1 FROM incentives_pool_programmes m WHERE m.pool_id = p.id))
     GROUP BY a.id;
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
CREATE TRIGGER huiqi_year_is_open BEFORE INSERT ON incentives_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION huiqi_year_is_open();
"""

CALLED = [
    "huiqi_reserve(text, text, bigint, bigint, bigint, bigint, bigint, text, text, numeric, timestamptz, bigint, text, text[], text[], text[], int[], numeric[], text[], numeric[])",
    "huiqi_reserve_many(text, text[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], text[], numeric[], timestamptz, bigint, text[], int[], text[], text[], text[], int[], numeric[])",
    "huiqi_change_budget(bigint, bigint, timestamptz)",
    "huiqi_sync_pool(bigint)",
]
INNER = [
    "huiqi_split(numeric, numeric[])",
    "huiqi_shared_limits(text, bigint, int)",
    "huiqi_parts(bigint, numeric)",
    "huiqi_put_in_budget(bigint, numeric)",
    "huiqi_budget_awards(bigint)",
    "huiqi_pool_awards(bigint)",
]
ROLE = settings.APPLICATION_DB_ROLE
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {", ".join(CALLED + INNER)} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {", ".join(CALLED)} TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0016_seal_ledger")]

    operations = [
        migrations.AddField(
            model_name="budget",
            name="opened",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="opened"
            ),
        ),
        *(
            migrations.RunSQL(sql, migrations.RunSQL.noop)
            for sql in (
                SPLIT,
                LIMITS,
                POST,
                RESERVE,
                MANY,
                POOLS,
                CHANGE,
                CLOSED,
                PRIVILEGES,
            )
        ),
    ]
