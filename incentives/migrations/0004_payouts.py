"""How an award is paid out, held, and recovered."""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0001_users_and_parties"),
        ("incentives", "0003_awards"),
    ]

    operations = [
        migrations.CreateModel(
            name="PayoutFormat",
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
                ("title", models.CharField(max_length=120, verbose_name="title")),
                (
                    "form",
                    models.CharField(
                        choices=[("xlsx", "XLSX"), ("csv", "CSV")],
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                ("columns", models.JSONField(verbose_name="columns")),
                ("options", models.JSONField(blank=True, default=dict, verbose_name="options")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("basis", models.CharField(max_length=300, verbose_name="basis")),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                ("set_at", models.DateTimeField(auto_now_add=True, verbose_name="set at")),
            ],
            options={
                "verbose_name": "payout format",
                "verbose_name_plural": "payout formats",
                "ordering": ["city", "code", "-id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'payout format is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="cc4741f75a5d41c62c564c8dddb66491f3f0f1d4",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_3e882",
                            table="incentives_payoutformat",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'payout format is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="f93656d336262b3f1c4cf4312806b59126ef8f13",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_01024",
                            table="incentives_payoutformat",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayoutBatch",
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
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="batch number"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("approved", "approved"),
                            ("exported", "exported"),
                            ("settled", "settled"),
                            ("cancelled", "cancelled"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "payer",
                    models.CharField(
                        choices=[("city", "city level"), ("district", "district level")],
                        default="city",
                        max_length=20,
                        verbose_name="payer",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.district",
                        verbose_name="district",
                    ),
                ),
                ("line_count", models.PositiveIntegerField(verbose_name="lines")),
                (
                    "total",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="total in yuan"
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
                ("prepared_at", models.DateTimeField(verbose_name="prepared at")),
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
                ("exported_at", models.DateTimeField(null=True, verbose_name="exported at")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
                (
                    "formats",
                    models.ManyToManyField(
                        blank=True, to="incentives.payoutformat", verbose_name="formats"
                    ),
                ),
            ],
            options={
                "verbose_name": "payout batch",
                "verbose_name_plural": "payout batches",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="batch_approved_by_another",
                        violation_error_message="A batch is approved by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["prepared", "cancelled"]),
                            ("approved_by__isnull", False),
                            _connector="OR",
                        ),
                        name="batch_not_exported_unapproved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("district", None), ("payer", "city")),
                            models.Q(("district__isnull", False), ("payer", "district")),
                            _connector="OR",
                        ),
                        name="batch_of_one_payer",
                        violation_error_message="A batch is of the city's money or of one district's.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="batch_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:approved,prepared:cancelled,approved:cancelled,approved:exported,exported:settled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="835fed71cf0b6b103da88ecb99e57975a669b752",
                            operation="UPDATE",
                            pgid="pgtrigger_batch_steps_b088f",
                            table="incentives_payoutbatch",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="batch_begins_prepared",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."approved_by_id" IS NULL AND NEW."state" = \'prepared\'))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="a13b76ab4b6e584bb2401b9789ec2db93f95f45c",
                            operation="INSERT",
                            pgid="pgtrigger_batch_begins_prepared_c8651",
                            table="incentives_payoutbatch",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="batch_signed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."city_id" IS DISTINCT FROM (NEW."city_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."payer" IS DISTINCT FROM (NEW."payer") OR OLD."district_id" IS DISTINCT FROM (NEW."district_id") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="0827af803c2f692132e2ec98fec4dd5c92d4fb6f",
                            operation="UPDATE",
                            pgid="pgtrigger_batch_signed_400c5",
                            table="incentives_payoutbatch",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="batch_signature_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."approved_by_id" IS NOT NULL AND OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="6e1199a16c3526f295055d5db6c641701440ab53",
                            operation="UPDATE",
                            pgid="pgtrigger_batch_signature_kept_22e82",
                            table="incentives_payoutbatch",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="batch_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="2797b5655d05bc37ba1585aa860a8cf8d0935f96",
                            operation="DELETE",
                            pgid="pgtrigger_batch_kept_1ba70",
                            table="incentives_payoutbatch",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayoutLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="lines",
                        to="incentives.payoutbatch",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="line")),
                (
                    "instalment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="lines",
                        to="incentives.instalment",
                    ),
                ),
                (
                    "payee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="payee",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.bankaccount",
                        verbose_name="bank account",
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="amount in yuan"
                    ),
                ),
                (
                    "withheld",
                    applicants.models.figure.Figure(
                        db_default=0,
                        decimal_places=2,
                        default=0,
                        max_digits=16,
                        verbose_name="tax withheld in yuan",
                    ),
                ),
                (
                    "withheld_less",
                    models.CharField(
                        blank=True,
                        db_default="",
                        max_length=500,
                        verbose_name="why less tax is withheld than before it came back",
                    ),
                ),
                (
                    "netted",
                    applicants.models.figure.Figure(
                        db_default=0,
                        decimal_places=2,
                        default=0,
                        max_digits=16,
                        verbose_name="netted against recoveries in yuan",
                    ),
                ),
                (
                    "pays",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("amount"), "-", models.F("withheld")
                            ),
                            "-",
                            models.F("netted"),
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=16),
                    ),
                ),
                (
                    "funding_source",
                    models.CharField(blank=True, max_length=80, verbose_name="funding source"),
                ),
                (
                    "subject_code",
                    models.CharField(blank=True, max_length=20, verbose_name="budget subject code"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("paid", "paid"),
                            ("returned", "returned"),
                            ("cancelled", "cancelled"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("result_at", models.DateTimeField(null=True, verbose_name="result at")),
                (
                    "result_note",
                    models.CharField(blank=True, max_length=200, verbose_name="bank's note"),
                ),
            ],
            options={
                "verbose_name": "payout line",
                "verbose_name_plural": "payout lines",
                "ordering": ["batch_id", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("batch"), models.F("number"), name="line_once_per_batch"
                    ),
                    models.UniqueConstraint(
                        models.F("instalment"),
                        condition=models.Q(("state__in", ["pending", "paid"])),
                        name="instalment_paid_once",
                        violation_error_message="This instalment is in a batch or paid already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="line_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("netted__gte", 0),
                            ("withheld__gte", 0),
                            (
                                "amount__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("withheld"), "+", models.F("netted")
                                ),
                            ),
                        ),
                        name="line_pays_no_less_than_nothing",
                        violation_error_message="Tax and netting are together at most the amount.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayoutFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="files",
                        to="incentives.payoutbatch",
                    ),
                ),
                (
                    "layout",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.payoutformat",
                        verbose_name="payout format",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("xlsx", "XLSX"), ("csv", "CSV")],
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="file name")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("content_encrypted", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "payout file",
                "verbose_name_plural": "payout files",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("batch"),
                        models.F("format"),
                        models.F("layout"),
                        name="one_file_per_format",
                        nulls_distinct=False,
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'payout file is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="4529504cf12e4ef5144e51c36252959c8434b402",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_37543",
                            table="incentives_payoutfile",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'payout file is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="c8d79464eafa30b5c2b7df3252edb16ed3d533c7",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_84aab",
                            table="incentives_payoutfile",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BankResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="results",
                        to="incentives.payoutbatch",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file name")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("paid", models.PositiveIntegerField(verbose_name="paid")),
                ("returned", models.PositiveIntegerField(verbose_name="returned")),
                ("content_encrypted", models.BinaryField()),
                (
                    "imported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="imported by",
                    ),
                ),
                (
                    "imported_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="imported at"),
                ),
            ],
            options={
                "verbose_name": "bank result",
                "verbose_name_plural": "bank results",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("batch"), models.F("sha256"), name="bank_result_once"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'bank result is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="5ba1e6d44f3be70e71554278dc9ca3e9a0c48feb",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_e8b48",
                            table="incentives_bankresult",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'bank result is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="2f3618b4fb638e7be94aebf48a285a3c26327c13",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_787c9",
                            table="incentives_bankresult",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayeeHold",
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
                        related_name="holds",
                        to="incentives.award",
                        verbose_name="award",
                    ),
                ),
                (
                    "payee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="payee",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("duplicate", "payees share an account"),
                            ("changed", "account changed"),
                            ("credit", "credit status"),
                            ("difference", "balance differs from the ledger"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="applicants.bankaccount",
                        verbose_name="bank account",
                    ),
                ),
                ("cause", models.CharField(blank=True, max_length=64)),
                ("text", models.TextField(verbose_name="what was found")),
                ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="held since")),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="released by",
                    ),
                ),
                ("released_at", models.DateTimeField(null=True, verbose_name="released at")),
                ("reason", models.TextField(blank=True, verbose_name="reason of release")),
            ],
            options={
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("award"),
                        models.F("payee"),
                        models.F("kind"),
                        models.F("account"),
                        condition=models.Q(("released_at", None)),
                        name="one_open_hold_of_a_kind",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_at", None),
                            models.Q(
                                ("released_by__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="release_gives_its_reason",
                        violation_error_message="State why the payment may go on.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="hold_begins_open",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."released_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="22c667bfb099b549817527a410e4e516d4c60881",
                            operation="INSERT",
                            pgid="pgtrigger_hold_begins_open_35abb",
                            table="incentives_payeehold",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="hold_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."released_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="79269e15bd1d5c06ce87a7e85f20fe1e7a917449",
                            operation="UPDATE",
                            pgid="pgtrigger_hold_final_dab28",
                            table="incentives_payeehold",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="hold_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="fe8f5a6569a29986ff81c30dfded0b1f6e1b8406",
                            operation="DELETE",
                            pgid="pgtrigger_hold_kept_706bf",
                            table="incentives_payeehold",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recovery",
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
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="recovery number"),
                ),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="recoveries",
                        to="incentives.award",
                        verbose_name="award",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="owed by",
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="amount in yuan"
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("due_on", models.DateField(verbose_name="due on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("demanded", "demanded"),
                            ("settled", "settled"),
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
                    "demanded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demanded by",
                    ),
                ),
                ("demanded_at", models.DateTimeField(null=True, verbose_name="demanded at")),
                (
                    "write_off_asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="write-off asked by",
                    ),
                ),
                (
                    "write_off_reason",
                    models.TextField(blank=True, verbose_name="reason of the write-off"),
                ),
            ],
            options={
                "verbose_name": "recovery",
                "verbose_name_plural": "recoveries",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="recovery_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="recovery_gives_its_reason",
                        violation_error_message="State why the money is asked back.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("demanded_by", None),
                            models.Q(("demanded_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="recovery_demanded_by_another",
                        violation_error_message="A recovery is demanded by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["prepared", "cancelled"]),
                            ("demanded_by__isnull", False),
                            _connector="OR",
                        ),
                        name="recovery_names_who_demanded_it",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="recovery_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:demanded,prepared:cancelled,demanded:settled,settled:demanded}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="2bb09295873f229f676a2fef3f29fa8a308d7e33",
                            operation="UPDATE",
                            pgid="pgtrigger_recovery_steps_64577",
                            table="incentives_recovery",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="recovery_begins_prepared",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."demanded_by_id" IS NULL AND NEW."state" = \'prepared\' AND NEW."write_off_asked_by_id" IS NULL))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="9dc837379a4ea15a8cd2b6d3212d859430cada71",
                            operation="INSERT",
                            pgid="pgtrigger_recovery_begins_prepared_07381",
                            table="incentives_recovery",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="recovery_signature_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."demanded_by_id" IS NOT NULL AND OLD."demanded_by_id" IS DISTINCT FROM (NEW."demanded_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="e419ead956d79b368d100073e7291c86b7b8f0c9",
                            operation="UPDATE",
                            pgid="pgtrigger_recovery_signature_kept_13659",
                            table="incentives_recovery",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="recovery_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."city_id" IS DISTINCT FROM (NEW."city_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."award_id" IS DISTINCT FROM (NEW."award_id") OR OLD."party_id" IS DISTINCT FROM (NEW."party_id") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="163c56662228b7f09302e7abd56b284a8c2f9ee3",
                            operation="UPDATE",
                            pgid="pgtrigger_recovery_content_34757",
                            table="incentives_recovery",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="recovery_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="76e59f0d0672825643461cde95eb62554ff9557c",
                            operation="DELETE",
                            pgid="pgtrigger_recovery_kept_a4729",
                            table="incentives_recovery",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "recovery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="entries",
                        to="incentives.recovery",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paid", "paid back"),
                            ("netted", "netted against a payment"),
                            ("written_off", "written off"),
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
                ("received_on", models.DateField(verbose_name="received on")),
                ("reference", models.CharField(max_length=120, verbose_name="reference")),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.payoutline",
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
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="reversed_by",
                        to="incentives.recoveryentry",
                        verbose_name="reverses",
                    ),
                ),
                ("again", models.PositiveSmallIntegerField(db_default=0)),
            ],
            options={
                "verbose_name": "recovery entry",
                "verbose_name_plural": "recovery entries",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0),
                            models.Q(("amount__lt", 0), ("kind", "written_off")),
                            models.Q(
                                ("amount__lt", 0), ("kind", "paid"), ("reverses__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="below_zero_is_taken_back",
                    ),
                    models.UniqueConstraint(
                        models.F("recovery"),
                        models.F("received_on"),
                        models.F("reference"),
                        models.F("again"),
                        condition=models.Q(("amount__gt", 0), ("kind", "paid")),
                        name="receipt_entered_once",
                        violation_error_message="This receipt was entered already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("kind", "written_off"), _negated=True),
                            models.Q(("recorded_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="written_off_by_two",
                        violation_error_message="A write-off is signed by two different people.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "netted"), _negated=True),
                            ("line__isnull", False),
                            _connector="OR",
                        ),
                        name="netting_names_its_line",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'recovery entry is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="f71833e0f7dda79d1d42f30c619274b91ecf9819",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_1f79f",
                            table="incentives_recoveryentry",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'recovery entry is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="a11585f6017998418f80ce80cb491f3a1edc5e97",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_63ec3",
                            table="incentives_recoveryentry",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ledger", "ledger"),
                            ("statement", "statement of the ledger"),
                            ("budget_execution", "budget execution"),
                        ],
                        max_length=40,
                        verbose_name="kind",
                    ),
                ),
                ("wanted", models.JSONField(default=dict, verbose_name="filter")),
                ("told", models.JSONField(default=list, verbose_name="filter in words")),
                ("form", models.CharField(max_length=4, verbose_name="format")),
                ("language", models.CharField(max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="rows written")),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                ("requested_at", models.DateTimeField(auto_now_add=True, verbose_name="asked at")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="file name")),
                ("size", models.PositiveBigIntegerField(null=True, verbose_name="size in bytes")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                (
                    "file_deleted_at",
                    models.DateTimeField(null=True, verbose_name="file deleted at"),
                ),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("cities", models.ManyToManyField(to="applicants.city", verbose_name="cities")),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["id"],
                        name="export_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("file_deleted_at", None), ("state", "done"), _connector="OR"
                        ),
                        name="export_deleted_once_done",
                        violation_error_message="Only a file that was made can be deleted.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportFetch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="fetches",
                        to="incentives.export",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "fetch of an export",
                "verbose_name_plural": "fetches of exports",
                "ordering": ["-id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'fetch of an export is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="0bb60afd865a8668e14ce68f315ade122862030e",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_035e9",
                            table="incentives_exportfetch",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'fetch of an export is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="59e54c7501dad951d0b49854707146ab207ae32d",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_b3c17",
                            table="incentives_exportfetch",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
