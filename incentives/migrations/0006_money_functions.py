"""What every money function rests on, and how an award ends: committed, released or redeemed.

The money functions are the only code that may write counters, awards and the ledger. They run as
the owner (SECURITY DEFINER); the application's role may only execute them. Locks are taken in one
order everywhere: counters by (heat, key), the row that most transactions want last. Errors carry a
five-letter SQLSTATE that incentives/domain/money.py turns into words.

A reserved award is committed whole, or released, or redeemed as a voucher: what is used becomes a
commitment, the rest is given back. Money is given back where it stands now: `huiqi_release` and
`huiqi_redeem` go by what an award still holds of each counter, for a merger may have moved it.

Whatever gives back does so by `huiqi_give_back`, which leaves the budget of a closed year as it was
closed. The newest entry of an award in a counter says what
it is entitled to there: what it was assessed at, and, once something was taken back, no more than it
still holds. An event's limit is the highest of these.
"""

from django.conf import settings
from django.db import migrations

FEN = """
CREATE FUNCTION huiqi_whole_fen(p_amount numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    -- NaN is above every number. Without settings of its own it is read where it is called.
    SELECT p_amount >= 0 AND p_amount < 'Infinity' AND p_amount = round(p_amount, 2);
$$;

CREATE FUNCTION huiqi_is_shared(p_keys text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    -- Budgets and pools are found by the functions themselves, never told by who asks.
    SELECT array_to_string(p_keys, chr(10)) ~ '(^|\n)(budget|pool):';
$$;
"""

SPLIT = """
CREATE FUNCTION huiqi_split(p_amount numeric, p_weights numeric[]) RETURNS numeric[]
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    -- To the fen; what is left over goes to the largest remainders, among equals to the earlier.
    -- In whole fen, so that no quotient is rounded.
    SELECT array_agg((cut + CASE WHEN rank <= p_amount * 100 - cuts THEN 1 ELSE 0 END) * 0.01
                     ORDER BY place)
      FROM (SELECT place, cut, sum(cut) OVER () AS cuts,
                   row_number() OVER (ORDER BY remainder DESC, place) AS rank
              FROM (SELECT place, div(p_amount * 100 * weight, whole) AS cut,
                           mod(p_amount * 100 * weight, whole) AS remainder
                      FROM (SELECT weight, place, sum(weight) OVER () AS whole
                              FROM unnest(p_weights) WITH ORDINALITY AS w(weight, place)) AS t
                   ) AS u) AS v;
$$;
"""

