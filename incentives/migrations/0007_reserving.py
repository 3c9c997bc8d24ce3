"""An award is assessed and reserved under the locks of what limits it, the hottest taken last.

`huiqi_look` locks every counter that a case will pass, in the one order, and tells what each has
used: the case is assessed on that and reserved in the same transaction. `huiqi_reserve` passes the
caps of the case, then the budgets of the year, and the pools last. A pool or budget counts the
city's share of an award; an excess that two have signed adds to the room of its cap. A key is taken
as often as it is named, so that two rows of one person count twice. `huiqi_reserve_many` decides a
batch, in its order, exactly as `huiqi_reserve` would one by one.

A counter of an event begins with nothing, and rises with what is granted: a denied award leaves no
entitlement behind, by which others of the event could take more together than any is entitled to.

`huiqi_reserve` reads pools and budgets, and writes the entry of an award with one payer, in
statements of its own, whose plans are kept: functions with rights of their own are entered anew
each time, while every other award waits for the budget's row. Its statements find single rows by
their keys; planned for each call they take a third longer.

What most awards want (`heat` of 5 and more: a programme's ceiling, budgets, pools) is taken last, when
all is written and every foreign key checked, by an update that asks whether it still has room for
all that was assessed. That leaves others to wait for little more than a commit. Where it may not
suffice, seen beforehand or at the last moment, what was written is undone and the row is waited for
and locked first, so that what is granted is cut to what it leaves.

Counters are found by an index, whatever PostgreSQL thinks of the table (`enable_seqscan`): a plan
that was made while a city had no counters is kept, and a batch that makes thousands of them would
read the growing table from its beginning for each.

`huiqi_reserve_many` decides a batch in its order under every limit but the budgets that are given
pro rata, then shares each of these by largest remainder to the fen, by what the other limits left;
equals by case number. What was asked, the room and every share are kept. That is a sharing out, and
said to be one (`p_sharing`): otherwise both refuse what such a budget is asked for (HQ013), for all
that wait are to be served together.
"""

from django.conf import settings
from django.db import migrations

# The pools and budgets that an award runs into; `huiqi_reserve` reads them without a call.
SHARED = """
    SELECT 'pool:' || p.code || ':' || p.year, 'pool', 9, p."limit", NULL::bigint, false
      FROM incentives_pool p
     WHERE p.city_id = p_city AND p.year = p_year
       AND (EXISTS (SELECT 1 FROM incentives_pool_programmes m
                     WHERE m.pool_id = p.id AND m.programme_id = p_programme)
            OR NOT EXISTS (SELECT 1 FROM incentives_pool_programmes m WHERE m.pool_id = p.id))
    UNION ALL
    SELECT 'budget:' || b.id, 'budget', CASE WHEN b.programme_id IS NULL THEN 8 ELSE 6 END,
           b.planned, b.id, b.allotment = 'pro_rata'
      FROM incentives_budget b JOIN incentives_fund f ON f.id = b.fund_id
     WHERE f.city_id = p_city AND b.year = p_year AND b.opened
       AND (b.programme_id = p_programme
            OR b.programme_id IS NULL AND EXISTS (
               SELECT 1 FROM incentives_fund_programmes m
                WHERE m.fund_id = f.id AND m.programme_id = p_programme))"""

LIMITS = (
    """
CREATE FUNCTION huiqi_shared_limits(p_city text, p_programme bigint, p_year int)
RETURNS TABLE (key text, kind text, heat int, lim numeric, budget bigint, pro_rata boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$"""
    + SHARED
    + """;
$$;
"""
)

LOOK = """
CREATE FUNCTION huiqi_look(
    p_city text, p_keys text[], p_kinds text[], p_units text[], p_heats int[]
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
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
         WHERE city_id = p_city AND key = r.key FOR NO KEY UPDATE;
        v_found := v_found || jsonb_build_object(r.key, v_used::text);
    END LOOP;
    RETURN v_found;
END $$;
"""

