"""What the city offers: bureaus, documents, programmes and their versions, settings, targets."""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("applicants", "0001_users_and_parties"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bureau",
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
                ("full_name", models.CharField(max_length=120, verbose_name="full name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("municipal", "municipal bureau"),
                            ("party", "Party organ"),
                            ("vertical", "body under central management"),
                            ("area", "area administration or district government"),
                            ("quasi_public", "quasi-public body"),
                            ("company", "company"),
                            ("collective", "several bodies under one name"),
                        ],
                        max_length=60,
                        verbose_name="kind",
                    ),
                ),
            ],
            options={
                "verbose_name": "responsible bureau",
                "verbose_name_plural": "responsible bureaus",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("code"), name="bureau_once_per_city"
                    ),
                    models.UniqueConstraint(fields=["id", "city"], name="bureau_of_its_city"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                ("title_zh", models.CharField(max_length=200, verbose_name="Chinese title")),
                ("title_en", models.CharField(max_length=300, verbose_name="English title")),
                (
                    "number",
                    models.CharField(blank=True, max_length=60, verbose_name="document number"),
                ),
                ("issued", models.DateField(blank=True, null=True, verbose_name="issued")),
            ],
            options={
                "verbose_name": "policy document",
                "verbose_name_plural": "policy documents",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Programme",
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
                ("code", models.SlugField(max_length=80, verbose_name="code")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.policydocument",
                        verbose_name="document",
                    ),
                ),
                ("section", models.CharField(max_length=40, verbose_name="section")),
                ("case_type", models.CharField(max_length=40, verbose_name="case type")),
                ("title_zh", models.CharField(max_length=200, verbose_name="Chinese title")),
                ("title_en", models.CharField(max_length=300, verbose_name="English title")),
                (
                    "handling_bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="handled",
                        to="incentives.bureau",
                        verbose_name="handling bureau",
                    ),
                ),
                ("is_open", models.BooleanField(default=True, verbose_name="listed")),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "ordering": ["document_id", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("code"), name="programme_once_per_city"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeVersion",
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
                        related_name="versions",
                        to="incentives.programme",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "definition",
                    models.TextField(
                        help_text="JSON, in the order of the file.", verbose_name="rules"
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("in_force_from", models.DateField(null=True, verbose_name="in force from")),
                ("loaded_at", models.DateTimeField(auto_now_add=True, verbose_name="loaded at")),
                (
                    "loaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme version",
                "verbose_name_plural": "programme versions",
                "ordering": ["programme_id", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("programme"), models.F("number"), name="programme_version_once"
                    ),
                    models.UniqueConstraint(
                        fields=["id", "programme"], name="version_of_its_programme"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'programme version is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="cd7306bb6ff1e4f7b17017d38d2810bf972e3b86",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_79690",
                            table="incentives_programmeversion",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'programme version is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="139ced920ae970466e7bb442b92230cd4882e7f1",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_92777",
                            table="incentives_programmeversion",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeDraft",
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
                        related_name="drafts",
                        to="incentives.programme",
                        verbose_name="programme",
                    ),
                ),
                (
                    "based_on",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.programmeversion",
                        verbose_name="based on",
                    ),
                ),
                ("written", models.TextField(verbose_name="rules (YAML)")),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        help_text="The implementing rule or decision behind the new version.",
                        max_length=300,
                        verbose_name="basis",
                    ),
                ),
                (
                    "in_force_from",
                    models.DateField(blank=True, null=True, verbose_name="in force from"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "waiting to be published"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                ("drafted_at", models.DateTimeField(auto_now_add=True, verbose_name="drafted at")),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed at")),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="published at"),
                ),
                (
                    "version",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="draft",
                        to="incentives.programmeversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft version",
                "verbose_name_plural": "draft versions",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by", None),
                            models.Q(("published_by", models.F("drafted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="draft_published_by_another",
                        violation_error_message="A version is published by someone who did not draft it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True),
                            models.Q(
                                ("in_force_from__isnull", False),
                                ("published_by__isnull", False),
                                ("version__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="published_draft_names_its_version",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="draft_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:submitted,submitted:draft,draft:withdrawn,submitted:published}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="4854304ff298b8b3da75e8206db8fa3de69eb96e",
                            operation="UPDATE",
                            pgid="pgtrigger_draft_steps_7f832",
                            table="incentives_programmedraft",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="draft_begins_as_draft",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NOT (NEW.\"state\" = 'draft'))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="0169bdf1962be7a6867847f2bd9a5240f8302705",
                            operation="INSERT",
                            pgid="pgtrigger_draft_begins_as_draft_ab7af",
                            table="incentives_programmedraft",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="draft_fixed_once_submitted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (OLD."state" = \'draft\') AND (OLD."written" IS DISTINCT FROM (NEW."written") OR OLD."drafted_by_id" IS DISTINCT FROM (NEW."drafted_by_id")))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="495d89f9e89d532344db0b34f4bfba4f2df9ed06",
                            operation="UPDATE",
                            pgid="pgtrigger_draft_fixed_once_submitted_75197",
                            table="incentives_programmedraft",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="draft_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="98fe99c695df36f8466a735b88e7ba89013e62e3",
                            operation="DELETE",
                            pgid="pgtrigger_draft_kept_2eb4e",
                            table="incentives_programmedraft",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Setting",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.programme",
                        verbose_name="programme",
                    ),
                ),
                ("key", models.CharField(max_length=80, verbose_name="setting")),
                ("value", models.JSONField(verbose_name="value")),
                (
                    "basis",
                    models.CharField(
                        help_text="The implementing rule or decision behind it.",
                        max_length=300,
                        verbose_name="basis",
                    ),
                ),
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
                "verbose_name": "setting",
                "verbose_name_plural": "settings",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["city", "programme", "key", "-id"], name="setting_newest")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'setting is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="73be2ec9c7af238f74912d618facdb7b4f0cdc8c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_27020",
                            table="incentives_setting",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'setting is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="3fab7997e4ed0629f28a538cc5b3e136194fea42",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_8cfbe",
                            table="incentives_setting",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Target",
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
                ("code", models.SlugField(max_length=80, verbose_name="code")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.policydocument",
                        verbose_name="document",
                    ),
                ),
                ("section", models.CharField(max_length=60, verbose_name="section")),
                ("quote", models.TextField(verbose_name="printed text")),
                ("name_zh", models.CharField(max_length=200, verbose_name="Chinese name")),
                ("name_en", models.CharField(max_length=300, verbose_name="English name")),
                ("unit", models.CharField(blank=True, max_length=40, verbose_name="unit")),
                (
                    "baseline",
                    applicants.models.figure.Figure(
                        decimal_places=4, max_digits=18, null=True, verbose_name="baseline"
                    ),
                ),
                (
                    "baseline_year",
                    models.PositiveSmallIntegerField(null=True, verbose_name="baseline year"),
                ),
                (
                    "operator",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("=", "reaches"),
                            (">", "above"),
                            ("≥", "at least"),
                            ("≤", "at most"),
                            ("≈", "approximately"),
                            ("–", "from … to …"),
                        ],
                        max_length=4,
                        verbose_name="compared by",
                    ),
                ),
                (
                    "value",
                    applicants.models.figure.Figure(
                        decimal_places=4, max_digits=18, null=True, verbose_name="target"
                    ),
                ),
                (
                    "value_to",
                    applicants.models.figure.Figure(
                        decimal_places=4, max_digits=18, null=True, verbose_name="end of the range"
                    ),
                ),
                (
                    "wording",
                    models.CharField(blank=True, max_length=200, verbose_name="target as printed"),
                ),
                ("year", models.PositiveSmallIntegerField(null=True, verbose_name="target year")),
                (
                    "attribute",
                    models.CharField(blank=True, max_length=40, verbose_name="kind of target"),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.bureau",
                        verbose_name="responsible bureau",
                    ),
                ),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="counted from")),
                ("note_zh", models.TextField(blank=True, verbose_name="Chinese note")),
                ("note_en", models.TextField(blank=True, verbose_name="English note")),
            ],
            options={
                "verbose_name": "target",
                "verbose_name_plural": "targets",
                "ordering": ["document_id", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("code"), name="target_once_per_city"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("operator", ""), ("value__isnull", False), _connector="OR"
                        ),
                        name="target_compares_a_value",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TargetActual",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="actuals",
                        to="incentives.target",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "value",
                    applicants.models.figure.Figure(
                        decimal_places=4, max_digits=18, verbose_name="reached"
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="entered at")),
            ],
            options={
                "verbose_name": "actual value",
                "verbose_name_plural": "actual values",
                "ordering": ["target", "year", "-id"],
                "indexes": [models.Index(fields=["target", "year", "-id"], name="actual_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="actual_names_its_source",
                        violation_error_message="Name the source of the value.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'actual value is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="37018b11009c436b8a3dcab294ca5c4a78c808b1",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_82f71",
                            table="incentives_targetactual",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'actual value is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="58a50215b7bbd00bd37478ca81b0be685ed90688",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_14647",
                            table="incentives_targetactual",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
