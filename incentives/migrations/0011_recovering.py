"""Money that comes back: into the ledger, out of the caps, and off the demand.

`huiqi_recover` writes one entry of a recovery and settles it when nothing is left. What came back
gives room again to every yuan counter that the award still holds, in proportion and to the fen, but
not to a budget whose year is closed: that money has lapsed. A redeemed voucher gave back a part
when it was redeemed: its share is one of what was kept. A write-off gives no room to anything.
Of an award that several payers share, it comes back to those who paid, by what each has not had back
yet; pools and budgets, which count the city's money, have the city's part of it.
"""

from django.conf import settings
from django.db import migrations

RECOVER = """
CREATE FUNCTION huiqi_recover(
    p_recovery bigint, p_kind text, p_amount numeric, p_on date, p_reference text, p_line bigint,
    p_prepared_by bigint, p_at timestamptz, p_actor bigint
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_recovery incentives_recovery%ROWTYPE;
    v_award incentives_award%ROWTYPE;
    v_left numeric;
    v_entry bigint;
    v_ledger bigint;
    v_back numeric;
    v_before numeric;
    v_city numeric := 0; -- of this, as of what follows, the city's: pools and budgets count no other
    v_city_before numeric := 0;
    v_city_amount numeric := 0;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || c.city_id))
       FROM incentives_recovery c WHERE c.id = p_recovery;
    SELECT * INTO STRICT v_recovery FROM incentives_recovery WHERE id = p_recovery FOR UPDATE;
    SELECT * INTO STRICT v_award FROM incentives_award WHERE id = v_recovery.award_id FOR UPDATE;
    SELECT v_recovery.amount - coalesce(sum(amount), 0) INTO v_left
      FROM incentives_recoveryentry WHERE recovery_id = p_recovery;
    IF v_recovery.state <> 'demanded' OR p_amount > v_left THEN
        RAISE EXCEPTION '%', v_left USING ERRCODE = 'HQ040';
    END IF;
    INSERT INTO incentives_recoveryentry (
        recovery_id, kind, amount, received_on, reference, line_id, prepared_by_id, recorded_by_id,
        recorded_at)
    VALUES (p_recovery, p_kind, p_amount, p_on, p_reference, p_line, p_prepared_by, p_actor, p_at)
    RETURNING id INTO v_entry;
    SELECT coalesce(sum(amount), 0) INTO v_before FROM incentives_ledgerentry
     WHERE award_id = v_award.id AND stage = 'recovered';
    v_ledger := huiqi_post(
        v_award.id, NULL, CASE p_kind WHEN 'written_off' THEN 'written_off' ELSE 'recovered' END,
        p_amount, p_at, p_actor, v_recovery.number);
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
            SELECT c.id, h.amount,
                   v_award.payer = 'shared' AND c.kind IN ('pool', 'budget') AS of_city,
                   (SELECT sum(e.amount) FROM incentives_counterentry e
                      JOIN incentives_ledgerentry l ON l.id = e.entry_id
                     WHERE e.counter_id = c.id AND e.award_id = v_award.id
                       AND l.stage <> 'recovered') AS taken
              FROM huiqi_held_by(v_award.id) h JOIN incentives_counter c ON c.id = h.counter_id
             WHERE c.unit = 'yuan'
               AND NOT EXISTS (
                   SELECT 1 FROM incentives_budget b JOIN incentives_yearclose y
                       ON y.city_id = c.city_id AND y.year = b.year AND y.closed_at IS NOT NULL
                    WHERE c.kind = 'budget' AND c.key = 'budget:' || b.id)
             ORDER BY c.heat, c.key
        LOOP
            v_back := least(r.amount, CASE WHEN r.of_city THEN
                round(r.taken * (v_city_before + v_city) / v_city_amount, 2)
                - round(r.taken * v_city_before / v_city_amount, 2)
            ELSE
                round(r.taken * (v_before + p_amount) / v_award.amount, 2)
                - round(r.taken * v_before / v_award.amount, 2)
            END);
            CONTINUE WHEN v_back <= 0;
            INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
            VALUES (r.id, v_ledger, v_award.id, -v_back, 0);
            UPDATE incentives_counter SET used = used - v_back WHERE id = r.id;
        END LOOP;
    END IF;
    IF p_amount = v_left THEN
        UPDATE incentives_recovery SET state = 'settled' WHERE id = p_recovery;
    END IF;
    RETURN v_entry;
END $$;
"""

CALLED = "huiqi_recover"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0010_payments")]

    operations = [migrations.RunSQL(sql) for sql in (RECOVER, PRIVILEGES)]
