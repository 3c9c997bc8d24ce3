"""Payouts that cannot pay wrongly: what the database itself refuses.

A batch with a held payment is neither approved nor exported, and a hold waits for whoever is doing
so. A line carries on what was netted for its instalment before; what is netted against a line is
what the line says, no more before the payment and no less when it is made.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

HOLDS = """
CREATE FUNCTION huiqi_hold_stops_batch() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION huiqi_hold_waits() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION huiqi_netted_of(p_instalment bigint) RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(e.amount), 0) FROM incentives_recoveryentry e
      JOIN incentives_payoutline l ON l.id = e.line_id
     WHERE l.instalment_id = p_instalment AND e.kind = 'netted';
$$;

CREATE OR REPLACE FUNCTION huiqi_check_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM incentives_instalment i JOIN incentives_award a ON a.id = i.award_id
      JOIN incentives_payoutbatch b ON b.id = NEW.batch_id
      JOIN applicants_bankaccount k ON k.id = NEW.account_id
     WHERE i.id = NEW.instalment_id AND i.amount = NEW.amount
       AND huiqi_goes_on_as(i.payee_id) = NEW.payee_id
       AND a.state = 'committed' AND a.payer = 'city' AND a.city_id = b.city_id
       AND b.state = 'prepared' AND k.party_id = NEW.payee_id AND NEW.state = 'pending'
       AND NEW.netted >= huiqi_netted_of(i.id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payout line does not match a due instalment' USING ERRCODE = 'HQ004';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION huiqi_check_netting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_line incentives_payoutline%ROWTYPE;
BEGIN
    SELECT * INTO STRICT v_line FROM incentives_payoutline WHERE id = NEW.line_id FOR UPDATE;
    IF v_line.state <> 'pending'
       OR huiqi_netted_of(v_line.instalment_id) + NEW.amount > v_line.netted THEN
        RAISE EXCEPTION '%', v_line.netted USING ERRCODE = 'HQ051';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_check_netting BEFORE INSERT ON incentives_recoveryentry
    FOR EACH ROW WHEN (NEW.kind = 'netted') EXECUTE FUNCTION huiqi_check_netting();

CREATE FUNCTION huiqi_netted_as_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF huiqi_netted_of(NEW.instalment_id) <> NEW.netted THEN
        RAISE EXCEPTION '%', NEW.netted USING ERRCODE = 'HQ051';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_netted_as_said BEFORE UPDATE OF state ON incentives_payoutline
    FOR EACH ROW WHEN (NEW.state = 'paid') EXECUTE FUNCTION huiqi_netted_as_said();
"""
READ = "huiqi_netted_of(bigint)"
PRIVILEGES = (
    f"REVOKE ALL ON FUNCTION {READ} FROM PUBLIC; "
    f'GRANT EXECUTE ON FUNCTION {READ} TO "{settings.APPLICATION_DB_ROLE}"'
)
STEPS = (
    'SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:approved,'
    "prepared:cancelled,approved:cancelled,approved:exported,exported:settled}'::text[]) INTO "
    '_is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM '
    'NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from '
    '"%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;'
)


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0009_paper_of_the_public"),
        ("incentives", "0021_budget_guards"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="payoutbatch", name="batch_steps"),
        pgtrigger.migrations.AddTrigger(
            model_name="payoutbatch",
            trigger=pgtrigger.compiler.Trigger(
                name="batch_steps",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func=STEPS,
                    hash="835fed71cf0b6b103da88ecb99e57975a669b752",
                    operation="UPDATE",
                    pgid="pgtrigger_batch_steps_b088f",
                    table="incentives_payoutbatch",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RemoveConstraint(model_name="payeehold", name="one_open_hold_of_a_kind"),
        migrations.AddField(
            model_name="payeehold",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="applicants.bankaccount",
                verbose_name="bank account",
            ),
        ),
        migrations.AddConstraint(
            model_name="payeehold",
            constraint=models.UniqueConstraint(
                models.F("award"),
                models.F("payee"),
                models.F("kind"),
                models.F("account"),
                condition=models.Q(("released_at", None)),
                name="one_open_hold_of_a_kind",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(HOLDS, migrations.RunSQL.noop),
        migrations.RunSQL(NETTING, migrations.RunSQL.noop),
        migrations.RunSQL(PRIVILEGES, migrations.RunSQL.noop),
    ]
