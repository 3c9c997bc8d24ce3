"""The cities, who signs in, and the parties that apply: what they are and where they are paid.

Here and in what follows a table stands whole, with its constraints, indexes and triggers among its
options. Written as operations of their own, as `makemigrations` does, each of them would have
Django draw up the models of all apps once more, which together takes most of a minute.
"""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="City",
            fields=[
                ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                ("name_en", models.CharField(max_length=160, verbose_name="English name")),
                (
                    "code",
                    models.SlugField(
                        max_length=30, primary_key=True, serialize=False, verbose_name="code"
                    ),
                ),
                (
                    "abbreviation",
                    models.CharField(
                        help_text="Case and batch numbers begin with it.",
                        max_length=4,
                        verbose_name="abbreviation",
                    ),
                ),
            ],
            options={
                "verbose_name": "city",
                "verbose_name_plural": "cities",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="District",
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
                ("code", models.SlugField(max_length=30, verbose_name="code")),
            ],
            options={
                "verbose_name": "district",
                "verbose_name_plural": "districts",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"), models.F("code"), name="district_once_per_city"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, unique=True, verbose_name="e-mail address"),
                ),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="name")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Chinese"), ("en", "English")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("is_staff", models.BooleanField(default=False, verbose_name="works in the admin")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="joined"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        name="user_email_once",
                        violation_error_message="This e-mail address already has an account.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
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
                            ("enterprise", "enterprise"),
                            ("university", "university"),
                            ("research_institute", "research institute"),
                            ("fund", "fund"),
                            ("district_government", "district government"),
                            ("intermediary", "intermediary"),
                            ("social_organisation", "social organisation"),
                            ("person", "person"),
                        ],
                        max_length=30,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                (
                    "uscc",
                    models.CharField(
                        blank=True,
                        max_length=18,
                        null=True,
                        verbose_name="unified social credit code",
                    ),
                ),
                ("identity_encrypted", models.BinaryField(blank=True, null=True)),
                (
                    "identity_hmac",
                    models.CharField(blank=True, editable=False, max_length=64, null=True),
                ),
                ("identity_last4", models.CharField(blank=True, editable=False, max_length=4)),
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
                ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="registered at"),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="predecessors",
                        to="applicants.party",
                        verbose_name="goes on as",
                    ),
                ),
            ],
            options={
                "verbose_name": "applicant",
                "verbose_name_plural": "applicants",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("successor", None),
                            models.Q(
                                ("ended_on__isnull", False),
                                models.Q(("successor", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="party_goes_on_once_ended",
                    ),
                    models.UniqueConstraint(
                        models.F("uscc"),
                        name="party_uscc_once",
                        violation_error_message="This unified social credit code is registered already.",
                    ),
                    models.UniqueConstraint(
                        models.F("identity_hmac"),
                        name="party_identity_once",
                        violation_error_message="This identity number is registered already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("identity_hmac__isnull", False),
                                ("kind", "person"),
                                ("uscc__isnull", True),
                            ),
                            models.Q(
                                models.Q(("kind", "person"), _negated=True),
                                ("identity_hmac__isnull", True),
                                ("uscc__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="party_known_by_one_number",
                        violation_error_message="An organisation has a unified social credit code, a person an identity number, and neither has both.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "applicants_partyevent" ("address", "created_at", "district_id", "ended_on", "id", "identity_encrypted", "identity_hmac", "identity_last4", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "successor_id", "uscc") VALUES (NEW."address", NEW."created_at", NEW."district_id", NEW."ended_on", NEW."id", NEW."identity_encrypted", NEW."identity_hmac", NEW."identity_last4", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."successor_id", NEW."uscc"); RETURN NULL;',
                            hash="68be74d7cb91eecb209aae0cce57b9e3c0c993d5",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_0b8e5",
                            table="applicants_party",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "applicants_partyevent" ("address", "created_at", "district_id", "ended_on", "id", "identity_encrypted", "identity_hmac", "identity_last4", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "successor_id", "uscc") VALUES (NEW."address", NEW."created_at", NEW."district_id", NEW."ended_on", NEW."id", NEW."identity_encrypted", NEW."identity_hmac", NEW."identity_last4", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."successor_id", NEW."uscc"); RETURN NULL;',
                            hash="3fedbb3a9e604429117513f82685510bffc52d0c",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_059b1",
                            table="applicants_party",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="applicants.party",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "enterprise"),
                            ("university", "university"),
                            ("research_institute", "research institute"),
                            ("fund", "fund"),
                            ("district_government", "district government"),
                            ("intermediary", "intermediary"),
                            ("social_organisation", "social organisation"),
                            ("person", "person"),
                        ],
                        max_length=30,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                (
                    "uscc",
                    models.CharField(
                        blank=True,
                        max_length=18,
                        null=True,
                        verbose_name="unified social credit code",
                    ),
                ),
                ("identity_encrypted", models.BinaryField(blank=True, null=True)),
                (
                    "identity_hmac",
                    models.CharField(blank=True, editable=False, max_length=64, null=True),
                ),
                ("identity_last4", models.CharField(blank=True, editable=False, max_length=4)),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="applicants.district",
                        verbose_name="district",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="registered at"),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="applicants.party",
                        verbose_name="goes on as",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "owner"), ("clerk", "clerk")],
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("party"),
                        models.F("user"),
                        name="member_once",
                        violation_error_message="This user is a member already.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "applicants_membershipevent" ("created_at", "id", "is_active", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."created_at", NEW."id", NEW."is_active", NEW."party_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                            hash="90e3d4bf4649aabcf3fa587b2b12b9c72f5f7c1b",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_83092",
                            table="applicants_membership",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "applicants_membershipevent" ("created_at", "id", "is_active", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."created_at", NEW."id", NEW."is_active", NEW."party_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                            hash="da48b89ddd1d546538b2e7f8e9a5d5a00a2ac7c1",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_c1b6e",
                            table="applicants_membership",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MembershipEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="applicants.membership",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "party",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "owner"), ("clerk", "clerk")],
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                ("holder", models.CharField(max_length=160, verbose_name="account holder")),
                ("bank", models.CharField(max_length=160, verbose_name="bank and branch")),
                (
                    "bank_code",
                    models.CharField(blank=True, max_length=14, verbose_name="bank code"),
                ),
                ("number_encrypted", models.BinaryField()),
                ("number_hmac", models.CharField(db_index=True, editable=False, max_length=64)),
                (
                    "last4",
                    models.CharField(editable=False, max_length=4, verbose_name="last four digits"),
                ),
                ("is_current", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="entered at")),
            ],
            options={
                "verbose_name": "bank account",
                "verbose_name_plural": "bank accounts",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("party"),
                        condition=models.Q(("is_current", True)),
                        name="one_current_account_per_party",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "applicants_bankaccountevent" ("bank", "bank_code", "created_at", "created_by_id", "holder", "id", "is_current", "last4", "number_hmac", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."bank", NEW."bank_code", NEW."created_at", NEW."created_by_id", NEW."holder", NEW."id", NEW."is_current", NEW."last4", NEW."number_hmac", NEW."party_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                            hash="286fcf39f543e756e79eb9dd03eec638cade53eb",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_64acc",
                            table="applicants_bankaccount",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."bank" IS DISTINCT FROM (NEW."bank") OR OLD."bank_code" IS DISTINCT FROM (NEW."bank_code") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."holder" IS DISTINCT FROM (NEW."holder") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_current" IS DISTINCT FROM (NEW."is_current") OR OLD."last4" IS DISTINCT FROM (NEW."last4") OR OLD."number_hmac" IS DISTINCT FROM (NEW."number_hmac") OR OLD."party_id" IS DISTINCT FROM (NEW."party_id"))',
                            func='INSERT INTO "applicants_bankaccountevent" ("bank", "bank_code", "created_at", "created_by_id", "holder", "id", "is_current", "last4", "number_hmac", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."bank", NEW."bank_code", NEW."created_at", NEW."created_by_id", NEW."holder", NEW."id", NEW."is_current", NEW."last4", NEW."number_hmac", NEW."party_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                            hash="104d0a7300f70c0dad8049ae3f4f435bc4b1e2d2",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_e7525",
                            table="applicants_bankaccount",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BankAccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="applicants.bankaccount",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "party",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                ("holder", models.CharField(max_length=160, verbose_name="account holder")),
                ("bank", models.CharField(max_length=160, verbose_name="bank and branch")),
                (
                    "bank_code",
                    models.CharField(blank=True, max_length=14, verbose_name="bank code"),
                ),
                ("number_hmac", models.CharField(editable=False, max_length=64)),
                (
                    "last4",
                    models.CharField(editable=False, max_length=4, verbose_name="last four digits"),
                ),
                ("is_current", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="entered at")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProfileFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                ("key", models.CharField(max_length=80, verbose_name="fact")),
                ("value", models.JSONField(verbose_name="value")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("declared", "declared by the applicant"),
                            ("imported", "imported from a bureau's list"),
                            ("confirmed", "confirmed by a reviewer"),
                        ],
                        max_length=10,
                        verbose_name="source",
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "profile fact",
                "verbose_name_plural": "profile facts",
                "indexes": [models.Index(fields=["party", "key", "-id"], name="fact_newest")],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'fact is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="67ff101223a5e9c5ca90772178222161badb921b",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_9cdeb",
                            table="applicants_profilefact",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'fact is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d0e86d413bbddec8320e9be43161848a92b3309f",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_2cc99",
                            table="applicants_profilefact",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
