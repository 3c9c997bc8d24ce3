"""A case as it is applied for, and who works on it."""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("applicants", "0002_documents_and_notices"),
        ("incentives", "0001_programmes"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("date", models.DateField(primary_key=True, serialize=False, verbose_name="date")),
                ("is_working", models.BooleanField(verbose_name="working day")),
                ("provisional", models.BooleanField(default=False, verbose_name="provisional")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "calendar day",
                "verbose_name_plural": "working-day calendar",
                "ordering": ["date"],
            },
        ),
        migrations.CreateModel(
            name="StaffRole",
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
                        verbose_name="user",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="incentives.bureau",
                        verbose_name="bureau",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("preparer", "preparer"),
                            ("approver", "approver"),
                            ("leader", "leader"),
                            ("finance_preparer", "finance preparer"),
                            ("finance_approver", "finance approver"),
                            ("policy_editor", "policy editor"),
                            ("auditor", "auditor"),
                            ("window", "window clerk"),
                            ("coordinator", "coordinating office"),
                            ("system", "system administrator"),
                            ("security", "security administrator"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("since", models.DateTimeField(auto_now_add=True, verbose_name="since")),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="why it ended"),
                ),
            ],
            options={
                "verbose_name": "staff role",
                "verbose_name_plural": "staff roles",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user"),
                        models.F("city"),
                        models.F("bureau"),
                        models.F("role"),
                        name="staff_role_once",
                        nulls_distinct=False,
                        violation_error_message="This person has this role already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("bureau__isnull", False),
                                (
                                    "role__in",
                                    [
                                        "preparer",
                                        "approver",
                                        "leader",
                                        "finance_preparer",
                                        "finance_approver",
                                    ],
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "role__in",
                                        [
                                            "preparer",
                                            "approver",
                                            "leader",
                                            "finance_preparer",
                                            "finance_approver",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("bureau__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="bureau_role_names_bureau",
                        violation_error_message="Preparers and approvers belong to a bureau; policy editors and auditors to the city.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("granted_by", None),
                                models.Q(("granted_by", models.F("user")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("confirmed_by", None),
                                models.Q(("confirmed_by", models.F("user")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("ended_by", None),
                                models.Q(("ended_by", models.F("user")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="nobody_grants_to_oneself",
                        violation_error_message="Nobody gives, confirms or ends a role of one's own.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_active", False),
                            ("granted_by", None),
                            models.Q(
                                (
                                    "role__in",
                                    [
                                        "approver",
                                        "leader",
                                        "finance_preparer",
                                        "finance_approver",
                                        "security",
                                    ],
                                ),
                                _negated=True,
                            ),
                            ("confirmed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="signing_role_is_confirmed",
                        violation_error_message="This role needs the confirmation of a second person.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(
                                ("granted_by__isnull", False),
                                models.Q(("confirmed_by", models.F("granted_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="role_confirmed_by_another",
                        violation_error_message="A role is confirmed by someone who did not grant it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            models.Q(("is_active", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="ended_role_gives_its_reason",
                        violation_error_message="Say why the role ends.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="role_in_own_city",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."bureau_id" IS NOT NULL)',
                            func="\n    PERFORM 1 FROM incentives_bureau WHERE id = NEW.bureau_id AND city_id = NEW.city_id;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'role_in_own_city: the bureau is of another city'\n            USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="10e05e9851ca6cf6112eb8300a265240f936cd04",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_role_in_own_city_deca8",
                            table="reviews_staffrole",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="administrators_apart",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."is_active")',
                            func="\n    PERFORM 1 FROM applicants_user WHERE id = NEW.user_id FOR NO KEY UPDATE;\n    PERFORM 1 FROM reviews_staffrole r\n      WHERE r.user_id = NEW.user_id AND r.is_active AND r.id <> NEW.id AND r.role <> NEW.role\n        AND (r.role IN ('system', 'security', 'auditor') OR NEW.role IN ('system', 'security', 'auditor'));\n    IF FOUND THEN\n        RAISE EXCEPTION 'administrators_apart: this role is held alone'\n            USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="d751743882c993893c473bf20303928f3bac6d01",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_administrators_apart_23038",
                            table="reviews_staffrole",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "reviews_staffroleevent" ("bureau_id", "city_id", "confirmed_by_id", "ended_at", "ended_by_id", "granted_by_id", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "since", "user_id") VALUES (NEW."bureau_id", NEW."city_id", NEW."confirmed_by_id", NEW."ended_at", NEW."ended_by_id", NEW."granted_by_id", NEW."id", NEW."is_active", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."role", NEW."since", NEW."user_id"); RETURN NULL;',
                            hash="f192cb11c575e229eb671638a4b16aef21cf854a",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_30b7f",
                            table="reviews_staffrole",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "reviews_staffroleevent" ("bureau_id", "city_id", "confirmed_by_id", "ended_at", "ended_by_id", "granted_by_id", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "role", "since", "user_id") VALUES (NEW."bureau_id", NEW."city_id", NEW."confirmed_by_id", NEW."ended_at", NEW."ended_by_id", NEW."granted_by_id", NEW."id", NEW."is_active", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."role", NEW."since", NEW."user_id"); RETURN NULL;',
                            hash="d840d0c459e0c0426d310ef0508bab38a95f9c85",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_794a3",
                            table="reviews_staffrole",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffRoleEvent",
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
                        to="reviews.staffrole",
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
                    "city",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="applicants.city",
                        verbose_name="city",
                    ),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="incentives.bureau",
                        verbose_name="bureau",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("preparer", "preparer"),
                            ("approver", "approver"),
                            ("leader", "leader"),
                            ("finance_preparer", "finance preparer"),
                            ("finance_approver", "finance approver"),
                            ("policy_editor", "policy editor"),
                            ("auditor", "auditor"),
                            ("window", "window clerk"),
                            ("coordinator", "coordinating office"),
                            ("system", "system administrator"),
                            ("security", "security administrator"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("since", models.DateTimeField(auto_now_add=True, verbose_name="since")),
                (
                    "granted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="why it ended"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Assistance",
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
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                (
                    "clerk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="window clerk",
                    ),
                ),
                ("authorised_by", models.CharField(max_length=160, verbose_name="authorised by")),
                (
                    "reason",
                    models.CharField(max_length=300, verbose_name="why the applicant cannot file"),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.document",
                        verbose_name="authorisation",
                    ),
                ),
                ("ends_on", models.DateField(verbose_name="to and including")),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "assistance at the window",
                "verbose_name_plural": "assistance at the window",
                "ordering": ["-id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'assistance is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="0cd8524c379ad50848665226c4e541a238a89df5",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_a1c84",
                            table="reviews_assistance",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'assistance is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="e6561a88afcc36abe782958a30ea9345bf1bc244",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_24987",
                            table="reviews_assistance",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Application",
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
                    models.CharField(
                        max_length=40, null=True, unique=True, verbose_name="case number"
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
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.party",
                        verbose_name="applicant",
                    ),
                ),
                (
                    "handling_bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.bureau",
                        verbose_name="handling bureau",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "waiting for acceptance"),
                            ("returned", "to be supplemented"),
                            ("accepted", "under review"),
                            ("proposed", "determination proposed"),
                            ("determined", "determined"),
                            ("checked", "checked by finance"),
                            ("publicity", "in publicity"),
                            ("awarded", "awarded"),
                            ("concluded", "concluded"),
                            ("not_accepted", "not accepted"),
                            ("refused", "not granted"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("applicant", "applied for"), ("sweep", "opened by the city")],
                        default="applicant",
                        max_length=10,
                        verbose_name="origin",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.bankaccount",
                        verbose_name="bank account",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assisted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="filed at the window by",
                    ),
                ),
                ("submitted_at", models.DateTimeField(null=True, verbose_name="submitted at")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="accepted at")),
                ("workflow", models.JSONField(default=dict, verbose_name="workflow")),
                (
                    "thresholds",
                    models.JSONField(default=list, verbose_name="sums from which more sign"),
                ),
                (
                    "due_on",
                    models.DateField(
                        help_text="Of the step that the case is waiting in.",
                        null=True,
                        verbose_name="next deadline",
                    ),
                ),
                ("due_from", models.DateField(null=True, verbose_name="supplement counted from")),
                (
                    "due_days",
                    models.PositiveSmallIntegerField(
                        null=True, verbose_name="supplement in working days"
                    ),
                ),
                (
                    "returned_reason",
                    models.TextField(blank=True, verbose_name="what to supplement"),
                ),
                ("progress_token", models.CharField(max_length=43, unique=True)),
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["city", "due_on", "id"], name="case_by_deadline"),
                    models.Index(fields=["due_on", "id"], name="case_in_order"),
                    models.Index(fields=["state", "due_on", "id"], name="case_by_state"),
                    models.Index(fields=["programme", "due_on", "id"], name="case_by_programme"),
                    models.Index(fields=["handling_bureau", "due_on", "id"], name="case_by_bureau"),
                    models.Index(fields=["applicant", "-id"], name="case_by_applicant"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "withdrawn"]),
                            models.Q(
                                ("number__isnull", False),
                                ("submitted_at__isnull", False),
                                ("submitted_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="submitted_case_has_number",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="case_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:submitted,draft:withdrawn,submitted:accepted,submitted:returned,submitted:not_accepted,submitted:withdrawn,returned:submitted,returned:accepted,returned:withdrawn,accepted:returned,accepted:proposed,accepted:withdrawn,proposed:accepted,proposed:withdrawn,determined:withdrawn,checked:withdrawn,checked:determined,publicity:withdrawn,publicity:accepted,refused:accepted,not_accepted:submitted,proposed:determined,proposed:refused,determined:checked,determined:accepted,determined:publicity,determined:concluded,checked:publicity,checked:accepted,publicity:awarded,publicity:concluded,publicity:refused}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="f205a9fcfc061bb8dda13b1a908409922b106f4a",
                            operation="UPDATE",
                            pgid="pgtrigger_case_steps_322a8",
                            table="reviews_application",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="case_begins_as_draft",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NOT (NEW.\"state\" = 'draft'))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="e0f8d7b7f362c146565a7792ebd5aa04aa17229e",
                            operation="INSERT",
                            pgid="pgtrigger_case_begins_as_draft_a2ae2",
                            table="reviews_application",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="case_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="4d738ea8e4ab06abc9bb0a7c7acbf4d4563ece17",
                            operation="DELETE",
                            pgid="pgtrigger_case_kept_a23a5",
                            table="reviews_application",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseFact",
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
                        related_name="facts",
                        to="reviews.application",
                    ),
                ),
                ("key", models.CharField(max_length=80, verbose_name="fact")),
                ("declared", models.JSONField(null=True, verbose_name="declared")),
                ("confirmed", models.JSONField(null=True, verbose_name="confirmed")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
                (
                    "note",
                    models.CharField(blank=True, max_length=300, verbose_name="reviewer's note"),
                ),
            ],
            options={
                "verbose_name": "case fact",
                "verbose_name_plural": "case facts",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"), models.F("key"), name="case_fact_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="confirmation_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
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
                        related_name="evidence",
                        to="reviews.application",
                    ),
                ),
                ("fact_key", models.CharField(max_length=80, verbose_name="fact")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, to="applicants.document"
                    ),
                ),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"),
                        models.F("fact_key"),
                        models.F("document"),
                        name="evidence_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PayeeShare",
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
                        related_name="payee_shares",
                        to="reviews.application",
                    ),
                ),
                (
                    "party",
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
                    "share",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=5, verbose_name="share in percent"
                    ),
                ),
            ],
            options={
                "verbose_name": "payee",
                "verbose_name_plural": "payees",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"),
                        models.F("party"),
                        name="payee_once_per_case",
                        violation_error_message="This person is a payee of the case already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__gt", 0), ("share__lte", 100)),
                        name="share_is_a_percentage",
                        violation_error_message="A share is above 0 and at most 100 percent.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Declaration",
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
                        related_name="declarations",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="declared by",
                    ),
                ),
                ("conflict", models.BooleanField(verbose_name="conflict of interest")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="kind of conflict"),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "declaration of interest",
                "verbose_name_plural": "declarations of interest",
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["application", "user", "-id"], name="declaration_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("conflict", False),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="conflict_says_its_kind",
                        violation_error_message="Say what kind of conflict it is.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'declaration is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="7a4620a7c9752be375b41bbc555e8b28bbf2e60f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_40e04",
                            table="reviews_declaration",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'declaration is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="3edeb84eb60860bf7ad951af7819c88382bbc70b",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_7b316",
                            table="reviews_declaration",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseReading",
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
                        related_name="readings",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="read by",
                    ),
                ),
                ("door", models.CharField(max_length=20, verbose_name="through")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "reading of a case",
                "verbose_name_plural": "readings of cases",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["application", "-id"], name="reading_by_case"),
                    models.Index(fields=["user", "-id"], name="reading_by_person"),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'reading is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="3bf7252359f9fe2ead82e6c2382b44dbd29b41a1",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_fa6d6",
                            table="reviews_casereading",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'reading is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="fd54a4eecd09214ccf30e97facdfec1503836d5f",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_7f901",
                            table="reviews_casereading",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
    ]
