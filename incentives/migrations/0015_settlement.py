"""The settlement of what was paid in advance: figures entered by one, approved by another.

The application's role changes no settlement: `huiqi_approve_settlement` ends it when the money has
moved as it says, and reads itself what was granted; `huiqi_drop_settlement` takes it back. What the
audited figures come to is what the award is entitled to from then on, also where no money moves: a
counter entry of 0 says so.
"""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure

ENTITLE = """
CREATE FUNCTION huiqi_entitle(p_award bigint, p_entitled numeric) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r record;
BEGIN
    FOR r IN
        SELECT c.id FROM huiqi_held_by(p_award) h JOIN incentives_counter c ON c.id = h.counter_id
         WHERE c.kind IN ('event', 'tally') AND c.unit = 'yuan'
         ORDER BY c.heat, c.key FOR NO KEY UPDATE OF c
    LOOP
        INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
        SELECT r.id, max(l.id), p_award, 0, p_entitled
          FROM incentives_ledgerentry l
         WHERE l.award_id = p_award AND l.stage NOT IN ('reserved', 'opening')
        HAVING p_entitled <> (
               SELECT e.entitled FROM incentives_counterentry e
                WHERE e.counter_id = r.id AND e.award_id = p_award ORDER BY e.id DESC LIMIT 1);
        PERFORM huiqi_lower_event(r.id);
    END LOOP;
END $$;
"""

APPROVE = """
CREATE FUNCTION huiqi_approve_settlement(
    p_settlement bigint, p_recovery text, p_at timestamptz, p_actor bigint
) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_settlement incentives_settlement%ROWTYPE;
    v_award incentives_award%ROWTYPE;
    v_granted numeric;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a JOIN incentives_settlement s ON s.award_id = a.id
      WHERE s.id = p_settlement;
    SELECT a.* INTO STRICT v_award FROM incentives_award a
      JOIN incentives_settlement s ON s.award_id = a.id WHERE s.id = p_settlement FOR UPDATE OF a;
    SELECT * INTO STRICT v_settlement FROM incentives_settlement
     WHERE id = p_settlement FOR UPDATE;
    v_granted := greatest(v_award.amount - v_settlement.awarded, 0);
    IF v_settlement.state <> 'prepared' OR v_award.state <> 'committed'
       OR v_award.amount < least(v_settlement.entitled, v_settlement.awarded)
       OR v_granted > 0 AND v_award.amount > v_settlement.entitled
       OR coalesce((SELECT sum(r.amount) FROM incentives_recovery r
                     WHERE r.award_id = v_award.id AND r.number = p_recovery), 0)
          <> greatest(v_award.amount - v_settlement.entitled, 0)
       OR EXISTS (SELECT 1 FROM incentives_instalment i
                   WHERE i.award_id = v_award.id AND i.due_kind <> 'date'
                     AND NOT EXISTS (SELECT 1 FROM incentives_instalmentfinding f
                                      WHERE f.instalment_id = i.id AND f.state = 'confirmed')) THEN
        RAISE EXCEPTION 'settlement % is not carried out', p_settlement USING ERRCODE = 'HQ016';
    END IF;
    PERFORM huiqi_entitle(v_award.id, v_settlement.entitled);
    UPDATE incentives_settlement
       SET state = 'approved', granted = v_granted, recovery = p_recovery,
           approved_by_id = p_actor, approved_at = p_at
     WHERE id = p_settlement;
    RETURN v_granted;
END $$;
"""

DROP = """
CREATE FUNCTION huiqi_drop_settlement(p_settlement bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE incentives_settlement SET state = 'dropped'
     WHERE id = p_settlement AND state = 'prepared';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'settlement % is decided', p_settlement USING ERRCODE = 'HQ016';
    END IF;
END $$;
"""

GUARD = """
CREATE FUNCTION huiqi_settlement_decided() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Only the functions above end one: they run by the rights of their owner.
    IF current_user = 'ROLE' THEN
        RAISE EXCEPTION 'a settlement ends by huiqi_approve_settlement or huiqi_drop_settlement'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_settlement_decided BEFORE UPDATE ON incentives_settlement
    FOR EACH ROW EXECUTE FUNCTION huiqi_settlement_decided();
"""

ROLE = settings.APPLICATION_DB_ROLE
CALLED = "huiqi_approve_settlement, huiqi_drop_settlement"
PRIVILEGES = f"""
REVOKE ALL ON FUNCTION {CALLED}, huiqi_entitle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {CALLED} TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0014_findings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Settlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("facts", models.JSONField(verbose_name="audited figures")),
                ("assessment", models.TextField(verbose_name="assessment")),
                (
                    "entitled",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="entitled in yuan"
                    ),
                ),
                (
                    "awarded",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="awarded before in yuan"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due on")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("approved", "approved"),
                            ("dropped", "dropped"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "granted",
                    applicants.models.figure.Figure(
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="granted more in yuan",
                    ),
                ),
                (
                    "recovery",
                    models.CharField(blank=True, max_length=40, verbose_name="recovery number"),
                ),
                (
                    "prepared_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="prepared at"),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="settlements",
                        to="incentives.award",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="prepared by",
                    ),
                ),
            ],
            options={
                "verbose_name": "settlement",
                "verbose_name_plural": "settlements",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("award"),
                        condition=models.Q(("state", "dropped"), _negated=True),
                        name="one_settlement_per_award",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="settlement_approved_by_another",
                        violation_error_message="A settlement is approved by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("approved_by__isnull", False),
                                ("granted__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="settlement_names_who_approved_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("entitled__gte", 0)), name="settlement_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="settlement_gives_its_reason",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="settlement_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:approved,prepared:dropped}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="75d4678bb182e85702266273aebae1674b129ac1",
                            operation="UPDATE",
                            pgid="pgtrigger_settlement_steps_18dc0",
                            table="incentives_settlement",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="settlement_begins_prepared",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."approved_by_id" IS NULL AND NEW."granted" IS NULL AND NEW."state" = \'prepared\'))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="bb48507be3f167fb460be1450b6454ee33d25178",
                            operation="INSERT",
                            pgid="pgtrigger_settlement_begins_prepared_4e9e4",
                            table="incentives_settlement",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="settlement_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."award_id" IS DISTINCT FROM (NEW."award_id") OR OLD."facts" IS DISTINCT FROM (NEW."facts") OR OLD."assessment" IS DISTINCT FROM (NEW."assessment") OR OLD."entitled" IS DISTINCT FROM (NEW."entitled") OR OLD."awarded" IS DISTINCT FROM (NEW."awarded") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="da0a51c5c9d26ce4f65d01fcb9713a7ea2ed7bd9",
                            operation="UPDATE",
                            pgid="pgtrigger_settlement_content_0f523",
                            table="incentives_settlement",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="settlement_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NOT (OLD.\"state\" = 'prepared'))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="9aebb51fa3bff4dd33e12007b47255a5515f7b7f",
                            operation="UPDATE",
                            pgid="pgtrigger_settlement_final_15a7c",
                            table="incentives_settlement",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="settlement_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="626a47cd50a994bdb2c6e0fd9ce27feeef8d24d9",
                            operation="DELETE",
                            pgid="pgtrigger_settlement_kept_eac9c",
                            table="incentives_settlement",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        *(
            migrations.RunSQL(sql)
            for sql in (ENTITLE, APPROVE, DROP, GUARD.replace("ROLE", ROLE), PRIVILEGES)
        ),
    ]
