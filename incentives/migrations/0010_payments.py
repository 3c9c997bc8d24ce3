"""Payouts that cannot pay wrongly: their results in the ledger, and what the database itself refuses.

The instalments of an award are its amount, and those of each payer its share. A line pays one of
them that is due, out of the money of the batch's payer, to its payee or, where that one has ended,
to its successor. A batch with a held payment is neither approved nor exported, and a hold waits for
whoever is doing so. A line carries on what was netted for its instalment before, and the tax that was
withheld of the payment that came back, unless it says why it is less; what is netted
against a line is owed to the same payer and is what the line says, no more before the payment and
no less when it is made.
"""

from django.conf import settings
from django.db import migrations

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

INSTALMENTS = """
CREATE FUNCTION huiqi_check_instalments() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- One on which something was found has given its place to what was due of it.
    -- Each payer's are its share, so that together they are the award; of one released none is left.
    IF EXISTS (
        SELECT 1
          FROM (SELECT i.payer, i.amount FROM incentives_instalment i
                 WHERE i.award_id = NEW.award_id
                   AND NOT EXISTS (SELECT 1 FROM incentives_instalmentfinding f
                                    WHERE f.instalment_id = i.id AND f.state = 'confirmed')
                UNION ALL
                SELECT coalesce(s.payer, a.payer), -coalesce(s.amount, a.amount)
                  FROM incentives_award a LEFT JOIN incentives_awardshare s ON s.award_id = a.id
                 WHERE a.id = NEW.award_id AND a.state <> 'released') AS t
         GROUP BY payer HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'instalments of award % are not its amount', NEW.award_id
            USING ERRCODE = 'HQ005';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER huiqi_check_instalments AFTER INSERT ON incentives_instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION huiqi_check_instalments();

CREATE FUNCTION huiqi_line_is_due() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Whoever withdraws the instalment now ends first, and is seen below.
    PERFORM 1 FROM incentives_instalment
      WHERE id = NEW.instalment_id AND due_on IS NOT NULL FOR KEY SHARE;
    IF NOT FOUND OR EXISTS (SELECT 1 FROM incentives_instalmentfinding f
                             WHERE f.instalment_id = NEW.instalment_id AND f.found = 'withdrawn'
                               AND f.state <> 'dropped') THEN
        RAISE EXCEPTION 'the stage of the instalment is not reached' USING ERRCODE = 'HQ004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_line_is_due BEFORE INSERT ON incentives_payoutline
    FOR EACH ROW EXECUTE FUNCTION huiqi_line_is_due();
"""

READ = """
CREATE FUNCTION huiqi_goes_on_as(p_party bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(successor_id, id) FROM applicants_party WHERE id = p_party;
$$;

CREATE FUNCTION huiqi_netted_of(p_instalment bigint) RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(e.amount), 0) FROM incentives_recoveryentry e
      JOIN incentives_payoutline l ON l.id = e.line_id
     WHERE l.instalment_id = p_instalment AND e.kind = 'netted';
$$;

CREATE FUNCTION huiqi_withheld_of(p_instalment bigint) RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT l.withheld FROM incentives_payoutline l
                      WHERE l.instalment_id = p_instalment AND l.state = 'returned'
                      ORDER BY l.id DESC LIMIT 1), 0);
$$;
"""

LINES = """
CREATE FUNCTION huiqi_check_line() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM incentives_instalment i JOIN incentives_award a ON a.id = i.award_id
      JOIN incentives_payoutbatch b ON b.id = NEW.batch_id
      JOIN applicants_bankaccount k ON k.id = NEW.account_id
     WHERE i.id = NEW.instalment_id AND i.amount = NEW.amount
       AND huiqi_goes_on_as(i.payee_id) = NEW.payee_id
       AND a.state = 'committed' AND a.city_id = b.city_id AND i.payer = b.payer
       AND (b.payer = 'city' OR a.district_id = b.district_id)
       AND b.state = 'prepared' AND k.party_id = NEW.payee_id AND NEW.state = 'pending'
       AND NEW.netted >= huiqi_netted_of(i.id) AND (
           NEW.withheld >= huiqi_withheld_of(i.id) OR NEW.withheld_less <> '');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payout line does not match a due instalment' USING ERRCODE = 'HQ004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_check_line BEFORE INSERT ON incentives_payoutline
    FOR EACH ROW EXECUTE FUNCTION huiqi_check_line();
"""