POST = """
CREATE FUNCTION huiqi_parts(p_award bigint, p_amount numeric, p_stage text)
RETURNS TABLE (payer text, part numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- By the shares; what comes back, or is given up, by what each has paid and not had back; and
    -- below 0, what is taken back of a stage, by what it has of each.
    SELECT t.payer, t.part * sign(p_amount)
      FROM (SELECT array_agg(w.payer ORDER BY w.id) AS payers,
                   array_agg(CASE WHEN w.whole > 0 THEN w.has ELSE w.share END
                             ORDER BY w.id) AS weights
              FROM (SELECT s.id, s.payer, s.share, o.has, sum(o.has) OVER () AS whole
                      FROM incentives_awardshare s
                     CROSS JOIN LATERAL (
                           SELECT greatest(coalesce(sum(CASE WHEN e.stage = 'paid' OR p_amount < 0
                                                            THEN e.amount
                                                            ELSE -e.amount END), 0), 0) AS has
                             FROM incentives_ledgerentry e
                            WHERE p_stage IN ('recovered', 'written_off')
                              AND e.award_id = p_award AND e.payer = s.payer
                              AND (e.stage = p_stage OR p_amount >= 0 AND e.stage IN (
                                   'paid', 'returned', 'recovered', 'written_off'))) AS o
                     WHERE s.award_id = p_award) AS w) AS s,
           unnest(s.payers, huiqi_split(abs(p_amount), s.weights)) AS t(payer, part)
     WHERE p_stage <> 'released'
    UNION ALL -- what is given back: what each had, less its share of what the award keeps
    SELECT t.payer, t.had - t.keeps
      FROM incentives_award a
     CROSS JOIN (SELECT array_agg(payer ORDER BY id) AS payers, array_agg(amount ORDER BY id) AS had,
                        array_agg(share ORDER BY id) AS shares
                   FROM incentives_awardshare WHERE award_id = p_award) AS s
     CROSS JOIN unnest(s.payers, s.had, huiqi_split(a.amount - p_amount, s.shares))
        AS t(payer, had, keeps)
     WHERE a.id = p_award AND p_stage = 'released';
$$;

CREATE FUNCTION huiqi_post(
    p_award bigint, p_line bigint, p_stage text, p_amount numeric, p_at timestamptz,
    p_actor bigint, p_reason text, p_settlement boolean DEFAULT false, p_payer text DEFAULT NULL
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- One entry for each payer of a shared award; a payment, and what lapses of an instalment
    -- (`p_payer`), is one payer's. The city's comes first.
    -- What a settlement added (`p_settlement`, or its instalment) may be of a later year's budget.
    -- What was given before is of the year it was given in, not of the one it is taken in.
    INSERT INTO incentives_ledgerentry (
        city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id, line_id, budget_id,
        case_number, programme_id, verb, payer, bureau_id, district_id, applicant_id, payee_id,
        actor_id, reason)
    SELECT a.city_id, p_stage, p.part, p_at,
           CASE WHEN p_stage IN ('opening', 'reversed') THEN a.approval_year
                ELSE extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai') END,
           a.approval_year, CASE WHEN s.later THEN a.settlement_year ELSE a.approval_year END, a.id,
           p_line, CASE WHEN s.later THEN a.settlement_budget_id ELSE a.budget_id END,
           a.case_number, a.programme_id, a.verb,
           p.payer, a.bureau_id, a.district_id, a.applicant_id, l.payee_id, p_actor, p_reason
      FROM incentives_award a
      LEFT JOIN incentives_payoutline l ON l.id = p_line
      LEFT JOIN incentives_instalment i ON i.id = l.instalment_id
     CROSS JOIN LATERAL (
           SELECT a.settlement_year IS NOT NULL
                  AND (p_settlement OR coalesce(i.kind = 'settlement', false)) AS later) AS s
     CROSS JOIN LATERAL (
           SELECT coalesce(p_payer, i.payer, a.payer) AS payer, p_amount AS part
            WHERE a.payer <> 'shared' OR p_line IS NOT NULL OR p_payer IS NOT NULL
           UNION ALL
           SELECT s.payer, s.part FROM huiqi_parts(a.id, p_amount, p_stage) s
            WHERE a.payer = 'shared' AND p_line IS NULL AND p_payer IS NULL) AS p
     WHERE a.id = p_award AND p.part <> 0 ORDER BY p.payer
    RETURNING id;
$$;
"""

LOCK = """
CREATE FUNCTION huiqi_lock_pools(p_city text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT pg_advisory_xact_lock(hashtext('huiqi pools ' || p_city));
$$;
"""

HELD = """
CREATE FUNCTION huiqi_held_by(p_award bigint) RETURNS TABLE (counter_id bigint, amount numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.counter_id, sum(e.amount) FROM incentives_counterentry e
     WHERE e.award_id = p_award GROUP BY e.counter_id HAVING sum(e.amount) > 0;
$$;
"""

LOWER = """
CREATE FUNCTION huiqi_lower_event(p_counter bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- An event rises with what is granted, and falls again with the highest that still stands.
    UPDATE incentives_counter c SET "limit" = greatest(c.used, (
           SELECT max(s.entitled)
             FROM (SELECT DISTINCT ON (e.award_id, e.opening_id) e.entitled
                     FROM incentives_counterentry e WHERE e.counter_id = c.id
                    ORDER BY e.award_id, e.opening_id, e.id DESC) AS s))
     WHERE c.id = p_counter AND c.kind IN ('event', 'tally') AND c.unit = 'yuan';
$$;
"""