RESERVE = (
    """
CREATE FUNCTION huiqi_reserve(
    p_city text, p_case text, p_programme bigint, p_version bigint, p_applicant bigint,
    p_bureau bigint, p_district bigint, p_verb text, p_payer text, p_assessed numeric,
    p_at timestamptz, p_actor bigint, p_reason text,
    p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[],
    p_payers text[], p_shares numeric[]
) RETURNS TABLE (award bigint, granted numeric, cuts jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    v_city numeric := CASE p_payer WHEN 'city' THEN 1 WHEN 'shared'
        THEN coalesce(p_shares[array_position(p_payers, 'city')], 0) ELSE 0 END;
    v_excess jsonb;
    v_waits boolean; -- for the rows that everybody wants, before anything is written
    v_locked int;    -- how many of v_ids are
    v_budget bigint;
    v_room numeric;
    v_limit numeric;
    v_id bigint;
    v_stood numeric;
    v_used numeric;
    v_ids bigint[];
    v_kinds text[];
    v_units text[];
    v_times int[];
    v_new_limits numeric[];
    v_parts numeric[];
    v_part numeric;
    v_entry bigint;
    r record;
BEGIN
    IF huiqi_whole_fen(p_assessed) IS NOT TRUE THEN
        RAISE EXCEPTION '%', p_assessed USING ERRCODE = 'HQ020';
    END IF;
    IF huiqi_is_shared(p_keys) THEN
        RAISE EXCEPTION '%', p_keys USING ERRCODE = 'HQ046';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || p_city));
    SELECT jsonb_object_agg(x.key, x.amount) INTO v_excess FROM incentives_capexcess x
     WHERE x.city_id = p_city AND x.case_number = p_case AND x.approved_by_id IS NOT NULL
       AND x.lapsed_at IS NULL;
    v_waits := v_excess IS NOT NULL;
    <<passes>> LOOP
        award := NULL; granted := p_assessed; cuts := '[]'; v_budget := NULL; v_locked := 0;
        v_ids := '{}'; v_kinds := '{}'; v_units := '{}'; v_times := '{}'; v_new_limits := '{}';
        FOR r IN
            SELECT k.key, k.kind, k.unit, k.heat, k.lim,
                   CASE k.unit WHEN 'rows' THEN count(*)::int ELSE 1 END AS times,
                   NULL::bigint AS budget, false AS pro_rata
              FROM unnest(p_keys, p_kinds, p_units, p_heats, p_limits)
                AS k(key, kind, unit, heat, lim)
             GROUP BY 1, 2, 3, 4, 5
            UNION ALL
            SELECT s.key, s.kind, 'yuan', s.heat, s.lim, 1, s.budget, s.pro_rata
              FROM ("""
    + SHARED.replace("p_year", "v_year")
    + """) AS s(key, kind, heat, lim, budget, pro_rata) WHERE v_city > 0
            ORDER BY heat, key
        LOOP
            IF r.pro_rata THEN
                RAISE EXCEPTION '%', r.key USING ERRCODE = 'HQ013';
            END IF;
            IF r.heat < 5 OR v_waits THEN
                SELECT c.id, c."limit", c.used INTO v_id, v_stood, v_used FROM incentives_counter c
                 WHERE c.city_id = p_city AND c.key = r.key FOR NO KEY UPDATE;
                IF NOT FOUND THEN
                    INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
                    VALUES (p_city, r.key, r.kind, r.unit, r.heat,
                            CASE WHEN r.kind IN ('event', 'tally') AND r.unit = 'yuan' THEN 0
                                 ELSE r.lim END, 0)
                    ON CONFLICT (city_id, key) DO NOTHING;
                    SELECT c.id, c."limit", c.used INTO STRICT v_id, v_stood, v_used
                      FROM incentives_counter c
                     WHERE c.city_id = p_city AND c.key = r.key FOR NO KEY UPDATE;
                END IF;
                v_locked := v_locked + 1;
            ELSE
                SELECT c.id, c.used INTO v_id, v_used FROM incentives_counter c
                 WHERE c.city_id = p_city AND c.key = r.key AND c.kind = r.kind;
                IF NOT FOUND OR r.unit <> 'yuan' OR r.kind NOT IN ('cap', 'pool', 'budget') THEN
                    v_waits := true;
                    CONTINUE passes;
                END IF;
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
                IF r.heat >= 5 AND NOT v_waits THEN
                    v_waits := true;
                    CONTINUE passes;
                END IF;
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
        BEGIN
            INSERT INTO incentives_award (
                city_id, case_number, programme_id, version_id, applicant_id, bureau_id,
                district_id, verb, payer, state, assessed, amount, cuts, approval_year, approved_at,
                budget_id)
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
                v_entry := huiqi_post(award, NULL, 'reserved', granted, p_at, p_actor, p_reason);
            ELSE
                INSERT INTO incentives_ledgerentry (
                    city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id,
                    budget_id, case_number, programme_id, verb, payer, bureau_id, district_id,
                    applicant_id, actor_id, reason)
                VALUES (
                    p_city, 'reserved', granted, p_at, v_year, v_year, v_year, award, v_budget,
                    p_case, p_programme, p_verb, p_payer, p_bureau, p_district, p_applicant,
                    p_actor, p_reason)
                RETURNING id INTO v_entry;
            END IF;
            INSERT INTO applicants_event (city_id, kind, subject, actor_id, at, reason, data)
            VALUES (p_city, 'money.reserved', p_case, p_actor, p_at, p_reason, jsonb_build_object(
                'award', award, 'assessed', p_assessed::text, 'granted', granted::text));
            INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
            SELECT t.id, v_entry, award,
                   CASE WHEN t.kind IN ('pool', 'budget') THEN v_part
                        WHEN t.unit = 'yuan' THEN granted ELSE t.times END,
                   CASE WHEN t.unit = 'yuan' THEN p_assessed ELSE t.times END
              FROM unnest(v_ids, v_kinds, v_units, v_times) AS t(id, kind, unit, times);
            UPDATE incentives_counter c
               SET used = c.used + t.taken, kind = t.kind,
                   "limit" = CASE t.kind WHEN 'tally' THEN greatest(t.lim, c.used + t.taken)
                                         ELSE t.lim END,
                   carried = CASE WHEN v_excess IS NULL THEN c.carried
                                  ELSE greatest(c.carried, c.used + t.taken - t.lim) END
              FROM (SELECT u.id, u.kind, u.lim,
                           CASE WHEN u.kind IN ('pool', 'budget') THEN v_part
                                WHEN u.unit = 'yuan' THEN granted ELSE u.times END AS taken
                      FROM unnest(v_ids[:v_locked], v_kinds, v_units, v_times, v_new_limits)
                        AS u(id, kind, unit, times, lim)) AS t
             WHERE c.id = t.id;
            FOR i IN v_locked + 1 .. cardinality(v_ids) LOOP
                UPDATE incentives_counter c
                   SET used = c.used + CASE v_kinds[i] WHEN 'cap' THEN granted ELSE v_part END,
                       "limit" = v_new_limits[i]
                 WHERE c.id = v_ids[i]
                   AND c.used + p_assessed * CASE v_kinds[i] WHEN 'cap' THEN 1 ELSE v_city END
                       <= v_new_limits[i];
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'others took it meanwhile' USING ERRCODE = 'HQ021';
                END IF;
            END LOOP;
            RETURN NEXT;
            RETURN;
        EXCEPTION WHEN SQLSTATE 'HQ021' THEN
            v_waits := true;
        END;
    END LOOP;
END $$;
"""
)

