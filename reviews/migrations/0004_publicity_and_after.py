"""What is told once a case is determined, what can be said against it, what remains owed."""

import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0002_documents_and_notices"),
        ("incentives", "0001_programmes"),
        ("reviews", "0003_rounds_and_sweeps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
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
                    "mark",
                    models.CharField(
                        blank=True,
                        help_text="The numbers of the bureau's letters begin with it.",
                        max_length=12,
                        verbose_name="mark",
                    ),
                ),
                ("image", models.BinaryField(default=b"")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
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
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "ordering": ["bureau", "-id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'seal is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="5a50e4c3f3168c988639982bad596f8037e3df66",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_c25c9",
                            table="reviews_seal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'seal is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="87d4b1fbebbe9e4bde6d443ee0a5df2023c2afe3",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_9a332",
                            table="reviews_seal",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterTemplate",
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
                            ("accepted", "notice of acceptance"),
                            ("returned", "notice of what to supplement"),
                            ("not_accepted", "notice of non-acceptance"),
                            ("granted", "decision to grant"),
                            ("refused", "decision not to grant"),
                            ("reconsidered", "decision on reconsideration"),
                            ("objection", "answer to an objection"),
                            ("recovery", "demand for recovery"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                (
                    "body",
                    models.TextField(
                        help_text="{number}, {applicant}, {programme}, {amount} and so on are filled in.",
                        verbose_name="text",
                    ),
                ),
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
                "verbose_name": "letter template",
                "verbose_name_plural": "letter templates",
                "ordering": ["city", "kind", "-id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'letter template is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="da5d64ce8f40820175a21494b7dcfe1f5372b88b",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_ee272",
                            table="reviews_lettertemplate",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'letter template is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d4d45784e2d2cd541b543639e7114e4634c080c2",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_f28a4",
                            table="reviews_lettertemplate",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="letters",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accepted", "notice of acceptance"),
                            ("returned", "notice of what to supplement"),
                            ("not_accepted", "notice of non-acceptance"),
                            ("granted", "decision to grant"),
                            ("refused", "decision not to grant"),
                            ("reconsidered", "decision on reconsideration"),
                            ("objection", "answer to an objection"),
                            ("recovery", "demand for recovery"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="letter number"),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("body", models.TextField(verbose_name="text")),
                ("data", models.JSONField(default=dict)),
                (
                    "seal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="reviews.seal",
                        verbose_name="seal",
                    ),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.bureau",
                        verbose_name="bureau",
                    ),
                ),
                ("token", models.CharField(max_length=43, unique=True)),
                ("issued_on", models.DateField(verbose_name="issued on")),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="issued by",
                    ),
                ),
                ("read_at", models.DateTimeField(null=True, verbose_name="first read at")),
                (
                    "read_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="first read by",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        django.db.models.functions.text.Left("token", 12),
                        name="letter_by_token_start",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("read_at__isnull", True), ("read_by__isnull", True)),
                            models.Q(("read_at__isnull", False), ("read_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="letter_reading_names_its_reader",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="letter_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."application_id" IS DISTINCT FROM (NEW."application_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."data" IS DISTINCT FROM (NEW."data") OR OLD."seal_id" IS DISTINCT FROM (NEW."seal_id") OR OLD."bureau_id" IS DISTINCT FROM (NEW."bureau_id") OR OLD."token" IS DISTINCT FROM (NEW."token") OR OLD."issued_on" IS DISTINCT FROM (NEW."issued_on") OR OLD."issued_by_id" IS DISTINCT FROM (NEW."issued_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="4dbfbff0be68265fc4b29aebf337ee1fc2486beb",
                            operation="UPDATE",
                            pgid="pgtrigger_letter_content_1fd79",
                            table="reviews_letter",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="letter_read_once",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."read_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="a50e81d97e8716d1b35eb9a152de71572ab20dda",
                            operation="UPDATE",
                            pgid="pgtrigger_letter_read_once_a4cf8",
                            table="reviews_letter",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="letter_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="923a2bbe62b9f8f2c795a91215c59a0899404213",
                            operation="DELETE",
                            pgid="pgtrigger_letter_kept_3eac4",
                            table="reviews_letter",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicityNotice",
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
                    "bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.bureau",
                        verbose_name="bureau",
                    ),
                ),
                (
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="notice number"),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="to and including")),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
                ("published_at", models.DateTimeField(verbose_name="published at")),
                ("count", models.PositiveIntegerField(verbose_name="cases")),
                (
                    "total",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="total in yuan"
                    ),
                ),
            ],
            options={
                "verbose_name": "publicity notice",
                "verbose_name_plural": "publicity notices",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="publicity_ends_after_start",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'publicity notice is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="b710bce9ebe28421f51a5a22ceb4a14f17fe3b87",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_7d6e1",
                            table="reviews_publicitynotice",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'publicity notice is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="93ba8017cc196311346b5e09466b64e327eed357",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_0d03f",
                            table="reviews_publicitynotice",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicityItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="items",
                        to="reviews.publicitynotice",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                (
                    "amount",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="amount in yuan"
                    ),
                ),
            ],
            options={
                "verbose_name": "publicity item",
                "verbose_name_plural": "publicity items",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("notice"), models.F("application"), name="publicity_item_once"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'publicity item is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="0fa31aa1b97fd2d4c633a64f19fdd5e8c54703e9",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_2ee3a",
                            table="reviews_publicityitem",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'publicity item is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="153c16463481664e838cfe442ef26586dd00298f",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_29cce",
                            table="reviews_publicityitem",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="objections",
                        to="reviews.publicityitem",
                        verbose_name="published case",
                    ),
                ),
                (
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="objection number"),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=160, verbose_name="name, or organisation under its seal"
                    ),
                ),
                ("contact", models.CharField(max_length=160, verbose_name="telephone or e-mail")),
                ("text", models.TextField(verbose_name="objection")),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="applicants.document",
                        verbose_name="attachment",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("filed_at", models.DateTimeField(auto_now_add=True, verbose_name="filed at")),
                ("due_on", models.DateField(null=True, verbose_name="decide by")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("filed", "filed"),
                            ("upheld", "upheld"),
                            ("rejected", "not upheld"),
                        ],
                        default="filed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handled by",
                    ),
                ),
                ("handled_at", models.DateTimeField(null=True, verbose_name="handled at")),
            ],
            options={
                "verbose_name": "objection",
                "verbose_name_plural": "objections",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("contact", ""), _negated=True),
                            models.Q(("text", ""), _negated=True),
                        ),
                        name="objection_is_signed",
                        violation_error_message="An objection gives a name, a contact and its grounds.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "filed"),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("handled_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="objection_is_answered",
                        violation_error_message="Give the reason of the decision.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="objection_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{filed:upheld,filed:rejected}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="7b8a2391011e7163cd360e580781e0cde37b9fe9",
                            operation="UPDATE",
                            pgid="pgtrigger_objection_steps_3847c",
                            table="reviews_objection",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="objection_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."item_id" IS DISTINCT FROM (NEW."item_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."contact" IS DISTINCT FROM (NEW."contact") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."document_id" IS DISTINCT FROM (NEW."document_id") OR OLD."filed_by_id" IS DISTINCT FROM (NEW."filed_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="d5a7fc94d1134a3ab656810ada02eaac37e8a1ef",
                            operation="UPDATE",
                            pgid="pgtrigger_objection_content_b8980",
                            table="reviews_objection",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="objection_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="dbb5b884cd6a5ed30ab033366b26744c8a4b8669",
                            operation="DELETE",
                            pgid="pgtrigger_objection_kept_a5159",
                            table="reviews_objection",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reconsideration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="reconsiderations",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                ("text", models.TextField(verbose_name="grounds")),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="filed by",
                    ),
                ),
                ("filed_at", models.DateTimeField(auto_now_add=True, verbose_name="filed at")),
                ("due_on", models.DateField(verbose_name="decide by")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("filed", "filed"),
                            ("changed", "decision taken anew"),
                            ("upheld", "decision stands"),
                        ],
                        default="filed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="applicants.document",
                        verbose_name="attachment",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
            ],
            options={
                "verbose_name": "reconsideration",
                "verbose_name_plural": "reconsiderations",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"),
                        condition=models.Q(("state", "filed")),
                        name="one_open_reconsideration",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("filed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="reconsidered_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "filed"),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="reconsideration_is_answered",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="reconsideration_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{filed:changed,filed:upheld}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="0982280a8bad9be8ec3c842d6f42410af9ad08e5",
                            operation="UPDATE",
                            pgid="pgtrigger_reconsideration_steps_b9c42",
                            table="reviews_reconsideration",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="reconsideration_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="c7edb2793f607d546c0716e2aee91c47592da9a0",
                            operation="DELETE",
                            pgid="pgtrigger_reconsideration_kept_a4531",
                            table="reviews_reconsideration",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Obligation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="obligations",
                        to="reviews.application",
                        verbose_name="case",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("stay", "stay in the city"),
                            ("industrialise", "put the results to use in the city"),
                            ("report", "report"),
                            ("target", "reach a target"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                ("text", models.CharField(max_length=1000, verbose_name="what is owed")),
                ("due_on", models.DateField(verbose_name="due on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "due"),
                            ("met", "met"),
                            ("broken", "broken"),
                            ("waived", "waived"),
                        ],
                        default="due",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("finding", models.TextField(blank=True, verbose_name="finding")),
                (
                    "recovery",
                    models.CharField(blank=True, max_length=40, verbose_name="recovery number"),
                ),
                (
                    "evaluated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="evaluated by",
                    ),
                ),
                ("evaluated_at", models.DateTimeField(null=True, verbose_name="evaluated at")),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
            ],
            options={
                "verbose_name": "obligation",
                "verbose_name_plural": "obligations",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "due")),
                        fields=["due_on", "id"],
                        name="obligation_by_deadline",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "due"),
                            models.Q(
                                models.Q(("finding", ""), _negated=True),
                                ("evaluated_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="obligation_has_its_finding",
                        violation_error_message="State what was found.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="obligation_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{due:met,due:broken,due:waived}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="fee870c61b610e734026eb99eeed32795f911857",
                            operation="UPDATE",
                            pgid="pgtrigger_obligation_steps_ab756",
                            table="reviews_obligation",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="obligation_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="b2a9affbcd348803f2d8f4f7ee235bf6e01d3fcd",
                            operation="DELETE",
                            pgid="pgtrigger_obligation_kept_86243",
                            table="reviews_obligation",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
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
                            ("window_closing", "application window closing"),
                            ("supplement_due", "supplement due"),
                            ("review_due", "review due"),
                            ("commitment_due", "promised paper due"),
                            ("obligation_due", "obligation due"),
                            ("objection_due", "answer to an objection due"),
                            ("reconsideration_due", "reconsideration due"),
                            ("publicity_ended", "publicity ended"),
                            ("payment_due", "payment due"),
                            ("instalment_due", "instalment due"),
                            ("status_expiring", "register entry expiring"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("ahead", "before the deadline"),
                            ("past", "after the deadline"),
                            ("leader", "escalated to the bureau's leader"),
                            ("office", "escalated to the coordinating office"),
                        ],
                        default="ahead",
                        max_length=10,
                        verbose_name="stage",
                    ),
                ),
                ("of_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=160, unique=True)),
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
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="reviews.reviewtask",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="deadline")),
                ("remind_on", models.DateField(verbose_name="remind on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                ("stopped_at", models.DateTimeField(null=True, verbose_name="stopped at")),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "ordering": ["remind_on", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at", None), ("stopped_at", None)),
                        fields=["kind", "stage", "remind_on", "id"],
                        name="reminder_waiting",
                    )
                ],
            },
        ),
    ]
