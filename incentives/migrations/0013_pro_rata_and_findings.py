"""Budgets shared out pro rata, and what was found of instalments that wait for a stage."""

from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0004_sealing"),
        ("incentives", "0012_sealing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProRata",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "planned",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="planned in yuan"
                    ),
                ),
                (
                    "used",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="used before"
                    ),
                ),
                (
                    "room",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="room"
                    ),
                ),
                (
                    "asked",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="asked in all"
                    ),
                ),
                (
                    "given",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="given in all"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="shared out by",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="shared_out",
                        to="incentives.budget",
                        verbose_name="budget",
                    ),
                ),
            ],
            options={
                "verbose_name": "pro rata share-out",
                "verbose_name_plural": "pro rata share-outs",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "given",
                                django.db.models.functions.comparison.Least(
                                    models.F("asked"), models.F("room")
                                ),
                            ),
                            (
                                "room",
                                django.db.models.functions.comparison.Greatest(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("planned"), "-", models.F("used")
                                    ),
                                    Decimal("0"),
                                ),
                            ),
                        ),
                        name="pro_rata_gives_what_there_is",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pro rata share-out is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="91eb0800430ac0ee38d7c2f49e8fd99de3548e40",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_18790",
                            table="incentives_prorata",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pro rata share-out is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="4f0c376a5bcea8d5d3d7e0c63649ac0977eed223",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_d62b2",
                            table="incentives_prorata",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProRataLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("case_number", models.CharField(max_length=40, verbose_name="case number")),
                (
                    "asked",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="asked"
                    ),
                ),
                (
                    "share",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="share"
                    ),
                ),
                (
                    "award",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.award",
                        verbose_name="award",
                    ),
                ),
                (
                    "prorata",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="lines",
                        to="incentives.prorata",
                    ),
                ),
            ],
            options={
                "verbose_name": "pro rata share",
                "verbose_name_plural": "pro rata shares",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("prorata"), models.F("case_number"), name="one_share_per_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__gte", 0), ("share__lte", models.F("asked"))),
                        name="share_within_what_was_asked",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pro rata share is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d27d664a7b28e26d82ff98b5a0518b5d0e040e9e",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_b3e79",
                            table="incentives_prorataline",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pro rata share is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d8aaec8023b95a335883e8a8dc91bf622a449f64",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_34654",
                            table="incentives_prorataline",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
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
                        choices=[
                            ("met", "reached"),
                            ("partly", "reached in part"),
                            ("not_met", "not reached"),
                            ("settled", "as settled"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                        verbose_name="finding on the instalment",
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
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
                            models.Q(
                                ("amount", 0),
                                ("due_on", None),
                                ("found__in", ["partly", "not_met", "settled", "withdrawn"]),
                            ),
                            models.Q(
                                ("amount__gt", 0),
                                ("due_on__isnull", False),
                                ("found__in", ["met", "partly", "settled"]),
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
                "indexes": [
                    models.Index(
                        fields=["instalment"],
                        condition=models.Q(("state", "prepared")),
                        name="finding_to_confirm",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
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
                    pgtrigger.compiler.Trigger(
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
                    pgtrigger.compiler.Trigger(
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
                    pgtrigger.compiler.Trigger(
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
                    pgtrigger.compiler.Trigger(
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
                ],
            },
        ),
    ]