RESERVE_MANY = """
CREATE FUNCTION huiqi_decide_many(
    p_waits boolean,
    p_city text, p_cases text[], p_programmes bigint[], p_versions bigint[], p_applicants bigint[],
    p_bureaus bigint[], p_districts bigint[], p_verbs text[], p_payers text[], p_assessed numeric[],
    p_at timestamptz, p_actor bigint, p_reasons text[], p_sharing boolean,
    p_of int[], p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[]
) RETURNS TABLE (place int, award bigint, granted numeric, cuts jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    v_year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
    v_excess jsonb;
    -- what is asked, by case and in the order of the locks
    a_of int[]; a_keys text[]; a_kinds text[]; a_units text[]; a_lims numeric[]; a_times int[];
    a_budgets bigint[]; a_heats int[]; a_pro boolean[]; a_slot int[];
    -- the counters, by slot
    c_keys text[] := '{}'; c_ids bigint[] := '{}'; c_kinds text[] := '{}';
    c_used numeric[] := '{}'; c_limits numeric[] := '{}';
    -- the counters taken last, and what they may have had used by then
    l_slots int[] := '{}'; l_most numeric[] := '{}';
    -- what comes of it, by case
    g_amounts numeric[] := '{}'; g_cuts jsonb[] := '{}'; g_budgets bigint[] := '{}';
    g_awards bigint[]; g_entries bigint[];
    -- what pro rata budgets leave of it, by share
    s_sharings bigint[] := '{}'; s_of int[] := '{}'; s_asked numeric[] := '{}';
    s_shares numeric[] := '{}';
    b_kinds text[]; b_used numeric[]; b_limits numeric[]; -- the counters as they were found
    v_passes int; v_sharing bigint;
    v_first int; v_last int; v_place int; v_slot int;
    v_id bigint; v_stood numeric; v_used numeric;
    v_limit numeric; v_room numeric; v_granted numeric; v_cuts jsonb; v_budget bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || p_city));
    SELECT jsonb_object_agg(x.case_number || '|' || x.key, x.amount) INTO v_excess
      FROM incentives_capexcess x
     WHERE x.city_id = p_city AND x.case_number = ANY (p_cases) AND x.approved_by_id IS NOT NULL
       AND x.lapsed_at IS NULL;
    WITH shared AS MATERIALIZED ( -- looked up once a programme, not once a case
        SELECT d.programme, l.*
          FROM (SELECT DISTINCT unnest(p_programmes) AS programme) AS d,
               huiqi_shared_limits(p_city, d.programme, v_year) AS l
    ), asked AS (
        SELECT k.of, k.key, k.kind, k.unit, k.heat, k.lim,
               CASE k.unit WHEN 'rows' THEN count(*)::int ELSE 1 END AS times,
               NULL::bigint AS budget, false AS pro_rata
          FROM unnest(p_of, p_keys, p_kinds, p_units, p_heats, p_limits)
            AS k(of, key, kind, unit, heat, lim)
         GROUP BY 1, 2, 3, 4, 5, 6
        UNION ALL
        SELECT c.of, s.key, s.kind, 'yuan', s.heat, s.lim, 1, s.budget, s.pro_rata
          FROM unnest(p_programmes, p_payers) WITH ORDINALITY AS c(programme, payer, of)
          JOIN shared AS s ON s.programme = c.programme
         WHERE c.payer = 'city'
    )
    SELECT array_agg(of ORDER BY of, heat, key), array_agg(key ORDER BY of, heat, key),
           array_agg(kind ORDER BY of, heat, key), array_agg(unit ORDER BY of, heat, key),
           array_agg(lim ORDER BY of, heat, key), array_agg(times ORDER BY of, heat, key),
           array_agg(budget ORDER BY of, heat, key), array_agg(heat ORDER BY of, heat, key),
           array_agg(pro_rata ORDER BY of, heat, key)
      INTO a_of, a_keys, a_kinds, a_units, a_lims, a_times, a_budgets, a_heats, a_pro FROM asked;
    IF true = ANY (a_pro) AND NOT p_sharing THEN
        RAISE EXCEPTION '%', a_keys[array_position(a_pro, true)] USING ERRCODE = 'HQ013';
    END IF;
    v_passes := CASE WHEN true = ANY (a_pro) THEN 2 ELSE 1 END;
    p_waits := p_waits OR v_passes = 2 OR v_excess IS NOT NULL;
    FOR r IN
        SELECT DISTINCT ON (k.heat, k.key) k.heat, k.key, k.kind, k.unit, k.lim,
               min(k.lim) OVER w AS least, sum(p_assessed[k.of]) OVER w AS asked
          FROM unnest(a_of, a_keys, a_kinds, a_units, a_heats, a_lims)
            AS k(of, key, kind, unit, heat, lim)
        WINDOW w AS (PARTITION BY k.heat, k.key)
         ORDER BY k.heat, k.key, k.of -- a new counter begins with the limit of the first that asks
    LOOP
        IF p_waits OR r.heat < 5 THEN
            SELECT c.id, c."limit", c.used INTO v_id, v_stood, v_used FROM incentives_counter c
             WHERE c.city_id = p_city AND c.key = r.key FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
                VALUES (p_city, r.key, r.kind, r.unit, r.heat,
                        CASE WHEN r.kind IN ('event', 'tally') AND r.unit = 'yuan' THEN 0
                             ELSE r.lim END, 0)
                ON CONFLICT (city_id, key) DO NOTHING;
                SELECT c.id, c."limit", c.used INTO STRICT v_id, v_stood, v_used
                  FROM incentives_counter c
                 WHERE c.city_id = p_city AND c.key = r.key FOR NO KEY UPDATE;
            END IF;
        ELSE
            SELECT c.id, r.lim, c.used INTO v_id, v_stood, v_used FROM incentives_counter c
             WHERE c.city_id = p_city AND c.key = r.key AND c.kind = r.kind;
            IF NOT FOUND OR v_used + r.asked > r.least OR r.unit <> 'yuan'
               OR r.kind NOT IN ('cap', 'pool', 'budget') THEN
                RAISE EXCEPTION '% may not suffice', r.key USING ERRCODE = 'HQ021';
            END IF;
            l_slots := l_slots || cardinality(c_ids) + 1; l_most := l_most || r.least - r.asked;
        END IF;
        c_keys := c_keys || r.key; c_ids := c_ids || v_id; c_kinds := c_kinds || r.kind;
        c_used := c_used || v_used; c_limits := c_limits || v_stood;
    END LOOP;
    SELECT array_agg(c.slot::int ORDER BY a.ord) INTO a_slot
      FROM unnest(a_keys) WITH ORDINALITY AS a(key, ord)
      JOIN unnest(c_keys) WITH ORDINALITY AS c(key, slot) ON c.key = a.key;
    b_kinds := c_kinds; b_used := c_used; b_limits := c_limits;
    FOR v_pass IN 1 .. v_passes LOOP
        v_first := 1;
        IF v_pass = 2 THEN
            -- Every case is cut by its own limits: now each pro rata budget is shared by what they
            -- leave, the part of a programme before the whole fund, and all is counted anew.
            c_kinds := b_kinds; c_used := b_used; c_limits := b_limits;
            FOR r IN
                SELECT DISTINCT k.heat, k.key, k.budget, k.slot, k.lim
                  FROM unnest(a_heats, a_keys, a_budgets, a_slot, a_lims, a_pro)
                    AS k(heat, key, budget, slot, lim, pro_rata)
                 WHERE k.pro_rata ORDER BY k.heat, k.key
            LOOP
                v_used := c_used[r.slot];
                v_room := greatest(r.lim - v_used, 0);
                INSERT INTO incentives_prorata (budget_id, at, actor_id, planned, used, room, asked, given)
                SELECT r.budget, p_at, p_actor, r.lim, v_used, v_room, t.asked, least(t.asked, v_room)
                  FROM (SELECT sum(g_amounts[a.of]) AS asked
                          FROM unnest(a_of, a_slot) AS a(of, slot) WHERE a.slot = r.slot) AS t
                RETURNING id INTO v_sharing;
                INSERT INTO applicants_event (city_id, kind, subject, actor_id, at, reason, data)
                SELECT p_city, 'budget.shared_out', r.key, p_actor, p_at, '', jsonb_build_object(
                           'sharing', s.id, 'room', v_room::text, 'asked', s.asked::text,
                           'given', s.given::text)
                  FROM incentives_prorata s WHERE s.id = v_sharing;
                FOR v_place, v_stood, v_granted IN
                    SELECT h.of, h.asked, h.share
                      FROM (SELECT array_agg(a.of ORDER BY p_cases[a.of] COLLATE "C") AS ofs,
                                   array_agg(g_amounts[a.of] ORDER BY p_cases[a.of] COLLATE "C")
                                       AS amounts
                              FROM unnest(a_of, a_slot) AS a(of, slot) WHERE a.slot = r.slot) AS q,
                           unnest(q.ofs, q.amounts, huiqi_pro_rata(v_room, q.amounts))
                        AS h(of, asked, share)
                LOOP
                    s_sharings := s_sharings || v_sharing; s_of := s_of || v_place;
                    s_asked := s_asked || v_stood; s_shares := s_shares || v_granted;
                    g_amounts[v_place] := v_granted;
                    IF v_granted < v_stood THEN
                        g_cuts[v_place] := g_cuts[v_place] || jsonb_build_object(
                            'key', r.key, 'kind', 'budget', 'unit', 'yuan', 'limit', r.lim::text,
                            'used', v_used::text, 'room', v_granted::text, 'pro_rata', v_sharing);
                    END IF;
                END LOOP;
            END LOOP;
        END IF;
        FOR v_place IN 1 .. cardinality(p_cases) LOOP
            v_cuts := '[]'; v_budget := NULL;
            v_granted := CASE v_pass WHEN 1 THEN p_assessed[v_place] ELSE g_amounts[v_place] END;
            v_last := v_first - 1;
            WHILE a_of[v_last + 1] = v_place LOOP
                v_last := v_last + 1;
                CONTINUE WHEN v_pass = 2;
                IF a_budgets[v_last] IS NOT NULL AND (v_budget IS NULL OR a_heats[v_last] = 6) THEN
                    v_budget := a_budgets[v_last];
                END IF;
                CONTINUE WHEN a_pro[v_last];
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
            IF v_pass = 1 THEN
                g_amounts := g_amounts || v_granted; g_cuts := g_cuts || v_cuts;
                g_budgets := g_budgets || v_budget;
            END IF;
            v_first := v_last + 1;
        END LOOP;
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
            city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id,
            budget_id, case_number, programme_id, verb, payer, bureau_id, district_id,
            applicant_id, actor_id, reason)
        SELECT p_city, 'reserved', t.amount, p_at, v_year, v_year, v_year, t.award, t.budget,
               t.number, t.programme, t.verb, t.payer, t.bureau, t.district, t.applicant, p_actor, t.reason
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
    INSERT INTO incentives_prorataline (prorata_id, case_number, award_id, asked, share)
    SELECT s.sharing, p_cases[s.of], g_awards[s.of], s.asked, s.share
      FROM unnest(s_sharings, s_of, s_asked, s_shares) WITH ORDINALITY
        AS s(sharing, of, asked, share, place) ORDER BY s.place;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT c_ids[a.slot], g_entries[a.of], g_awards[a.of],
           CASE a.unit WHEN 'yuan' THEN g_amounts[a.of] ELSE a.times END,
           CASE a.unit WHEN 'yuan' THEN p_assessed[a.of] ELSE a.times END
      FROM unnest(a_of, a_slot, a_units, a_times) AS a(of, slot, unit, times)
     WHERE g_awards[a.of] IS NOT NULL ORDER BY a.slot;
    UPDATE incentives_counter c
       SET used = t.used, "limit" = t.lim, kind = t.kind,
           carried = CASE WHEN v_excess IS NULL THEN c.carried
                          ELSE greatest(c.carried, t.used - t.lim) END
      FROM unnest(c_ids[:cardinality(c_ids) - cardinality(l_slots)], c_used, c_limits, c_kinds) AS t(id, used, lim, kind)
     WHERE c.id = t.id AND (c.used, c."limit", c.kind) IS DISTINCT FROM (t.used, t.lim, t.kind);
    FOR i IN 1 .. cardinality(l_slots) LOOP
        v_slot := l_slots[i];
        CONTINUE WHEN c_used[v_slot] = b_used[v_slot];
        UPDATE incentives_counter c
           SET used = c.used + c_used[v_slot] - b_used[v_slot], "limit" = c_limits[v_slot]
         WHERE c.id = c_ids[v_slot] AND c.used <= l_most[i];
        IF NOT FOUND THEN
            RAISE EXCEPTION 'others took % meanwhile', c_keys[v_slot] USING ERRCODE = 'HQ021';
        END IF;
    END LOOP;
    RETURN QUERY
        SELECT t.place::int, t.award, t.amount, t.cuts
          FROM unnest(g_awards, g_amounts, g_cuts) WITH ORDINALITY
            AS t(award, amount, cuts, place);
END $$;

CREATE FUNCTION huiqi_reserve_many(
    p_city text, p_cases text[], p_programmes bigint[], p_versions bigint[], p_applicants bigint[],
    p_bureaus bigint[], p_districts bigint[], p_verbs text[], p_payers text[], p_assessed numeric[],
    p_at timestamptz, p_actor bigint, p_reasons text[], p_sharing boolean,
    p_of int[], p_keys text[], p_kinds text[], p_units text[], p_heats int[], p_limits numeric[]
) RETURNS TABLE (place int, award bigint, granted numeric, cuts jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM unnest(p_assessed) a WHERE huiqi_whole_fen(a) IS NOT TRUE) THEN
        RAISE EXCEPTION '%', p_assessed USING ERRCODE = 'HQ020';
    END IF;
    IF huiqi_is_shared(p_keys) THEN
        RAISE EXCEPTION '%', p_keys USING ERRCODE = 'HQ046';
    END IF;
    RETURN QUERY SELECT * FROM huiqi_decide_many(
        false, p_city, p_cases, p_programmes, p_versions, p_applicants, p_bureaus, p_districts,
        p_verbs, p_payers, p_assessed, p_at, p_actor, p_reasons, p_sharing, p_of, p_keys, p_kinds,
        p_units, p_heats, p_limits);
EXCEPTION WHEN SQLSTATE 'HQ021' THEN
    RETURN QUERY SELECT * FROM huiqi_decide_many(
        true, p_city, p_cases, p_programmes, p_versions, p_applicants, p_bureaus, p_districts,
        p_verbs, p_payers, p_assessed, p_at, p_actor, p_reasons, p_sharing, p_of, p_keys, p_kinds,
        p_units, p_heats, p_limits);
END $$;
"""

