"""Instalments that fall due by a stage or an evaluation: found by one, confirmed by another.

What was found due takes the instalment's place with a date; the rest lapses: it is released in the
ledger, and every cap and budget of an open year has its part of it again.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

CONFIRM = """
CREATE FUNCTION huiqi_confirm_finding(
    p_finding bigint, p_at timestamptz, p_actor bigint, p_reason text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_finding incentives_instalmentfinding%ROWTYPE;
    v_part incentives_instalment%ROWTYPE;
    v_award incentives_award%ROWTYPE;
    v_rest numeric;
    v_back numeric;
    v_entry bigint;
    v_became bigint;
    r record;
BEGIN
    SELECT i.* INTO STRICT v_part FROM incentives_instalment i
      JOIN incentives_instalmentfinding f ON f.instalment_id = i.id WHERE f.id = p_finding;
    PERFORM pg_advisory_xact_lock_shared(hashtext('huiqi pools ' || a.city_id))
       FROM incentives_award a WHERE a.id = v_part.award_id;
    SELECT * INTO STRICT v_award FROM incentives_award WHERE id = v_part.award_id FOR UPDATE;
    SELECT * INTO STRICT v_finding FROM incentives_instalmentfinding
     WHERE id = p_finding FOR UPDATE;
    v_rest := v_part.amount - v_finding.amount;
    IF v_finding.state <> 'prepared' OR v_award.state <> 'committed' OR v_part.due_kind = 'date'
       OR v_rest < 0 OR (v_finding.found = 'met') <> (v_rest = 0)
       OR v_rest > 0 AND v_award.payer = 'shared' THEN
        RAISE EXCEPTION 'finding % cannot be confirmed', p_finding USING ERRCODE = 'HQ014';
    END IF;
    IF v_rest > 0 THEN
        v_entry := huiqi_post(v_award.id, NULL, 'released', v_rest, p_at, p_actor, p_reason);
        FOR r IN
            SELECT c.id, c.unit, h.amount,
                   (SELECT sum(e.amount) FROM incentives_counterentry e
                      JOIN incentives_ledgerentry l ON l.id = e.entry_id
                     WHERE e.counter_id = c.id AND e.award_id = v_award.id
                       AND l.stage <> 'recovered') AS taken
              FROM huiqi_held_by(v_award.id) h JOIN incentives_counter c ON c.id = h.counter_id
             WHERE (c.unit = 'yuan' OR v_rest = v_award.amount)
               AND NOT EXISTS (
                   SELECT 1 FROM incentives_budget b JOIN incentives_yearclose y
                       ON y.city_id = c.city_id AND y.year = b.year AND y.closed_at IS NOT NULL
                    WHERE c.kind = 'budget' AND c.key = 'budget:' || b.id)
             ORDER BY c.heat, c.key
        LOOP
            v_back := CASE r.unit WHEN 'yuan'
                THEN least(r.amount, round(r.taken * v_rest / v_award.amount, 2))
                ELSE r.amount END;
            CONTINUE WHEN v_back <= 0;
            INSERT INTO incentives_counterentry (counter_id, entry_id, award_id, amount, entitled)
            VALUES (r.id, v_entry, v_award.id, -v_back, 0);
            UPDATE incentives_counter SET used = used - v_back WHERE id = r.id;
        END LOOP;
        IF v_rest = v_award.amount THEN
            UPDATE incentives_award SET state = 'released' WHERE id = v_award.id;
        ELSE
            UPDATE incentives_award SET amount = amount - v_rest WHERE id = v_award.id;
        END IF;
    END IF;
    IF v_finding.amount > 0 THEN
        INSERT INTO incentives_instalment (
            award_id, number, payee_id, amount, payer, kind, due_kind, label, due_on)
        SELECT v_part.award_id, max(i.number) + 1, v_part.payee_id, v_finding.amount, v_part.payer,
               v_part.kind, 'date', v_part.label, v_finding.due_on
          FROM incentives_instalment i WHERE i.award_id = v_part.award_id
        RETURNING id INTO v_became;
    END IF;
    UPDATE incentives_instalmentfinding
       SET state = 'confirmed', confirmed_by_id = p_actor, confirmed_at = p_at,
           became_id = v_became
     WHERE id = p_finding;
    RETURN v_became;
END $$;
"""

CHECKS = """
CREATE OR REPLACE FUNCTION huiqi_check_instalments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- One on which something was found has given its place to what was due of it.
    IF (SELECT sum(i.amount) FROM incentives_instalment i
         WHERE i.award_id = NEW.award_id
           AND NOT EXISTS (SELECT 1 FROM incentives_instalmentfinding f
                            WHERE f.instalment_id = i.id AND f.state = 'confirmed'))
       <> (SELECT amount FROM incentives_award WHERE id = NEW.award_id) THEN
        RAISE EXCEPTION 'instalments of award % are not its amount', NEW.award_id
            USING ERRCODE = 'HQ005';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION huiqi_line_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM incentives_instalment WHERE id = NEW.instalment_id AND due_on IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the stage of the instalment is not reached' USING ERRCODE = 'HQ004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_line_is_due BEFORE INSERT ON incentives_payoutline
    FOR EACH ROW EXECUTE FUNCTION huiqi_line_is_due();

CREATE FUNCTION huiqi_finding_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only the function that moves the money confirms: it runs by the rights of its owner.
    IF current_user = 'ROLE' THEN
        RAISE EXCEPTION 'a finding is confirmed by huiqi_confirm_finding'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER huiqi_finding_confirmed BEFORE UPDATE ON incentives_instalmentfinding
    FOR EACH ROW WHEN (NEW.state = 'confirmed') EXECUTE FUNCTION huiqi_finding_confirmed();
"""

NAME = "huiqi_confirm_finding(bigint, timestamptz, bigint, text)"
ROLE = settings.APPLICATION_DB_ROLE
PRIVILEGES = (
    f'REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {NAME} TO "{ROLE}"'
)


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0009_paper_of_the_public"),
        ("incentives", "0024_pro_rata"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel(
            name="InstalmentFinding",
        ),
        migrations.AlterField(
            model_name="budget",
            name="allotment",
            field=models.CharField(
                choices=[("first_come", "first come, first served"), ("pro_rata", "pro rata")],
                default="first_come",
                max_length=10,
                verbose_name="allotment",
            ),
        ),
        migrations.CreateModel(
            name="InstalmentFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "found",
                    models.CharField(
                        choices=[("met", "met"), ("partly", "partly met"), ("not_met", "not met")],
                        max_length=10,
                        verbose_name="found",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="due in yuan"
                    ),
                ),
                ("due_on", models.DateField(null=True, verbose_name="due on")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("confirmed", "confirmed"),
                            ("dropped", "dropped"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "prepared_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="prepared at"),
                ),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
                (
                    "became",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="came_of",
                        to="incentives.instalment",
                        verbose_name="became",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.document",
                        verbose_name="document",
                    ),
                ),
                (
                    "instalment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="findings",
                        to="incentives.instalment",
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
                "verbose_name": "finding on an instalment",
                "verbose_name_plural": "findings on instalments",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("instalment"),
                        condition=models.Q(("state", "dropped"), _negated=True),
                        name="one_finding_per_instalment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="finding_confirmed_by_another",
                        violation_error_message="A finding is confirmed by someone who did not make it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(
                                ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="finding_names_who_confirmed_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount", 0), ("due_on", None), ("found", "not_met")),
                            models.Q(
                                ("amount__gt", 0),
                                ("due_on__isnull", False),
                                ("found__in", ["met", "partly"]),
                            ),
                            _connector="OR",
                        ),
                        name="finding_says_what_is_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="finding_gives_its_reason",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="instalmentfinding",
            trigger=pgtrigger.compiler.Trigger(
                name="finding_steps",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:confirmed,prepared:dropped}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="7914d606a0a8b634180d4f5132722f287db11ea5",
                    operation="UPDATE",
                    pgid="pgtrigger_finding_steps_2e805",
                    table="incentives_instalmentfinding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="instalmentfinding",
            trigger=pgtrigger.compiler.Trigger(
                name="finding_begins_prepared",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NOT (NEW."became_id" IS NULL AND NEW."confirmed_by_id" IS NULL AND NEW."state" = \'prepared\'))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="787c78d82223c90ed919e5b1903ee5fb528b6cef",
                    operation="INSERT",
                    pgid="pgtrigger_finding_begins_prepared_64da9",
                    table="incentives_instalmentfinding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="instalmentfinding",
            trigger=pgtrigger.compiler.Trigger(
                name="finding_content",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."instalment_id" IS DISTINCT FROM (NEW."instalment_id") OR OLD."found" IS DISTINCT FROM (NEW."found") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."document_id" IS DISTINCT FROM (NEW."document_id") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="694a2ecd561fd0fe6d682f0bda440c95665b5e54",
                    operation="UPDATE",
                    pgid="pgtrigger_finding_content_060f0",
                    table="incentives_instalmentfinding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="instalmentfinding",
            trigger=pgtrigger.compiler.Trigger(
                name="finding_final",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."confirmed_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="976a67458b40a5a36c89cb9cd8bf13ae33458774",
                    operation="UPDATE",
                    pgid="pgtrigger_finding_final_eb973",
                    table="incentives_instalmentfinding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="instalmentfinding",
            trigger=pgtrigger.compiler.Trigger(
                name="finding_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="a2d519bdc7c5cd0dfc80fcab50379cb65d98bd7e",
                    operation="DELETE",
                    pgid="pgtrigger_finding_kept_6b9a8",
                    table="incentives_instalmentfinding",
                    when="BEFORE",
                ),
            ),
        ),
        *(
            migrations.RunSQL(sql, migrations.RunSQL.noop)
            for sql in (CONFIRM, CHECKS.replace("ROLE", ROLE), PRIVILEGES)
        ),
    ]
