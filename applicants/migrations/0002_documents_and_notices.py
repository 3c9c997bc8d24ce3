"""Papers and the changes of parties that they prove, notices and their ways out, numbers."""

import uuid

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0001_users_and_parties"),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file name")),
                ("content_type", models.CharField(max_length=120, verbose_name="type")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="uploaded at"),
                ),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "ordering": ["-uploaded_at"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'document is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="5e755192077d5203ac8de3a0e8856229984f5f69",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_1ae8d",
                            table="applicants_document",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'document is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="3c7774351c2252dabc5572cd81183322460994b2",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_20245",
                            table="applicants_document",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartyChange",
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
                            ("rename", "change of name"),
                            ("merger", "merger"),
                            ("split", "split"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="changes",
                        to="applicants.party",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="applicants.party",
                        verbose_name="successor",
                    ),
                ),
                ("name_before", models.CharField(max_length=160, verbose_name="name before")),
                (
                    "name_after",
                    models.CharField(blank=True, max_length=160, verbose_name="name after"),
                ),
                ("passes", models.JSONField(default=dict, verbose_name="what passes over")),
                ("effective_on", models.DateField(verbose_name="effective on")),
                ("basis", models.CharField(max_length=300, verbose_name="basis")),
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
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("made", "made"),
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
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                ("made_at", models.DateTimeField(null=True, verbose_name="made at")),
            ],
            options={
                "verbose_name": "change of an organisation",
                "verbose_name_plural": "changes of organisations",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("made_by", None),
                            models.Q(("made_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="party_change_made_by_another",
                        violation_error_message="A change is made by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "rename"),
                                ("successor", None),
                                models.Q(("name_after", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("kind", "rename"), _negated=True),
                                ("successor__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="party_change_is_whole",
                        violation_error_message="Name the successor, or the new name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("successor", None),
                            models.Q(("successor", models.F("party")), _negated=True),
                            _connector="OR",
                        ),
                        name="successor_is_another",
                        violation_error_message="Choose another organisation as successor.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="party_change_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{prepared:made,prepared:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="d0f7c39af0fc049f62555abfd5ce0b21d110452f",
                            operation="UPDATE",
                            pgid="pgtrigger_party_change_steps_24130",
                            table="applicants_partychange",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="party_change_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."city_id" IS DISTINCT FROM (NEW."city_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."party_id" IS DISTINCT FROM (NEW."party_id") OR OLD."successor_id" IS DISTINCT FROM (NEW."successor_id") OR OLD."passes" IS DISTINCT FROM (NEW."passes") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="e9e600441123bd1488a919cc2e10e96291f85aa7",
                            operation="UPDATE",
                            pgid="pgtrigger_party_change_content_7a3aa",
                            table="applicants_partychange",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="party_change_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="7f98ab9fa6f9b16edb7b4e964cca123a27155712",
                            operation="DELETE",
                            pgid="pgtrigger_party_change_kept_01997",
                            table="applicants_partychange",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
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
                        on_delete=django.db.models.deletion.RESTRICT, to="applicants.city"
                    ),
                ),
                ("series", models.CharField(max_length=20)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("series"), models.F("year"), name="series_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("key", models.CharField(max_length=100, verbose_name="key")),
                ("path", models.CharField(max_length=300, verbose_name="path")),
                ("body_sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="status")),
                ("response", models.JSONField(null=True, verbose_name="response")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="received at"
                    ),
                ),
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user"), models.F("key"), name="idempotency_key_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="written at")),
                ("emailed_at", models.DateTimeField(null=True, verbose_name="e-mailed at")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "daily digest",
                "verbose_name_plural": "daily digests",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("emailed_at", None)),
                        fields=["id"],
                        name="digest_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user"), models.F("day"), name="one_digest_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("key", models.CharField(max_length=160, unique=True)),
                ("data", models.JSONField(default=dict)),
                ("url", models.CharField(blank=True, max_length=300, verbose_name="page")),
                (
                    "city",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                (
                    "email_mode",
                    models.CharField(
                        choices=[
                            ("each", "each as it comes"),
                            ("digest", "once a day, together"),
                            ("none", "none: only the inbox"),
                        ],
                        default="each",
                        max_length=10,
                        verbose_name="e-mail",
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="notices",
                        to="applicants.digest",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="written at")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
                (
                    "emailed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="e-mailed at"),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["user", "-id"], name="notice_inbox"),
                    models.Index(
                        condition=models.Q(("email_mode", "each"), ("emailed_at", None)),
                        fields=["id"],
                        name="notice_outbox",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("email_mode", "digest"), ("emailed_at", None), ("part_of", None)
                        ),
                        fields=["user", "id"],
                        name="notice_digest",
                    ),
                    models.Index(
                        condition=models.Q(("part_of__isnull", False)),
                        fields=["part_of", "id"],
                        name="notice_in_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeTemplate",
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
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("title_zh", models.CharField(max_length=160, verbose_name="Chinese title")),
                ("text_zh", models.TextField(verbose_name="Chinese text")),
                ("title_en", models.CharField(max_length=160, verbose_name="English title")),
                ("text_en", models.TextField(verbose_name="English text")),
                ("basis", models.CharField(max_length=300, verbose_name="basis")),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                ("set_at", models.DateTimeField(auto_now_add=True, verbose_name="set at")),
            ],
            options={
                "verbose_name": "notice template",
                "verbose_name_plural": "notice templates",
                "ordering": ["city", "kind", "-id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'notice template is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="5ce2aa0dd920b885e5cc8b9010f6c94d5e1a2a14",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_53425",
                            table="applicants_noticetemplate",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'notice template is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="37dd60221ec7e8f5c6e83424289f453d3642759a",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_f3a45",
                            table="applicants_noticetemplate",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticePreference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="notice_preference",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "email",
                    models.CharField(
                        choices=[
                            ("each", "each as it comes"),
                            ("digest", "once a day, together"),
                            ("none", "none: only the inbox"),
                        ],
                        default="each",
                        max_length=10,
                        verbose_name="e-mail",
                    ),
                ),
                (
                    "phone",
                    models.CharField(blank=True, max_length=20, verbose_name="mobile number"),
                ),
                (
                    "sms",
                    models.BooleanField(default=False, verbose_name="text messages for deadlines"),
                ),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "notice preference",
                "verbose_name_plural": "notice preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sms", False), models.Q(("phone", ""), _negated=True), _connector="OR"
                        ),
                        name="text_messages_need_a_number",
                        violation_error_message="Give a mobile number for text messages.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Endpoint",
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
                    "channel",
                    models.CharField(
                        choices=[("sms", "text message"), ("webhook", "webhook")],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                ("url", models.URLField(max_length=300, verbose_name="address")),
                ("secret_encrypted", models.BinaryField()),
                (
                    "kinds",
                    models.JSONField(blank=True, default=list, verbose_name="kinds of notices"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                ("set_at", models.DateTimeField(auto_now_add=True, verbose_name="set at")),
            ],
            options={
                "verbose_name": "endpoint",
                "verbose_name_plural": "endpoints",
                "ordering": ["city", "channel", "id"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
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
                        related_name="deliveries",
                        to="applicants.notice",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.endpoint",
                        verbose_name="endpoint",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at", None)),
                        fields=["id"],
                        name="delivery_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("notice"), models.F("endpoint"), name="delivered_once_per_endpoint"
                    )
                ],
            },
        ),
    ]
