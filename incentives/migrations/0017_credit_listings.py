"""Listings for bad credit, and the holds on payments that name them."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0004_sealing"),
        ("incentives", "0016_settling"),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditListing",
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
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="listings",
                        to="incentives.registryimport",
                    ),
                ),
                (
                    "whose",
                    models.CharField(max_length=64, verbose_name="credit code, or fingerprint"),
                ),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                ("list_name", models.CharField(max_length=120, verbose_name="list")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(null=True, verbose_name="to and including")),
                ("document", models.CharField(max_length=300, verbose_name="deciding document")),
                ("as_of", models.DateField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "listing for bad credit",
                "verbose_name_plural": "listings for bad credit",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["city", "whose", "list_name", "starts_on", "-as_of", "-id"],
                        name="credit_listing_newest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="listing_ends_after_it_starts",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'credit listing is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="3c8d17c9487f6811dd9ecdef936117034b56c945",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_91718",
                            table="incentives_creditlisting",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'credit listing is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d4f8562026b351d9a853019fd53c16d14a23501b",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_d5dd4",
                            table="incentives_creditlisting",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="payeehold",
            name="one_open_hold_of_a_kind",
        ),
        migrations.AddField(
            model_name="payeehold",
            name="listing",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="incentives.creditlisting",
                verbose_name="listing",
            ),
        ),
        migrations.AddConstraint(
            model_name="payeehold",
            constraint=models.UniqueConstraint(
                models.F("award"),
                models.F("payee"),
                models.F("kind"),
                models.F("account"),
                models.F("listing"),
                models.F("cause"),
                condition=models.Q(("released_at", None)),
                name="one_open_hold_of_a_kind",
                nulls_distinct=False,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payeehold",
            trigger=pgtrigger.compiler.Trigger(
                name="hold_content",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."award_id" IS DISTINCT FROM (NEW."award_id") OR OLD."payee_id" IS DISTINCT FROM (NEW."payee_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."listing_id" IS DISTINCT FROM (NEW."listing_id") OR OLD."cause" IS DISTINCT FROM (NEW."cause") OR OLD."text" IS DISTINCT FROM (NEW."text"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="978e88d9c6b97e65d0bf0cbe96d10ec20314d799",
                    operation="UPDATE",
                    pgid="pgtrigger_hold_content_bf9eb",
                    table="incentives_payeehold",
                    when="BEFORE",
                ),
            ),
        ),
    ]
