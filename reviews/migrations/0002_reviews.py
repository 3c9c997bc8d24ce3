"""What the bureaus do with a case until it is determined, and what they keep at their desks."""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import applicants.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("applicants", "0002_documents_and_notices"),
        ("incentives", "0003_awards"),
        ("reviews", "0001_cases"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewTask",
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
                        related_name="tasks",
                        to="reviews.application",
                        verbose_name="case",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("acceptance", "acceptance"),
                            ("audit", "third-party audit"),
                            ("opinion", "opinion"),
                            ("scoring", "scoring"),
                            ("determination", "determination"),
                            ("finance_check", "finance check"),
                            ("publicity", "publicity"),
                            ("award", "award"),
                            ("conclusion", "conclusion"),
                        ],
                        max_length=20,
                        verbose_name="task",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("paused", "paused"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                            ("superseded", "asked again"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("counted_from", models.DateField(null=True, verbose_name="counted from")),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        null=True, verbose_name="period in working days"
                    ),
                ),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                (
                    "days_left",
                    models.PositiveSmallIntegerField(null=True, verbose_name="working days left"),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="parts",
                        to="reviews.reviewtask",
                        verbose_name="asked for",
                    ),
                ),
                ("question", models.TextField(blank=True, verbose_name="question")),
                (
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
            ],
            options={
                "verbose_name": "review task",
                "verbose_name_plural": "review tasks",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["bureau", "due_on", "id"],
                        name="task_by_deadline",
                    ),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["assignee", "due_on", "id"],
                        name="task_by_assignee",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"),
                        models.F("bureau"),
                        models.F("kind"),
                        condition=models.Q(("state__in", ["open", "paused"])),
                        name="one_open_task_of_a_kind",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="task_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:done,open:cancelled,open:paused,paused:open,paused:cancelled,done:superseded}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="3eb5a83108fd77f8a7a457909158d347b14fb354",
                            operation="UPDATE",
                            pgid="pgtrigger_task_steps_5194a",
                            table="reviews_reviewtask",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="task_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="3d56fdb87c0d77ec8b5b20f3dfeeb8a95851fd36",
                            operation="DELETE",
                            pgid="pgtrigger_task_kept_c9cd0",
                            table="reviews_reviewtask",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="opinion",
                        to="reviews.reviewtask",
                    ),
                ),
                (
                    "position",
                    models.CharField(
                        choices=[
                            ("agree", "agrees"),
                            ("object", "objects"),
                            ("ask", "asks"),
                            ("not_concerned", "not concerned"),
                        ],
                        max_length=20,
                        verbose_name="position",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="opinion")),
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
            ],
            options={
                "verbose_name": "opinion",
                "verbose_name_plural": "opinions",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="opinion_approved_by_another",
                        violation_error_message="An opinion is approved by someone who did not prepare it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("position__in", ["object", "ask"]), _negated=True),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="objection_gives_its_reason",
                        violation_error_message="An opinion that objects or asks says so in words.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="opinion_final",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."approved_by_id" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="4db597e69e2565440b389d48718dc69871a59ad8",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_opinion_final_9c94d",
                            table="reviews_opinion",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpinionPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opinion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="papers",
                        to="reviews.opinion",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.document",
                        verbose_name="attachment",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment of an opinion",
                "verbose_name_plural": "attachments of opinions",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("opinion"), models.F("document"), name="opinion_paper_once"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'opinion paper is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d520865db80911c4bd70069aa659e63a22c7251a",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_2e491",
                            table="reviews_opinionpaper",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'opinion paper is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="1de15ad61453d1343c73da1e9e083f73fa1daa0a",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_071c4",
                            table="reviews_opinionpaper",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opinion",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="resolution",
                        to="reviews.opinion",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reason", "by a written reason"),
                            ("meeting", "by a joint meeting"),
                        ],
                        max_length=10,
                        verbose_name="resolved",
                    ),
                ),
                ("text", models.TextField(verbose_name="reason or minutes")),
                ("held_on", models.DateField(null=True, verbose_name="meeting held on")),
                (
                    "present",
                    models.TextField(blank=True, verbose_name="bureaus and persons present"),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.document",
                        verbose_name="minutes",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="resolved by",
                    ),
                ),
                (
                    "resolved_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="resolved at"),
                ),
            ],
            options={
                "verbose_name": "resolution of an objection",
                "verbose_name_plural": "resolutions of objections",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="resolution_gives_its_reason",
                        violation_error_message="Write the reason, or what the meeting decided.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "meeting"), _negated=True),
                            models.Q(
                                ("held_on__isnull", False), models.Q(("present", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="meeting_has_day_and_people",
                        violation_error_message="Write the day of the meeting and who was present.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'resolution is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="57f24aae23efda749916eeabe49f86f0f8071345",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_bbbdd",
                            table="reviews_resolution",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'resolution is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="21b5ee80d1dcab8a2f95595be0a0ffdfb71c16a7",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_df58f",
                            table="reviews_resolution",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditCommission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="commissions",
                        to="reviews.reviewtask",
                        verbose_name="review task",
                    ),
                ),
                ("auditor", models.CharField(max_length=160, verbose_name="audit firm")),
                (
                    "auditor_uscc",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                ("scope", models.TextField(verbose_name="what is audited")),
                ("due_on", models.DateField(verbose_name="report due on")),
                (
                    "commissioned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="commissioned by",
                    ),
                ),
                (
                    "commissioned_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="commissioned at"),
                ),
            ],
            options={
                "verbose_name": "audit commission",
                "verbose_name_plural": "audit commissions",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("auditor", ""), _negated=True),
                            models.Q(("scope", ""), _negated=True),
                        ),
                        name="audit_commission_is_whole",
                        violation_error_message="Name the firm, and say what it audits.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'audit commission is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="2ea7b0cd29b41f150b97cb7c20e523a6eafb5f7b",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_edf77",
                            table="reviews_auditcommission",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'audit commission is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="d2f1b2ce051520629a7f89f6d9629f9cd6309c71",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_7013a",
                            table="reviews_auditcommission",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="audit_report",
                        to="reviews.reviewtask",
                        verbose_name="review task",
                    ),
                ),
                ("auditor", models.CharField(max_length=160, verbose_name="audit firm")),
                (
                    "auditor_uscc",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                ("report_number", models.CharField(max_length=80, verbose_name="report number")),
                ("finding", models.TextField(verbose_name="finding")),
                ("facts", models.JSONField(default=dict, verbose_name="audited values")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        to="applicants.document",
                        verbose_name="report",
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
                (
                    "recorded_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="recorded at"),
                ),
            ],
            options={
                "verbose_name": "audit report",
                "verbose_name_plural": "audit reports",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("auditor", ""), _negated=True),
                            models.Q(("report_number", ""), _negated=True),
                            models.Q(("finding", ""), _negated=True),
                        ),
                        name="audit_report_is_whole",
                        violation_error_message="Name the firm and the report, and write the finding.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'audit report is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="99cbb4192207e4174bbd7062e17a56d3ff84540f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_3be8b",
                            table="reviews_auditreport",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'audit report is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="6782425701508182c082cf531c68f013303f19fc",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_364dd",
                            table="reviews_auditreport",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Defect",
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
                        related_name="defects",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="return")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fact", "a fact"),
                            ("paper", "a paper"),
                            ("other", "something else"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("fact_key", models.CharField(blank=True, max_length=80, verbose_name="fact")),
                (
                    "reason",
                    models.CharField(
                        max_length=1000, verbose_name="what is wrong and what to bring"
                    ),
                ),
                ("before", models.JSONField(null=True, verbose_name="before")),
                ("after", models.JSONField(null=True, verbose_name="after")),
                (
                    "told_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="told by",
                    ),
                ),
                ("told_at", models.DateTimeField(auto_now_add=True, verbose_name="told at")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
            ],
            options={
                "verbose_name": "defect",
                "verbose_name_plural": "defects",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"),
                        models.F("round"),
                        models.F("kind"),
                        models.F("fact_key"),
                        condition=models.Q(("kind", "other"), _negated=True),
                        name="defect_once_per_return",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="defect_gives_its_reason",
                        violation_error_message="Say what is wrong and what to bring.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "other"),
                            models.Q(("fact_key", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="defect_names_its_fact",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="defect_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="fdb52c5cdc7e451a2f5156e6cefc509fc8089aaa",
                            operation="DELETE",
                            pgid="pgtrigger_defect_kept_2c780",
                            table="reviews_defect",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="defect_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."application_id" IS DISTINCT FROM (NEW."application_id") OR OLD."round" IS DISTINCT FROM (NEW."round") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."fact_key" IS DISTINCT FROM (NEW."fact_key") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."before" IS DISTINCT FROM (NEW."before") OR OLD."told_by_id" IS DISTINCT FROM (NEW."told_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="d1b629b55933cf6edd6e6f9bb1ad386bf7406dde",
                            operation="UPDATE",
                            pgid="pgtrigger_defect_content_b3196",
                            table="reviews_defect",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Commitment",
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
                        related_name="commitments",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                ("fact_key", models.CharField(max_length=80, verbose_name="paper beside the fact")),
                ("text", models.CharField(max_length=1000, verbose_name="what is promised")),
                ("due_on", models.DateField(verbose_name="by")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("kept", "kept"), ("broken", "broken")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "promised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="promised by",
                    ),
                ),
                (
                    "promised_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="promised at"),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
            ],
            options={
                "verbose_name": "commitment",
                "verbose_name_plural": "commitments",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"),
                        models.F("fact_key"),
                        condition=models.Q(("state", "open")),
                        name="one_open_commitment_per_paper",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="commitment_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:kept,open:broken}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="32575a64647aef4cd65b941c6d4219db22fc7f8b",
                            operation="UPDATE",
                            pgid="pgtrigger_commitment_steps_b65eb",
                            table="reviews_commitment",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="commitment_kept_row",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="bcc4ddbd363be1bec1761b30b5988b56fe93b3a4",
                            operation="DELETE",
                            pgid="pgtrigger_commitment_kept_row_d68f8",
                            table="reviews_commitment",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Determination",
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
                        related_name="determinations",
                        to="reviews.application",
                        verbose_name="case",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("approved", "approved"),
                            ("sent_back", "sent back"),
                            ("void", "void"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("award", "grant"), ("refuse", "refuse")],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("facts", models.JSONField()),
                ("choices", models.JSONField()),
                ("readings", models.JSONField()),
                ("history", models.JSONField(default=dict)),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("assessment", models.TextField()),
                (
                    "assessed",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, verbose_name="assessed"
                    ),
                ),
                (
                    "signatures_needed",
                    models.PositiveSmallIntegerField(default=1, verbose_name="signatures needed"),
                ),
                ("terms", models.TextField(blank=True, verbose_name="terms")),
                ("ends_on", models.DateField(null=True, verbose_name="valid to and including")),
                (
                    "granted",
                    applicants.models.figure.Figure(
                        decimal_places=2, max_digits=16, null=True, verbose_name="granted"
                    ),
                ),
                ("cuts", models.JSONField(default=list, verbose_name="cuts")),
                (
                    "award",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="incentives.award",
                    ),
                ),
                ("explanation", models.JSONField(default=dict)),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
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
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="checked by",
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True, verbose_name="checked at")),
                ("check_note", models.TextField(blank=True, verbose_name="finance's note")),
            ],
            options={
                "verbose_name": "determination",
                "verbose_name_plural": "determinations",
                "ordering": ["application_id", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("application"), models.F("number"), name="determination_once"
                    ),
                    models.UniqueConstraint(
                        models.F("application"),
                        condition=models.Q(("state__in", ["proposed", "approved"])),
                        name="one_living_determination",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="determination_approved_by_another",
                        violation_error_message="A determination is approved by someone who did not propose it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("checked_by", None),
                            models.Q(
                                models.Q(("checked_by", models.F("proposed_by")), _negated=True),
                                models.Q(("checked_by", models.F("approved_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="determination_checked_by_a_third",
                        violation_error_message="The finance check is made by someone who neither proposed nor approved.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            ("approved_by__isnull", False),
                            _connector="OR",
                        ),
                        name="approval_names_its_approver",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="determination_gives_its_reason",
                        violation_error_message="A determination states its reason.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="determination_steps",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{proposed:approved,proposed:sent_back,approved:void}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="c8c4f6b814c3f1ddadc430a530c6dd14b4bdbf8a",
                            operation="UPDATE",
                            pgid="pgtrigger_determination_steps_7e6d4",
                            table="reviews_determination",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="determination_begins_proposed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NOT (NEW."approved_by_id" IS NULL AND NEW."state" = \'proposed\'))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                            hash="b9579bc11eb343c170009b3fafd4d5fef381501f",
                            operation="INSERT",
                            pgid="pgtrigger_determination_begins_proposed_a3d96",
                            table="reviews_determination",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="determination_content",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."application_id" IS DISTINCT FROM (NEW."application_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."facts" IS DISTINCT FROM (NEW."facts") OR OLD."choices" IS DISTINCT FROM (NEW."choices") OR OLD."readings" IS DISTINCT FROM (NEW."readings") OR OLD."history" IS DISTINCT FROM (NEW."history") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."assessment" IS DISTINCT FROM (NEW."assessment") OR OLD."assessed" IS DISTINCT FROM (NEW."assessed") OR OLD."terms" IS DISTINCT FROM (NEW."terms") OR OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."proposed_by_id" IS DISTINCT FROM (NEW."proposed_by_id") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="b8bf3c042d21c86113041f14e2877f11fdd4bfec",
                            operation="UPDATE",
                            pgid="pgtrigger_determination_content_1e221",
                            table="reviews_determination",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="determination_approval",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."approved_by_id" IS NOT NULL AND (OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id") OR OLD."approved_at" IS DISTINCT FROM (NEW."approved_at") OR OLD."granted" IS DISTINCT FROM (NEW."granted") OR OLD."cuts" IS DISTINCT FROM (NEW."cuts") OR OLD."award_id" IS DISTINCT FROM (NEW."award_id") OR OLD."explanation" IS DISTINCT FROM (NEW."explanation")))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="7fa903e384ac33c4da5b680f69e7b585bf79211d",
                            operation="UPDATE",
                            pgid="pgtrigger_determination_approval_a6ea4",
                            table="reviews_determination",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="finance_check_apart",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."checked_by_id" IS NOT NULL AND OLD."checked_by_id" IS DISTINCT FROM (NEW."checked_by_id"))',
                            func="\n    IF EXISTS (\n        SELECT FROM reviews_opinion o JOIN reviews_reviewtask t ON t.id = o.task_id\n         WHERE t.application_id = NEW.application_id\n           AND NEW.checked_by_id IN (o.prepared_by_id, o.approved_by_id)\n    ) OR EXISTS (\n        SELECT FROM reviews_determination d\n          LEFT JOIN reviews_signature s ON s.determination_id = d.id\n         WHERE d.application_id = NEW.application_id\n           AND NEW.checked_by_id IN (d.proposed_by_id, d.approved_by_id, s.signed_by_id)\n    ) THEN\n        RAISE EXCEPTION 'the finance check is made by someone who neither gave an opinion on the '\n            'case nor determined it' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="5ea1918d065152ab21842a3b831d497f0d91eff3",
                            operation="UPDATE",
                            pgid="pgtrigger_finance_check_apart_a9f04",
                            table="reviews_determination",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="determination_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="49c1fc0713458f5bb30d2ed8c90f73af2840f2cf",
                            operation="DELETE",
                            pgid="pgtrigger_determination_kept_050d1",
                            table="reviews_determination",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "determination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="signatures",
                        to="reviews.determination",
                        verbose_name="determination",
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(verbose_name="signature")),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
                ("signed_at", models.DateTimeField(auto_now_add=True, verbose_name="signed at")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
            ],
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
                "ordering": ["determination", "level"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("determination"),
                        models.F("level"),
                        name="signature_once_per_level",
                    ),
                    models.UniqueConstraint(
                        models.F("determination"),
                        models.F("signed_by"),
                        name="one_signature_per_person",
                        violation_error_message="You have signed this determination already.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'signature is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="26bab7509194ee71035aae76097a277a01a9a509",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_11667",
                            table="reviews_signature",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'signature is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="1003f5842e2fe07d9393a8997d8a68a779f8a1a9",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_b09d0",
                            table="reviews_signature",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
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
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="absent",
                    ),
                ),
                (
                    "deputy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="deputy",
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
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="to and including")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set up by",
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "delegation",
                "verbose_name_plural": "delegations",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("user", models.F("deputy")), _negated=True),
                        name="deputy_is_another",
                        violation_error_message="Choose another person as deputy.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="delegation_ends_after_start",
                        violation_error_message="The last day is not before the first.",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="delegation_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="1b59c5a1bc785ef5ba36c1de9c735915b1fb9f8f",
                            operation="DELETE",
                            pgid="pgtrigger_delegation_kept_3fc6e",
                            table="reviews_delegation",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="handovers",
                        to="reviews.reviewtask",
                        verbose_name="review task",
                    ),
                ),
                (
                    "handed_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="from",
                    ),
                ),
                (
                    "handed_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "handed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handed over by",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "handover",
                "verbose_name_plural": "handovers",
                "ordering": ["id"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'handover is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="3e141d8befd4650b35c55f0fcd238252ade004e9",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_65984",
                            table="reviews_handover",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'handover is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="812fc51947b82a07d5ef31d9aeeb984e7ad15801",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_4b60f",
                            table="reviews_handover",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseNote",
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
                        related_name="notes",
                        to="reviews.application",
                        verbose_name="case",
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
                ("text", models.TextField(verbose_name="note")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                (
                    "mentions",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="mentions",
                    ),
                ),
            ],
            options={
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="note_says_something"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'note is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="3177832b74c77fdca01de06a89e4e35134343813",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_rows_3d2fb",
                            table="reviews_casenote",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="append_only_table",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'note is append-only' USING ERRCODE = 'restrict_violation';",
                            hash="9d8398bdcf8dd85c84554409bc0614f61c2fca18",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_append_only_table_ca214",
                            table="reviews_casenote",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
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
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=1000, verbose_name="filter")),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user"), models.F("name"), name="view_once_per_user"
                    )
                ],
            },
        ),
    ]
