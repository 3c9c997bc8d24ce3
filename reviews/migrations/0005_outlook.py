"""What every pending case would get: an outlook, its asks, its limits and its decisions."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0004_sealing"),
        ("incentives", "0014_findings"),
        ("reviews", "0004_publicity_and_after"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Outlook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year of approval")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("given_up", "given up"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reached", models.BigIntegerField(default=0)),
                ("cases", models.PositiveIntegerField(default=0, verbose_name="cases")),
                (
                    "asked",
                    applicants.models.figure.Figure(
                        decimal_places=2, default=0, max_digits=18, verbose_name="asked"
                    ),
                ),
                (
                    "granted",
                    applicants.models.figure.Figure(
                        decimal_places=2, default=0, max_digits=18, verbose_name="would be granted"
                    ),
                ),
                ("limits", models.JSONField(default=list)),
                ("left_out", models.JSONField(default=dict, verbose_name="not reckoned")),
                ("failure", models.TextField(blank=True, verbose_name="failure")),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, verbose_name="broken off"),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                ("beat_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "outlook",
                "verbose_name_plural": "outlooks",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="OutlookLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="limit"
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, to="applicants.city"
                    ),
                ),
            ],
            options={
                "verbose_name": "limit",
                "verbose_name_plural": "limits",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"),
                        models.F("key"),
                        models.F("kind"),
                        models.F("unit"),
                        models.F("heat"),
                        models.F("limit"),
                        name="outlook_limit_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutlookDecision",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "outlook_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("place", models.IntegerField(verbose_name="place in the order")),
                ("asked", models.BigIntegerField()),
                ("granted", models.BigIntegerField()),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                (
                    "outlook",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="reviews.outlook",
                    ),
                ),
                (
                    "limited_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="reviews.outlooklimit",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision of an outlook",
                "verbose_name_plural": "decisions of outlooks",
                "ordering": ["outlook", "place"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'outlook decision is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="0e1379db5ae728f84745e82e234e6e9b5fd0f582",
                            operation="UPDATE",
                            pgid="pgtrigger_append_only_rows_f28d5",
                            table="reviews_outlookdecision",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'outlook decision is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="858b849fb64948e3fd0a900285c8e444ef9ba728",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_5bf7b",
                            table="reviews_outlookdecision",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="newest_are_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF EXISTS (\n        SELECT FROM (SELECT DISTINCT outlook_id FROM dropped) AS d\n          JOIN reviews_outlook o ON o.id = d.outlook_id\n         WHERE 4 > (SELECT count(*) FROM reviews_outlook n\n                     WHERE n.city_id = o.city_id AND n.id > o.id AND n.state = 'done')) THEN\n        RAISE EXCEPTION 'the newest decisions are kept' USING ERRCODE = 'restrict_violation';\n    END IF;\n    RETURN NULL;\n",
                            hash="532e2e5590f1099a17859a19b21304e5efe74e36",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_newest_are_kept_971f5",
                            referencing="REFERENCING OLD TABLE AS dropped ",
                            table="reviews_outlookdecision",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutlookAsk",
            fields=[
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        primary_key=True,
                        serialize=False,
                        to="reviews.application",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("fen", models.BigIntegerField()),
                (
                    "limits",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("basis", models.CharField(max_length=64)),
                ("computed_at", models.DateTimeField()),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, to="applicants.city"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.programmeversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "pending ask",
                "verbose_name_plural": "pending asks",
                "ordering": ["since", "application"],
                "indexes": [
                    models.Index(fields=["city", "since", "application"], name="ask_in_order")
                ],
            },
        ),
    ]
