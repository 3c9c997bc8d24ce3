"""Cases judged together: scoring rounds, sweeps for those entitled unasked, simulations."""

from decimal import Decimal

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0001_users_and_parties"),
        ("incentives", "0001_programmes"),
        ("reviews", "0002_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="Expert",
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("employer", models.CharField(max_length=160, verbose_name="employer")),
                (
                    "employer_uscc",
                    models.CharField(
                        blank=True,
                        max_length=18,
                        verbose_name="unified social credit code of the employer",
                    ),
                ),
                ("fields", models.CharField(max_length=300, verbose_name="fields of expertise")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "expert",
                "verbose_name_plural": "experts",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("user"), name="expert_once_per_city"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoringRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="rounds",
                        to="incentives.programme",
                        verbose_name="programme",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="round")),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("opens_on", models.DateField(verbose_name="opens on")),
                ("closes_on", models.DateField(verbose_name="closes on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "not open yet"),
                            ("open", "open for cases"),
                            ("scoring", "being scored"),
                            ("ranked", "ranked"),
                            ("closed", "round closed"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("criteria", models.JSONField(blank=True, default=list, verbose_name="criteria")),
                (
                    "sheets",
                    models.PositiveSmallIntegerField(
                        default=5, verbose_name="experts for each case"
                    ),
                ),
                (
                    "cut_by",
                    models.CharField(
                        choices=[
                            ("number", "number of places"),
                            ("score", "least score"),
                            ("budget", "budget"),
                            ("rules", "as the programme's rules say"),
                        ],
                        max_length=10,
                        verbose_name="cut off by",
                    ),
                ),
                (
                    "cut",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="cut"
                    ),
                ),
                (
                    "ties",
                    models.CharField(
                        choices=[
                            ("all", "all who tie are in"),
                            ("none", "none who tie is in"),
                            ("earlier", "the earlier filed is in"),
                        ],
                        max_length=10,
                        verbose_name="ties at the cut",
                    ),
                ),
                (
                    "moves_up",
                    models.BooleanField(
                        default=False, verbose_name="a smaller one moves up into what is left"
                    ),
                ),
                (
                    "normalise",
                    models.BooleanField(default=True, verbose_name="scores normalised by expert"),
                ),
                (
                    "drop_extremes",
                    models.BooleanField(
                        default=False, verbose_name="the highest and the lowest sheet do not count"
                    ),
                ),
                (
                    "deviations",
                    applicants.models.figure.Figure(
                        decimal_places=2,
                        default=Decimal("1.50"),
                        max_digits=4,
                        verbose_name="outlier beyond (deviations)",
                    ),
                ),
                (
                    "seed",
                    models.CharField(blank=True, max_length=64, verbose_name="seed of the draw"),
                ),
                ("draw", models.JSONField(blank=True, default=dict)),
                ("drawn_at", models.DateTimeField(null=True, verbose_name="drawn at")),
                (
                    "drawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drawn by",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set up by",
                    ),
                ),
                ("opened_at", models.DateTimeField(null=True, verbose_name="opened at")),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
                ("result", models.JSONField(blank=True, default=dict, verbose_name="ranking")),
                (
                    "ranked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ranked at"),
                ),
                (
                    "ranked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ranked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "scoring round",
                "verbose_name_plural": "scoring rounds",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("programme"), models.F("number"), name="round_once_per_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closes_on__gte", models.F("opens_on"))),
                        name="round_closes_after_it_opens",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened_by", None),
                            models.Q(("opened_by", models.F("made_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="round_opened_by_another",
                        violation_error_message="A round is opened by someone who did not set it up.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("criteria", []), ("cut_by", "rules")),
                            models.Q(
                                models.Q(("cut_by", "rules"), _negated=True),
                                models.Q(("criteria", []), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="round_by_rules_has_no_criteria",
                        violation_error_message="What the rules rank themselves has no criteria.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["ranked", "closed"]), _negated=True),
                            models.Q(("ranked_at__isnull", False), ("ranked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="ranking_names_who_fixed_it",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="round_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{planned:open,open:scoring,open:ranked,scoring:ranked,ranked:closed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="50a84d042fbc41551bbd226ce5df34d374057770",
                            operation="UPDATE",
                            pgid="pgtrigger_round_steps_05ebb",
                            table="reviews_scoringround",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="round_begins_planned",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NOT (NEW.\"state\" = 'planned'))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="fa5624196a065dd5e272e89c16bc5b2453ab9d95",
                            operation="INSERT",
                            pgid="pgtrigger_round_begins_planned_4f68a",
                            table="reviews_scoringround",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="round_rule_fixed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (OLD."state" = \'planned\') AND (OLD."programme_id" IS DISTINCT FROM (NEW."programme_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."criteria" IS DISTINCT FROM (NEW."criteria") OR OLD."sheets" IS DISTINCT FROM (NEW."sheets") OR OLD."cut_by" IS DISTINCT FROM (NEW."cut_by") OR OLD."cut" IS DISTINCT FROM (NEW."cut") OR OLD."ties" IS DISTINCT FROM (NEW."ties") OR OLD."moves_up" IS DISTINCT FROM (NEW."moves_up") OR OLD."normalise" IS DISTINCT FROM (NEW."normalise") OR OLD."drop_extremes" IS DISTINCT FROM (NEW."drop_extremes") OR OLD."deviations" IS DISTINCT FROM (NEW."deviations")))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="7b326eda0cc51f98c0e2d7dfe213a6d28019ca09",
                            operation="UPDATE",
                            pgid="pgtrigger_round_rule_fixed_24a81",
                            table="reviews_scoringround",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="round_seed_fixed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (OLD."seed" = \'\') AND (OLD."seed" IS DISTINCT FROM (NEW."seed") OR OLD."drawn_at" IS DISTINCT FROM (NEW."drawn_at") OR OLD."drawn_by_id" IS DISTINCT FROM (NEW."drawn_by_id")))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="d959007693dba32641a021dd6308b8e6f463a465",
                            operation="UPDATE",
                            pgid="pgtrigger_round_seed_fixed_88d49",
                            table="reviews_scoringround",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="ranking_fixed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."ranked_at" IS NOT NULL AND OLD."result" IS DISTINCT FROM (NEW."result"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="0371550830fcc185d334b9c17917e8cbfbcb1a0a",
                            operation="UPDATE",
                            pgid="pgtrigger_ranking_fixed_d0665",
                            table="reviews_scoringround",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="cases",
                        to="reviews.scoringround",
                    ),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="round_case",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
            ],
            options={
                "verbose_name": "case of a round",
                "verbose_name_plural": "cases of rounds",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ScoreSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "round_case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="sheets",
                        to="reviews.roundcase",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="reviews.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="reviews.scoresheet",
                        verbose_name="in place of",
                    ),
                ),
                ("scores", models.JSONField(default=dict, verbose_name="scores")),
                ("comment", models.TextField(blank=True, verbose_name="comment")),
                (
                    "declined",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="conflict of interest"
                    ),
                ),
                ("drawn_at", models.DateTimeField(auto_now_add=True, verbose_name="drawn at")),
                ("handed_in_at", models.DateTimeField(null=True, verbose_name="handed in at")),
            ],
            options={
                "verbose_name": "score sheet",
                "verbose_name_plural": "score sheets",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("round_case"),
                        models.F("expert"),
                        name="one_sheet_per_expert_and_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("declined", ""), ("handed_in_at", None), _connector="OR"
                        ),
                        name="sheet_declined_or_handed_in",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="sheet_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."handed_in_at" IS NOT NULL OR NOT (OLD."declined" = \'\'))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="68f9b272da42d6ff40cb3502b0d05be2ddc80f60",
                            operation="UPDATE",
                            pgid="pgtrigger_sheet_final_6d4a7",
                            table="reviews_scoresheet",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="sheet_of_one_expert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."round_case_id" IS DISTINCT FROM (NEW."round_case_id") OR OLD."expert_id" IS DISTINCT FROM (NEW."expert_id") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="f12517ce3ae4f0d5070cb12522b89f4ccd6997e4",
                            operation="UPDATE",
                            pgid="pgtrigger_sheet_of_one_expert_ade82",
                            table="reviews_scoresheet",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="sheet_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="9c1e8bb184f7e26d11d497e94de67e4f4c7a7b38",
                            operation="DELETE",
                            pgid="pgtrigger_sheet_kept_a1d91",
                            table="reviews_scoresheet",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Sweep",
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
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.programme",
                        verbose_name="programme",
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
                ("on", models.DateField(verbose_name="assessed as on")),
                ("readings", models.JSONField(default=dict, verbose_name="settings in force")),
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
                (
                    "total",
                    models.PositiveIntegerField(default=0, verbose_name="parties in the registry"),
                ),
                ("checked", models.PositiveIntegerField(default=0, verbose_name="looked at")),
                ("reached", models.BigIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0, verbose_name="qualify")),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, default=0, max_digits=18, verbose_name="together, in yuan"
                    ),
                ),
                ("counts", models.JSONField(default=dict, verbose_name="by decision")),
                ("failure", models.TextField(blank=True, verbose_name="failure")),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                ("beat_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
            ],
            options={
                "verbose_name": "sweep",
                "verbose_name_plural": "sweeps",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SweepRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sweep",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="rows",
                        to="reviews.sweep",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="organisation",
                    ),
                ),
                ("decision", models.CharField(max_length=20, verbose_name="decision")),
                (
                    "minimum",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, null=True, verbose_name="at least"
                    ),
                ),
                (
                    "maximum",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, null=True, verbose_name="at most"
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("free", "free to open"),
                            ("has_case", "has a case under way"),
                            ("received", "has received it already"),
                            ("exhausted", "limit used up"),
                        ],
                        default="free",
                        max_length=10,
                        verbose_name="standing",
                    ),
                ),
                (
                    "application",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="sweep_row",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
            ],
            options={
                "verbose_name": "found in a sweep",
                "verbose_name_plural": "found in sweeps",
                "ordering": ["sweep", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("application", None)),
                        fields=["sweep", "id"],
                        name="found_without_case",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("sweep"), models.F("party"), name="found_once_per_sweep"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Simulation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="simulations",
                        to="incentives.programmedraft",
                    ),
                ),
                (
                    "against",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.programmeversion",
                    ),
                ),
                ("draft_rules", models.TextField()),
                (
                    "cases",
                    models.CharField(
                        help_text="Past cases, or a file.", max_length=300, verbose_name="cases"
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="number of cases")),
                ("told", models.TextField()),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "simulation",
                "verbose_name_plural": "simulations",
                "ordering": ["-id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'simulation is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="ffd81f5d616f53080607fd1c1f8408dd1bcb5e0e",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_91899",
                            table="reviews_simulation",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'simulation is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="93cf7bc1be6de4397797e23965f6ad9c75237258",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_d0e67",
                            table="reviews_simulation",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