SHARES = """
CREATE FUNCTION huiqi_pro_rata(p_room numeric, p_amounts numeric[]) RETURNS numeric[]
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    -- Each amount, or its part of the room, rounded down; the fen left go to the largest
    -- remainders, among equals to the earlier. Whole fen: no division is rounded.
    SELECT array_agg(CASE
               WHEN whole <= room THEN fen
               ELSE cut + CASE WHEN rank <= room - cuts THEN 1 ELSE 0 END
           END * 0.01 ORDER BY place)
      FROM (SELECT place, fen, whole, room, cut, sum(cut) OVER () AS cuts,
                   row_number() OVER (ORDER BY remainder DESC, place) AS rank
              FROM (SELECT place, fen, whole, room, div(room * fen, greatest(whole, 1)) AS cut,
                           mod(room * fen, greatest(whole, 1)) AS remainder
                      FROM (SELECT place, amount * 100 AS fen, sum(amount * 100) OVER () AS whole,
                                   p_room * 100 AS room
                              FROM unnest(p_amounts) WITH ORDINALITY AS a(amount, place)) AS t
                   ) AS u) AS v;
$$;
"""

# Django lets foreign keys wait for the commit: of an award they would be checked while it holds the
# rows that all others wait for.
CHECKED_AT_ONCE = """
DO $$
DECLARE r record;
BEGIN
    FOR r IN
        SELECT conrelid::regclass AS of, conname FROM pg_constraint
         WHERE contype = 'f' AND condeferrable AND conrelid IN (
               'incentives_award'::regclass, 'incentives_awardshare'::regclass,
               'incentives_ledgerentry'::regclass, 'incentives_counterentry'::regclass,
               'applicants_event'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', r.of, r.conname);
    END LOOP;
END $$;
"""

# A counter is written anew with every award: with room left beside it, on its own page, and then
# no index has to learn of it.
ROOM_TO_COUNT = "ALTER TABLE incentives_counter SET (fillfactor = 80)"

CALLED = "huiqi_look, huiqi_reserve, huiqi_reserve_many"
INNER = "huiqi_shared_limits, huiqi_pro_rata, huiqi_decide_many"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, {INNER} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0006_money_functions")]

    operations = [
        migrations.RunSQL(sql)
        for sql in (
            SHARES,
            LIMITS,
            LOOK,
            RESERVE,
            RESERVE_MANY,
            CHECKED_AT_ONCE,
            ROOM_TO_COUNT,
            PRIVILEGES,
        )
    ]
