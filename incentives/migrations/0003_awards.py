"""The year's money and who was promised what of it."""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.composite
import applicants.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0002_documents_and_notices"),
        ("incentives", "0002_registry"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                ("name_en", models.CharField(max_length=160, verbose_name="English name")),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                (
                    "programmes",
                    models.ManyToManyField(
                        blank=True, to="incentives.programme", verbose_name="programmes"
                    ),
                ),
            ],
            options={
                "verbose_name": "fund",
                "verbose_name_plural": "funds",
                "ordering": ["city", "code"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("code"), name="fund_once_per_city"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.fund",
                        verbose_name="fund",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.programme",
                        verbose_name="programme",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="budget year")),
                (
                    "planned",
                    applicants.models.figure.Figure(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=16,
                        verbose_name="planned in yuan",
                    ),
                ),
                (
                    "opened",
                    models.BooleanField(
                        db_default=False, default=False, editable=False, verbose_name="opened"
                    ),
                ),
                (
                    "allotment",
                    models.CharField(
                        choices=[
                            ("first_come", "first come, first served"),
                            ("pro_rata", "pro rata"),
                        ],
                        default="first_come",
                        max_length=10,
                        verbose_name="allotment",
                    ),
                ),
                (
                    "carries_over",
                    models.BooleanField(default=False, verbose_name="what is left carries over"),
                ),
                ("funding_source", models.CharField(max_length=80, verbose_name="funding source")),
                (
                    "subject_code",
                    models.CharField(max_length=20, verbose_name="budget subject code"),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                ("set_at", models.DateTimeField(auto_now_add=True, verbose_name="set at")),
            ],
            options={
                "verbose_name": "budget",
                "verbose_name_plural": "budgets",
                "ordering": ["-year", "fund", "programme"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("fund"),
                        models.F("programme"),
                        models.F("year"),
                        name="budget_once_a_year",
                        nulls_distinct=False,
                        violation_error_message="This budget is set for that year already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned__gte", 0)),
                        name="budget_not_negative",
                        violation_error_message="A budget is 0 yuan or more.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="budget_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="e9f372c46db3d05bad255d9fe33f48b1d4a237ec",
                            operation="DELETE",
                            pgid="pgtrigger_budget_kept_32e45",
                            table="incentives_budget",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="budget_begins_empty",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."opened" OR NOT (NEW."planned" = 0))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="ecb0200c46da3a1d48034b028d1950b844929344",
                            operation="INSERT",
                            pgid="pgtrigger_budget_begins_empty_61f7b",
                            table="incentives_budget",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="changes",
                        to="incentives.budget",
                        verbose_name="budget",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("planned", "first plan"),
                            ("supplement", "supplement"),
                            ("reduction", "reduction"),
                            ("transfer", "transfer"),
                            ("carried", "carried over"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="amount in yuan"
                    ),
                ),
                (
                    "taken_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="given",
                        to="incentives.budget",
                        verbose_name="taken from",
                    ),
                ),
                ("basis", models.CharField(max_length=300, verbose_name="basis")),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.document",
                        verbose_name="document",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("approved", "approved"),
                            ("cancelled", "cancelled"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="state",
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
                (
                    "prepared_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="prepared at"),
                ),
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
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
            ],
            options={
                "verbose_name": "budget change",
                "verbose_name_plural": "budget changes",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)),
                        name="budget_change_positive",
                        violation_error_message="An amount is above 0 yuan.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="budget_change_approved_by_another",
                        violation_error_message="A budget change is approved by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["transfer", "carried"]), ("taken_from__isnull", False)
                            ),
                            models.Q(
                                models.Q(("kind__in", ["transfer", "carried"]), _negated=True),
                                ("taken_from", None),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_names_its_source",
                        violation_error_message="Choose the budget that the money is taken from.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_from", None),
                            models.Q(("taken_from", models.F("budget")), _negated=True),
                            _connector="OR",
                        ),
                        name="transfer_between_two",
                        violation_error_message="Choose two different budgets.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            ("approved_by__isnull", False),
                            _connector="OR",
                        ),
                        name="budget_change_names_its_approver",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="budget_change_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:approved,prepared:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="3ddc2d63c3e73bf493210d066182dcbc82a88e6b",
                            operation="UPDATE",
                            pgid="pgtrigger_budget_change_steps_2318e",
                            table="incentives_budgetchange",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="budget_change_begins_prepared",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."approved_by_id" IS NULL AND NEW."state" = \'prepared\'))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="c9166305c56d53f84f6e50e7b4e24f93beaf912e",
                            operation="INSERT",
                            pgid="pgtrigger_budget_change_begins_prepared_8f7e2",
                            table="incentives_budgetchange",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="budget_change_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."budget_id" IS DISTINCT FROM (NEW."budget_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."taken_from_id" IS DISTINCT FROM (NEW."taken_from_id") OR OLD."basis" IS DISTINCT FROM (NEW."basis") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="bd2406f889f5721e82d150ca6106b7f151a6ef27",
                            operation="UPDATE",
                            pgid="pgtrigger_budget_change_content_e68c6",
                            table="incentives_budgetchange",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="budget_change_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="5f4d8ab95780c57995ca4c6bbbfa6c1b624853c6",
                            operation="DELETE",
                            pgid="pgtrigger_budget_change_kept_c4f05",
                            table="incentives_budgetchange",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="YearClose",
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
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="budget year")),
                ("report", models.TextField(verbose_name="report")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="prepared by",
                    ),
                ),
                (
                    "prepared_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="prepared at"),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
            ],
            options={
                "verbose_name": "year's close",
                "verbose_name_plural": "year closes",
                "ordering": ["-year"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("year"), name="year_closed_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_by", None),
                            models.Q(("closed_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="year_closed_by_another",
                        violation_error_message="A year is closed by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None)),
                            models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="close_names_who_closed_it",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="year_close_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."closed_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="04ce0b59d710c81a087943b50d48e06b366e40d4",
                            operation="UPDATE",
                            pgid="pgtrigger_year_close_final_bd348",
                            table="incentives_yearclose",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="year_close_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="e0641a3f29b2aab972614e5d511344d46ba8c1b6",
                            operation="DELETE",
                            pgid="pgtrigger_year_close_kept_4a25c",
                            table="incentives_yearclose",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pool",
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
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year of approval")),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                (
                    "limit",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="limit in yuan"
                    ),
                ),
                ("basis", models.CharField(max_length=300, verbose_name="basis")),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                ("set_at", models.DateTimeField(auto_now=True, verbose_name="set at")),
                (
                    "programmes",
                    models.ManyToManyField(
                        blank=True,
                        help_text="None: all programmes.",
                        to="incentives.programme",
                        verbose_name="programmes",
                    ),
                ),
            ],
            options={
                "verbose_name": "pool",
                "verbose_name_plural": "pools",
                "ordering": ["-year", "code"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"),
                        models.F("code"),
                        models.F("year"),
                        name="pool_once_a_year",
                        violation_error_message="This pool is set for that year already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("limit__gte", 0)),
                        name="pool_limit_not_negative",
                        violation_error_message="A limit is 0 yuan or more.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CapExcess",
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
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("case_number", models.CharField(max_length=40, verbose_name="case number")),
                ("key", models.CharField(max_length=300, verbose_name="key")),
                ("cap", models.CharField(max_length=80, verbose_name="cap")),
                ("printed", models.BooleanField(default=False)),
                (
                    "unit",
                    models.CharField(
                        choices=[("yuan", "yuan"), ("awards", "awards"), ("rows", "rows")],
                        db_default="yuan",
                        max_length=10,
                        verbose_name="unit",
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="excess"
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked at")),
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
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
                (
                    "declined_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="declined by",
                    ),
                ),
                ("declined_at", models.DateTimeField(null=True, verbose_name="declined at")),
                (
                    "decline_reason",
                    models.TextField(blank=True, db_default="", verbose_name="why it was declined"),
                ),
                ("lapsed_at", models.DateTimeField(null=True, verbose_name="lapsed at")),
            ],
            options={
                "verbose_name": "excess of a cap",
                "verbose_name_plural": "excesses of caps",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"),
                        models.F("case_number"),
                        models.F("key"),
                        condition=models.Q(("declined_by", None), ("lapsed_at", None)),
                        name="one_excess_per_cap",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("declined_by", None), ("approved_by", None), _connector="OR"
                        ),
                        name="excess_signed_or_declined",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("printed", False)),
                        name="printed_cap_never_exceeded",
                        violation_error_message="A printed cap is never exceeded.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="excess_approved_by_another",
                        violation_error_message="An excess is approved by someone who did not ask it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0), models.Q(("reason", ""), _negated=True)
                        ),
                        name="excess_gives_its_reason",
                        violation_error_message="State the amount and the reason.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="excess_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."city_id" IS DISTINCT FROM (NEW."city_id") OR OLD."case_number" IS DISTINCT FROM (NEW."case_number") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."cap" IS DISTINCT FROM (NEW."cap") OR OLD."printed" IS DISTINCT FROM (NEW."printed") OR OLD."unit" IS DISTINCT FROM (NEW."unit") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="e02f4be66167391a18b6ceafd708c9d6ccb6bd26",
                            operation="UPDATE",
                            pgid="pgtrigger_excess_content_de45a",
                            table="incentives_capexcess",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="excess_begins_asked",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."approved_by_id" IS NULL AND NEW."declined_by_id" IS NULL))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="7bb697fa73dfa14d8a2f81bfb586d9beed22fb81",
                            operation="INSERT",
                            pgid="pgtrigger_excess_begins_asked_75e0d",
                            table="incentives_capexcess",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="excess_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."lapsed_at" IS NOT NULL OR ((OLD."approved_by_id" IS NOT NULL OR OLD."declined_by_id" IS NOT NULL) AND (NEW."lapsed_at" IS NULL OR NEW."approved_by_id" IS DISTINCT FROM (OLD."approved_by_id") OR NEW."declined_by_id" IS DISTINCT FROM (OLD."declined_by_id"))))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="4b251410746d327dcff6fd4b42b736e76747f33f",
                            operation="UPDATE",
                            pgid="pgtrigger_excess_final_55f3e",
                            table="incentives_capexcess",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="excess_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="1b4febf14154aecaa5312e507cd80488f1f6dfd8",
                            operation="DELETE",
                            pgid="pgtrigger_excess_kept_8e3e2",
                            table="incentives_capexcess",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Award",
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
                ("case_number", models.CharField(max_length=40, verbose_name="case number")),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.programme",
                        verbose_name="programme",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.programmeversion",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        db_constraint=False,
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
                ("verb", models.CharField(max_length=20, verbose_name="printed verb")),
                ("payer", models.CharField(default="city", max_length=20, verbose_name="payer")),
                (
                    "budget",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="awards",
                        to="incentives.budget",
                        verbose_name="budget",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reserved", "reserved"),
                            ("committed", "committed"),
                            ("released", "released"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "assessed",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="assessed"),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="amount"),
                ),
                ("cuts", models.JSONField(default=list, verbose_name="cuts")),
                (
                    "approval_year",
                    models.PositiveSmallIntegerField(verbose_name="year of approval"),
                ),
                ("approved_at", models.DateTimeField(verbose_name="approved at")),
                (
                    "opening",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="award",
                        to="incentives.importrow",
                        verbose_name="row of the list",
                    ),
                ),
                ("committed_at", models.DateTimeField(null=True, verbose_name="awarded at")),
                (
                    "settlement_year",
                    models.PositiveSmallIntegerField(null=True, verbose_name="year of settlement"),
                ),
                (
                    "settlement_budget",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.budget",
                        verbose_name="budget of settlement",
                    ),
                ),
            ],
            options={
                "verbose_name": "award",
                "verbose_name_plural": "awards",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["city", "approval_year", "-id"], name="award_by_year")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"),
                        models.F("case_number"),
                        condition=models.Q(("state", "released"), _negated=True),
                        name="one_living_award_per_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0), ("amount__lte", models.F("assessed"))
                        ),
                        name="award_within_assessed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("settlement_budget", None), ("settlement_year", None))
                        | models.Q(("settlement_year__gt", models.F("approval_year"))),
                        name="settlement_of_a_later_year",
                    ),
                    applicants.models.composite.CompositeForeignKey(
                        fields=("version", "programme"), name="award_version_fk"
                    ),
                    applicants.models.composite.CompositeForeignKey(
                        fields=("bureau", "city"), name="award_bureau_fk"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AwardShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="shares",
                        to="incentives.award",
                    ),
                ),
                ("payer", models.CharField(max_length=20, verbose_name="payer")),
                (
                    "share",
                    applicants.models.figure.Figure(
                        decimal_places=6, max_digits=7, verbose_name="share"
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="amount"
                    ),
                ),
            ],
            options={
                "verbose_name": "payer's share",
                "verbose_name_plural": "payers' shares",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("award"), models.F("payer"), name="payer_once_per_award"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Instalment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="instalments",
                        to="incentives.award",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="instalment")),
                (
                    "payee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="payee",
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="amount"
                    ),
                ),
                ("payer", models.CharField(default="city", max_length=20, verbose_name="payer")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("part", "part"),
                            ("advance", "advance"),
                            ("settlement", "settlement"),
                        ],
                        default="part",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "due_kind",
                    models.CharField(
                        choices=[
                            ("date", "on a date"),
                            ("stage", "when a stage is reached"),
                            ("evaluation", "when an evaluation is passed"),
                        ],
                        default="date",
                        max_length=10,
                        verbose_name="due",
                    ),
                ),
                ("label", models.JSONField(default=dict, verbose_name="label")),
                ("due_on", models.DateField(null=True, verbose_name="due on")),
                ("part", models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                "verbose_name": "instalment",
                "verbose_name_plural": "instalments",
                "ordering": ["due_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("award"), models.F("number"), name="instalment_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="instalment_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_kind", "date"), _negated=True),
                            ("due_on__isnull", False),
                            _connector="OR",
                        ),
                        name="instalment_has_its_date",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'instalment is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="a5ba13ef4517bf95be08345c3c306f101412d3c1",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_9fa9b",
                            table="incentives_instalment",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'instalment is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d520e8e6b8e0a387377edeb58fe3a82c36f68efe",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_78ab8",
                            table="incentives_instalment",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterEntry",
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
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("voucher", "voucher"),
                            ("title", "recognition or title"),
                            ("listing", "place on a list"),
                            ("status", "certificate or status"),
                            ("in_kind", "support in kind"),
                            ("investment", "investment or concession"),
                            ("waiver", "waiver"),
                            ("filing", "filing"),
                            ("nomination", "nomination"),
                            ("agreement", "agreed measures"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.SlugField(max_length=80, verbose_name="title code")),
                (
                    "programme",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.programme",
                        verbose_name="programme",
                    ),
                ),
                (
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="register number"),
                ),
                ("label_zh", models.CharField(max_length=200, verbose_name="Chinese label")),
                ("label_en", models.CharField(max_length=300, verbose_name="English label")),
                ("level", models.CharField(blank=True, max_length=80, verbose_name="level")),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="register_entries",
                        to="applicants.party",
                        verbose_name="holder",
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=300, verbose_name="subject")),
                (
                    "case_number",
                    models.CharField(blank=True, max_length=40, verbose_name="case number"),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.bureau",
                        verbose_name="bureau",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in_force", "in force"),
                            ("fulfilled", "fulfilled"),
                            ("declined", "not selected"),
                            ("expired", "expired"),
                            ("ended", "ended"),
                        ],
                        default="in_force",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="to and including"),
                ),
                (
                    "figure",
                    applicants.models.figure.Figure(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="figure in yuan",
                    ),
                ),
                ("terms", models.TextField(blank=True, verbose_name="terms")),
                (
                    "award",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.award",
                        verbose_name="reserved award",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="entered at")),
            ],
            options={
                "verbose_name": "register entry",
                "verbose_name_plural": "registers",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["party", "title", "-id"], name="entry_by_party"),
                    models.Index(fields=["city", "title", "-id"], name="entry_by_title"),
                    models.Index(
                        condition=models.Q(("state", "in_force")),
                        fields=["ends_on"],
                        name="entry_to_expire",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="entry_ends_after_it_starts",
                        violation_error_message="An entry cannot end before it starts.",
                    ),
                    models.UniqueConstraint(
                        models.F("city"),
                        models.F("case_number"),
                        condition=models.Q(("case_number", ""), _negated=True),
                        name="one_entry_per_case",
                        violation_error_message="This case has its entry in the register already.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="entry_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{in_force:fulfilled,in_force:declined,in_force:expired,in_force:ended}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="3f8eb15a3c7adae5ae7d8477b9fc6e46fbfd7e3e",
                            operation="UPDATE",
                            pgid="pgtrigger_entry_steps_917f8",
                            table="incentives_registerentry",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="entry_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."city_id" IS DISTINCT FROM (NEW."city_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."programme_id" IS DISTINCT FROM (NEW."programme_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."party_id" IS DISTINCT FROM (NEW."party_id") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."case_number" IS DISTINCT FROM (NEW."case_number") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on") OR OLD."figure" IS DISTINCT FROM (NEW."figure") OR OLD."award_id" IS DISTINCT FROM (NEW."award_id") OR OLD."entered_by_id" IS DISTINCT FROM (NEW."entered_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="d9026ee000220978001071be09b86ede0505c43e",
                            operation="UPDATE",
                            pgid="pgtrigger_entry_content_91869",
                            table="incentives_registerentry",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="entry_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="dcbf8f599262b7c85e49d21b73855a0c35d981be",
                            operation="DELETE",
                            pgid="pgtrigger_entry_kept_5e380",
                            table="incentives_registerentry",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="steps",
                        to="incentives.registerentry",
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="what")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in_force", "in force"),
                            ("fulfilled", "fulfilled"),
                            ("declined", "not selected"),
                            ("expired", "expired"),
                            ("ended", "ended"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("on", models.DateField(verbose_name="on")),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="amount in yuan",
                    ),
                ),
                ("note", models.TextField(verbose_name="note")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "register step",
                "verbose_name_plural": "register steps",
                "ordering": ["id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'register step is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="2ec916e1c1cf978e5ffca94cb602d80706da7ced",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_6b969",
                            table="incentives_registerstep",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'register step is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="9e913628f84d1097e14a4f293d9cb2f68601ac32",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_f6fe7",
                            table="incentives_registerstep",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
