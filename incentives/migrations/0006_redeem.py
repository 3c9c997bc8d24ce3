"""A voucher is redeemed: what is used becomes a commitment, the rest is given back."""

from django.conf import settings
from django.db import migrations

REDEEM = """
CREATE FUNCTION huiqi_redeem(
    p_award bigint, p_amount numeric, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_rest numeric;
    v_entry bigint;
    r record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a WHERE a.id = p_award;
    SELECT amount - p_amount INTO v_rest FROM incentives_award
     WHERE id = p_award AND state = 'reserved' FOR UPDATE;
    IF NOT FOUND OR p_amount <= 0 OR v_rest < 0 THEN
        RAISE EXCEPTION 'award % is not reserved for %', p_award, p_amount USING ERRCODE = 'HQ001';
    END IF;
    IF v_rest > 0 THEN
        v_entry := huiqi_post(p_award, NULL, 'released', v_rest, p_at, p_actor, p_reason);
        FOR r IN
            SELECT DISTINCT c.id, c.heat, c.key
              FROM incentives_counterentry e JOIN incentives_counter c ON c.id = e.counter_id
             WHERE e.award_id = p_award AND c.unit = 'yuan' ORDER BY c.heat, c.key
        LOOP
            INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
            VALUES (r.id, v_entry, p_award, -v_rest, 0);
            UPDATE incentives_counter SET used = used - v_rest WHERE id = r.id;
        END LOOP;
    END IF;
    UPDATE incentives_award SET state = 'committed', committed_at = p_at, amount = p_amount
     WHERE id = p_award;
    PERFORM huiqi_post(p_award, NULL, 'committed', p_amount, p_at, p_actor, p_reason);
END $$;
"""
NAME = "huiqi_redeem(bigint, numeric, timestamptz, bigint, text)"


class Migration(migrations.Migration):
    dependencies = [("incentives", "0005_registers_drafts_targets")]

    operations = [
        migrations.RunSQL(REDEEM, f"DROP FUNCTION {NAME}"),
        migrations.RunSQL(
            f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC; "
            f'GRANT EXECUTE ON FUNCTION {NAME} TO "{settings.APPLICATION_DB_ROLE}"',
            migrations.RunSQL.noop,
        ),
    ]