GIVE_BACK = """
CREATE FUNCTION huiqi_give_back(
    p_counter bigint, p_entry bigint, p_award bigint, p_amount numeric
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE incentives_counter c SET used = used - p_amount
     WHERE c.id = p_counter
       AND NOT EXISTS (
           SELECT 1 FROM incentives_budget b JOIN incentives_yearclose y
               ON y.city_id = c.city_id AND y.year = b.year AND y.closed_at IS NOT NULL
            WHERE c.kind = 'budget' AND c.key = 'budget:' || b.id);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
    SELECT p_counter, p_entry, p_award, -p_amount,
           least((array_agg(e.entitled ORDER BY e.id DESC))[1], sum(e.amount) - p_amount)
      FROM incentives_counterentry e WHERE e.counter_id = p_counter AND e.award_id = p_award;
    PERFORM huiqi_lower_event(p_counter);
END $$;
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
CREATE FUNCTION huiqi_release(
    p_award bigint, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_amount numeric;
    v_entry bigint;
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
        SELECT c.id, h.amount
          FROM huiqi_held_by(p_award) h JOIN incentives_counter c ON c.id = h.counter_id
         ORDER BY c.heat, c.key FOR NO KEY UPDATE OF c
    LOOP
        PERFORM huiqi_give_back(r.id, v_entry, p_award, r.amount);
    END LOOP;
END $$;
"""

REDEEM = """
CREATE FUNCTION huiqi_redeem(
    p_award bigint, p_amount numeric, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_whole numeric;
    v_rest numeric;
    v_city numeric; -- of the rest, the city's: pools and budgets count no other
    v_entry bigint;
    r record;
BEGIN
    IF huiqi_whole_fen(p_amount) IS NOT TRUE THEN
        RAISE EXCEPTION '%', p_amount USING ERRCODE = 'HQ020';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a WHERE a.id = p_award;
    SELECT amount, amount - p_amount INTO v_whole, v_rest FROM incentives_award
     WHERE id = p_award AND state = 'reserved' FOR UPDATE;
    IF NOT FOUND OR p_amount <= 0 OR v_rest < 0 THEN
        RAISE EXCEPTION 'award % is not reserved for %', p_award, p_amount USING ERRCODE = 'HQ001';
    END IF;
    IF v_rest > 0 THEN
        v_city := coalesce((SELECT p.part FROM huiqi_parts(p_award, v_rest, 'released') p
                             WHERE p.payer = 'city'), v_rest);
        v_entry := huiqi_post(p_award, NULL, 'released', v_rest, p_at, p_actor, p_reason);
        FOR r IN
            SELECT c.id, c.heat, c.key, c.kind, h.amount
              FROM huiqi_held_by(p_award) h JOIN incentives_counter c ON c.id = h.counter_id
             WHERE c.unit = 'yuan' ORDER BY c.heat, c.key
        LOOP -- a split may have left the award with a part of its own on two counters
            PERFORM huiqi_give_back(r.id, v_entry, p_award,
                CASE WHEN r.kind IN ('pool', 'budget') THEN v_city
                     ELSE round(v_rest * r.amount / v_whole, 2) END);
        END LOOP;
    END IF;
    UPDATE incentives_award SET state = 'committed', committed_at = p_at, amount = p_amount
     WHERE id = p_award;
    UPDATE incentives_awardshare s SET amount = p.part
      FROM huiqi_parts(p_award, p_amount, 'committed') p
     WHERE s.award_id = p_award AND s.payer = p.payer;
    PERFORM huiqi_post(p_award, NULL, 'committed', p_amount, p_at, p_actor, p_reason);
END $$;
"""

CALLED = "huiqi_lock_pools, huiqi_commit, huiqi_release, huiqi_redeem"
INNER = (
    "huiqi_whole_fen, huiqi_is_shared, huiqi_split, huiqi_parts, huiqi_post, huiqi_held_by, huiqi_lower_event, "
    "huiqi_give_back"
)
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, {INNER} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0005_ledger")]

    operations = [
        migrations.RunSQL(sql)
        for sql in (
            *(FEN, SPLIT, POST, LOCK, HELD, LOWER, GIVE_BACK),
            *(COMMIT, RELEASE, REDEEM, PRIVILEGES),
        )
    ]
