"""What an organisation has used of its caps passes to its successor (`huiqi_carry`).

Where that makes more than a limit allows, the balance stands at the sum: `carried` is by how much,
and a trigger lets it only shrink, so that an ordinary award stays bound by the limit itself. Money
that was moved is given back where it stands now: `huiqi_release` and `huiqi_redeem` go by what an
award still holds of each counter. What is due to one that has ended is paid to its successor.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

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
      WHERE city_id = p_city AND key = ANY (p_from || p_to) ORDER BY heat, key FOR UPDATE;
    WITH held AS (
        SELECT c.id AS source, t.id AS target, c."limit", k.share, k.keep, e.award_id, e.opening_id,
               min(e.entry_id) AS entry_id, sum(e.amount) AS balance, max(e.entitled) AS entitled
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
        SELECT source, entry_id, award_id, opening_id, p_change, -moved, 0
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

CREATE FUNCTION huiqi_shrink_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.carried := least(NEW.carried, greatest(NEW.used - NEW."limit", 0));
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_shrink_carried BEFORE UPDATE ON incentives_counter
    FOR EACH ROW WHEN (NEW.carried > 0 AND NEW.carried <= OLD.carried)
    EXECUTE FUNCTION huiqi_shrink_carried();
"""

RELEASE = """
CREATE OR REPLACE FUNCTION huiqi_release(
    p_award bigint, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS void
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
        SELECT c.id, c.kind, c.unit, h.amount
          FROM huiqi_held_by(p_award) h JOIN incentives_counter c ON c.id = h.counter_id
         ORDER BY c.heat, c.key FOR UPDATE OF c
    LOOP
        INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
        VALUES (r.id, v_entry, p_award, -r.amount, 0);
        UPDATE incentives_counter SET used = used - r.amount WHERE id = r.id;
        IF r.kind IN ('event', 'tally') AND r.unit = 'yuan' THEN
            SELECT max(e.entitled) INTO v_highest
              FROM incentives_counterentry e LEFT JOIN incentives_award a ON a.id = e.award_id
             WHERE e.counter_id = r.id AND a.state IS DISTINCT FROM 'released';
            UPDATE incentives_counter SET "limit" = greatest(coalesce(v_highest, 0), used)
             WHERE id = r.id;
        END IF;
    END LOOP;
END $$;
"""

HELD = """
CREATE FUNCTION huiqi_held_by(p_award bigint) RETURNS TABLE (counter_id bigint, amount numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.counter_id, sum(e.amount) FROM incentives_counterentry e
     WHERE e.award_id = p_award GROUP BY e.counter_id HAVING sum(e.amount) > 0;
$$;
"""

REDEEM = """
CREATE OR REPLACE FUNCTION huiqi_redeem(
    p_award bigint, p_amount numeric, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_whole numeric;
    v_rest numeric;
    v_back numeric;
    v_entry bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a WHERE a.id = p_award;
    SELECT amount, amount - p_amount INTO v_whole, v_rest FROM incentives_award
     WHERE id = p_award AND state = 'reserved' FOR UPDATE;
    IF NOT FOUND OR p_amount <= 0 OR v_rest < 0 THEN
        RAISE EXCEPTION 'award % is not reserved for %', p_award, p_amount USING ERRCODE = 'HQ001';
    END IF;
    IF v_rest > 0 THEN
        v_entry := huiqi_post(p_award, NULL, 'released', v_rest, p_at, p_actor, p_reason);
        FOR r IN
            SELECT c.id, c.heat, c.key, h.amount
              FROM huiqi_held_by(p_award) h JOIN incentives_counter c ON c.id = h.counter_id
             WHERE c.unit = 'yuan' ORDER BY c.heat, c.key
        LOOP -- a split may have left the award with a part of its own on two counters
            v_back := round(v_rest * r.amount / v_whole, 2);
            INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
            VALUES (r.id, v_entry, p_award, -v_back, 0);
            UPDATE incentives_counter SET used = used - v_back WHERE id = r.id;
        END LOOP;
    END IF;
    UPDATE incentives_award SET state = 'committed', committed_at = p_at, amount = p_amount
     WHERE id = p_award;
    PERFORM huiqi_post(p_award, NULL, 'committed', p_amount, p_at, p_actor, p_reason);
END $$;
"""

LINES = """
CREATE FUNCTION huiqi_goes_on_as(p_party bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(successor_id, id) FROM applicants_party WHERE id = p_party;
$$;

CREATE OR REPLACE FUNCTION huiqi_check_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM incentives_instalment i JOIN incentives_award a ON a.id = i.award_id
      JOIN incentives_payoutbatch b ON b.id = NEW.batch_id
      JOIN applicants_bankaccount k ON k.id = NEW.account_id
     WHERE i.id = NEW.instalment_id AND i.amount = NEW.amount
       AND huiqi_goes_on_as(i.payee_id) = NEW.payee_id
       AND a.state = 'committed' AND a.payer = 'city' AND a.city_id = b.city_id
       AND b.state = 'prepared' AND k.party_id = NEW.payee_id AND NEW.state = 'pending';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payout line does not match a due instalment' USING ERRCODE = 'HQ004';
    END IF;
    RETURN NEW;
END $$;
"""

ROLE = settings.APPLICATION_DB_ROLE
CALLED = "huiqi_carry(bigint, text, text[], text[], numeric[], boolean[])"
READ = "huiqi_goes_on_as(bigint)"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, {READ}, huiqi_held_by(bigint),
       huiqi_named_alike(text, text, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED}, {READ} TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0006_successor"),
        ("incentives", "0013_budgets_and_recoveries"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="counter", name="counter_within_limit"),
        migrations.AddField(
            model_name="counter",
            name="carried",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                max_digits=16,
                verbose_name="carried over beyond the limit",
            ),
        ),
        migrations.AddField(
            model_name="counterentry",
            name="change",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="applicants.partychange",
            ),
        ),
        migrations.AddField(
            model_name="counterentry",
            name="opening",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="counters",
                to="incentives.importrow",
            ),
        ),
        migrations.AlterField(
            model_name="counterentry",
            name="award",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="incentives.award",
            ),
        ),
        migrations.AlterField(
            model_name="counterentry",
            name="entry",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="counters",
                to="incentives.ledgerentry",
            ),
        ),
        migrations.AddConstraint(
            model_name="counter",
            constraint=models.CheckConstraint(
                condition=Q(carried__gte=0, used__gte=0, used__lte=F("limit") + F("carried")),
                name="counter_within_limit",
                violation_error_message="A cap can be neither exceeded nor fall below zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterentry",
            constraint=models.CheckConstraint(
                condition=Q(award__isnull=False, entry__isnull=False)
                | Q(award=None, entry=None, opening__isnull=False),
                name="cap_entry_has_its_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterentry",
            constraint=models.UniqueConstraint(
                F("opening"), condition=Q(award=None, change=None), name="opening_balance_once"
            ),
        ),
        migrations.RunSQL(CARRY, migrations.RunSQL.noop),
        migrations.RunSQL(HELD, migrations.RunSQL.noop),
        migrations.RunSQL(RELEASE, migrations.RunSQL.noop),
        migrations.RunSQL(REDEEM, migrations.RunSQL.noop),
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.RunSQL(PRIVILEGES, migrations.RunSQL.noop),
    ]