HOLDS = """
CREATE FUNCTION huiqi_hold_stops_batch() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM incentives_payoutline l
          JOIN incentives_instalment i ON i.id = l.instalment_id
          JOIN incentives_payeehold h ON h.award_id = i.award_id
         WHERE l.batch_id = NEW.id AND h.released_at IS NULL
           AND (h.payee_id IS NULL OR h.payee_id = i.payee_id)) THEN
        RAISE EXCEPTION 'batch % holds a held payment', NEW.number USING ERRCODE = 'HQ050';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_hold_stops_batch BEFORE UPDATE OF state ON incentives_payoutbatch
    FOR EACH ROW WHEN (NEW.state IN ('approved', 'exported') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION huiqi_hold_stops_batch();

CREATE FUNCTION huiqi_hold_waits() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM incentives_payoutbatch b
      WHERE b.state IN ('prepared', 'approved')
        AND EXISTS (SELECT 1 FROM incentives_payoutline l
                      JOIN incentives_instalment i ON i.id = l.instalment_id
                     WHERE l.batch_id = b.id AND i.award_id = NEW.award_id)
      ORDER BY b.id FOR UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_hold_waits BEFORE INSERT ON incentives_payeehold
    FOR EACH ROW EXECUTE FUNCTION huiqi_hold_waits();
"""

NETTING = """
CREATE FUNCTION huiqi_check_netting() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    v_line incentives_payoutline%ROWTYPE;
BEGIN
    SELECT * INTO STRICT v_line FROM incentives_payoutline WHERE id = NEW.line_id FOR UPDATE;
    IF v_line.state <> 'pending'
       OR huiqi_netted_of(v_line.instalment_id) + NEW.amount > v_line.netted THEN
        RAISE EXCEPTION '%', v_line.netted USING ERRCODE = 'HQ051';
    END IF;
    PERFORM 1 FROM incentives_payoutbatch b
      JOIN incentives_recovery c ON c.id = NEW.recovery_id
      JOIN incentives_award a ON a.id = c.award_id
     WHERE b.id = v_line.batch_id AND a.payer = b.payer AND a.city_id = b.city_id
       AND (b.payer = 'city' OR a.district_id = b.district_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'recovery % is of another payer', NEW.recovery_id USING ERRCODE = 'HQ052';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_check_netting BEFORE INSERT ON incentives_recoveryentry
    FOR EACH ROW WHEN (NEW.kind = 'netted') EXECUTE FUNCTION huiqi_check_netting();

CREATE FUNCTION huiqi_netted_as_said() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF huiqi_netted_of(NEW.instalment_id) <> NEW.netted THEN
        RAISE EXCEPTION '%', NEW.netted USING ERRCODE = 'HQ051';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_netted_as_said BEFORE UPDATE OF state ON incentives_payoutline
    FOR EACH ROW WHEN (NEW.state = 'paid') EXECUTE FUNCTION huiqi_netted_as_said();
"""

CALLED = (
    "huiqi_settle_line, huiqi_cancel_lines, huiqi_goes_on_as, huiqi_netted_of, huiqi_withheld_of"
)
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{settings.APPLICATION_DB_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0009_balances")]

    operations = [
        migrations.RunSQL(sql)
        for sql in (SETTLE, INSTALMENTS, READ, LINES, HOLDS, NETTING, PRIVILEGES)
    ]
