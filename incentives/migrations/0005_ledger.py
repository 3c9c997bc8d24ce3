"""The books: every movement of an award, and what each cap has used."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.composite


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0002_documents_and_notices"),
        ("incentives", "0004_payouts"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("reserved", "reserved"),
                            ("committed", "committed"),
                            ("paid", "paid"),
                            ("released", "released"),
                            ("returned", "returned"),
                            ("recovered", "recovered"),
                            ("written_off", "written off"),
                            ("opening", "given before"),
                            ("reversed", "given before, reversed"),
                        ],
                        max_length=12,
                        verbose_name="stage",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="amount in yuan"
                    ),
                ),
                ("posted_at", models.DateTimeField(verbose_name="posted at")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year of posting")),
                (
                    "approval_year",
                    models.PositiveSmallIntegerField(verbose_name="year of approval"),
                ),
                (
                    "budget_year",
                    models.PositiveSmallIntegerField(verbose_name="year of the budget"),
                ),
                (
                    "award",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="entries",
                        to="incentives.award",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="entries",
                        to="incentives.payoutline",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="entries",
                        to="incentives.budget",
                        verbose_name="budget",
                    ),
                ),
                ("case_number", models.CharField(max_length=40, verbose_name="case number")),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.programme",
                        verbose_name="programme",
                    ),
                ),
                ("verb", models.CharField(max_length=20, verbose_name="printed verb")),
                ("payer", models.CharField(default="city", max_length=20, verbose_name="payer")),
                (
                    "bureau",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.bureau",
                        verbose_name="handling bureau",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.district",
                        verbose_name="district",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="ledger_entries",
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                (
                    "payee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="applicants.party",
                        verbose_name="payee",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["city", "stage", "year", "-id"], name="ledger_by_year"),
                    models.Index(fields=["city", "year", "-id"], name="ledger_by_year_posted"),
                    models.Index(
                        fields=["city", "approval_year", "-id"], name="ledger_by_year_approved"
                    ),
                    models.Index(fields=["programme", "-id"], name="ledger_by_programme"),
                    models.Index(fields=["bureau", "-id"], name="ledger_by_bureau"),
                    models.Index(fields=["applicant", "-id"], name="ledger_by_applicant"),
                    models.Index(fields=["case_number", "id"], name="ledger_by_case"),
                    models.Index(fields=["budget", "stage"], name="ledger_by_budget"),
                    models.Index(
                        models.F("line"),
                        condition=models.Q(("line__isnull", False)),
                        name="ledger_by_line",
                    ),
                    models.Index(
                        models.F("payee"),
                        condition=models.Q(("payee__isnull", False)),
                        name="ledger_by_payee",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0),
                            models.Q(
                                ("amount__lt", 0), ("stage__in", ["recovered", "written_off"])
                            ),
                            _connector="OR",
                        ),
                        name="ledger_below_zero_is_taken_back",
                    ),
                    models.UniqueConstraint(fields=["award", "id"], name="ledger_by_award"),
                    applicants.models.composite.CompositeForeignKey(
                        fields=("bureau", "city"), name="ledger_bureau_fk"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'ledger is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="6e50fcca6f8dbe6171b48452e163388a5626be09",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_54df2",
                            table="incentives_ledgerentry",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'ledger is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="0b5f39671ea2910bdf6e7cde210747bb09ca08ee",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_8ea08",
                            table="incentives_ledgerentry",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        *(
            migrations.AddField(
                model_name="recoveryentry",
                name=name,
                field=models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.RESTRICT,
                    related_name="+",
                    to="incentives.ledgerentry",
                ),
            )
            for name in ("first_entry", "last_entry")
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("key", models.CharField(max_length=300, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cap", "cap"),
                            ("event", "same event"),
                            ("pool", "pool"),
                            ("budget", "budget"),
                            ("tally", "counted only"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        choices=[("yuan", "yuan"), ("awards", "awards"), ("rows", "rows")],
                        max_length=10,
                        verbose_name="unit",
                    ),
                ),
                ("heat", models.PositiveSmallIntegerField()),
                (
                    "limit",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="limit"),
                ),
                (
                    "used",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=16, verbose_name="used"
                    ),
                ),
                (
                    "carried",
                    models.DecimalField(
                        db_default=0,
                        decimal_places=2,
                        max_digits=16,
                        verbose_name="carried over beyond the limit",
                    ),
                ),
            ],
            options={
                "verbose_name": "cap",
                "verbose_name_plural": "caps",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(models.F("city"), models.F("key"), name="counter_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("used"), "-", models.F("limit")
                                    ),
                                    "-",
                                    models.F("carried"),
                                ),
                                0,
                            ),
                            ("carried__gte", 0),
                            ("used__gte", 0),
                        ),
                        name="counter_within_limit",
                        violation_error_message="A cap can be neither exceeded nor fall below zero.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CounterEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "counter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="entries",
                        to="incentives.counter",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="counters",
                        to="incentives.ledgerentry",
                    ),
                ),
                (
                    "award",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.award",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="applicants.partychange",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="counters",
                        to="incentives.importrow",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="amount"),
                ),
                (
                    "entitled",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="entitled"),
                ),
            ],
            options={
                "verbose_name": "cap entry",
                "verbose_name_plural": "cap entries",
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["award", "entry"], name="cap_entry_by_award"),
                    models.Index(
                        models.F("change"),
                        condition=models.Q(("change__isnull", False)),
                        name="cap_entry_by_change",
                    ),
                    models.Index(
                        models.F("opening"),
                        condition=models.Q(("opening__isnull", False)),
                        name="cap_entry_by_opening",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("award__isnull", False), ("entry__isnull", False)),
                            models.Q(("award", None), ("entry", None), ("opening__isnull", False)),
                            _connector="OR",
                        ),
                        name="cap_entry_has_its_source",
                    ),
                    models.UniqueConstraint(
                        models.F("opening"),
                        condition=models.Q(("amount__gt", 0), ("award", None), ("change", None)),
                        name="opening_balance_once",
                    ),
                    applicants.models.composite.CompositeForeignKey(
                        fields=("entry", "award"), name="cap_entry_fk"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'cap entry is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="ec24da6a7adde023068de52df139af8fc0982bd7",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_7427d",
                            table="incentives_counterentry",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'cap entry is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d43ec82f80b6f39326dfe6b337c99ec654b22833",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_78a38",
                            table="incentives_counterentry",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
