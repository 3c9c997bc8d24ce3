"""What happened, who did it, and the chains that seal it."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0002_documents_and_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
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
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("kind", models.CharField(max_length=60, verbose_name="what")),
                (
                    "subject",
                    models.CharField(
                        help_text="A case number or a key.", max_length=120, verbose_name="about"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
                ),
                ("reason", models.TextField(blank=True, verbose_name="why")),
                ("data", models.JSONField(blank=True, default=dict, verbose_name="details")),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["subject", "id"], name="event_subject")],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'event is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="46ba45010835cfa1d81a3159c9f849771abab8dc",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_f7e8c",
                            table="applicants_event",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'event is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="83a5484ced9df704079329488cddf7f36f3ae3df",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_d0dd5",
                            table="applicants_event",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.CharField(max_length=40, verbose_name="chain")),
                ("number", models.PositiveBigIntegerField(verbose_name="number")),
                ("row", models.PositiveBigIntegerField(verbose_name="row")),
                ("digest", models.BinaryField(max_length=32, verbose_name="SHA-256")),
                ("about", models.PositiveBigIntegerField(null=True)),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
            ],
            options={
                "verbose_name": "link of a chain",
                "verbose_name_plural": "links of chains",
                "ordering": ["chain", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("chain"), models.F("number"), name="link_once"
                    ),
                    models.UniqueConstraint(
                        models.F("chain"), models.F("row"), name="row_sealed_once"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'link of a chain is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="376fd38c6fc5833c29f8aaab9ff4b6fc5011b871",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_d6677",
                            table="applicants_chainlink",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'link of a chain is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="cc0d494de085768d091ee150b6f9a0334bdb5359",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_c93e9",
                            table="applicants_chainlink",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                (
                    "chain",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="chain"
                    ),
                ),
                ("number", models.PositiveBigIntegerField(verbose_name="links")),
                ("digest", models.BinaryField(max_length=32, verbose_name="SHA-256")),
                ("swept", models.PositiveBigIntegerField()),
                ("passing", models.PositiveBigIntegerField()),
                ("looked_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "head of a chain",
                "verbose_name_plural": "heads of chains",
                "ordering": ["chain"],
            },
        ),
        migrations.CreateModel(
            name="ChainAnchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.CharField(max_length=40, verbose_name="chain")),
                ("day", models.DateField(verbose_name="day")),
                ("number", models.PositiveBigIntegerField(verbose_name="links")),
                ("digest", models.BinaryField(max_length=32, verbose_name="SHA-256")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="made at")),
            ],
            options={
                "verbose_name": "daily digest",
                "verbose_name_plural": "daily digests",
                "ordering": ["-day", "chain"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("chain"), models.F("day"), name="anchor_once_a_day"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'daily digest is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="8f7311f69b449a6c7c9fdc27d3cde583b0837105",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_60c60",
                            table="applicants_chainanchor",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'daily digest is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="c73e0beb323cfbe1bf1754762c2407e3858b4d60",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_605e9",
                            table="applicants_chainanchor",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
