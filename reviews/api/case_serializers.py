"""A case as a bureau reads it, from top to bottom. Scoping is the dossier's."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from applicants.models import Event, User
from incentives.api.serializers import AssessmentSerializer, TextSerializer
from incentives.policy.text import Text
from reviews.api.serializers import YUAN, ApplicationSerializer, PartsSerializer
from reviews.api.stage_serializers import StaffFindingSerializer, StaffSettlementSerializer
from reviews.domain import advances, audits, dossier, staging, workflows, working_days
from reviews.domain.actions import available
from reviews.domain.event_words import told
from reviews.models import (
    Application,
    AuditCommission,
    AuditReport,
    Determination,
    PublicityNotice,
    ReviewTask,
)


class TaskSerializer(serializers.ModelSerializer[ReviewTask]):
    bureau = serializers.CharField(source="bureau.code")
    assignee = serializers.CharField(allow_null=True)

    class Meta:
        model = ReviewTask
        fields = ["id", "kind", "bureau", "state", "assignee", "opened_at", "due_on", "done_at"]
        read_only_fields = fields


class AuditReportSerializer(serializers.ModelSerializer[AuditReport]):
    """What the audit firm found; `facts` are audited values by fact."""

    facts = serializers.DictField()
    recorded_by = serializers.CharField()

    class Meta:
        model = AuditReport
        fields = [
            "auditor", "auditor_uscc", "report_number", "finding", "facts", "document",
            "recorded_by", "recorded_at",
        ]  # fmt: skip
        read_only_fields = fields


class AuditCommissionSerializer(serializers.ModelSerializer[AuditCommission]):
    commissioned_by = serializers.CharField()

    class Meta:
        model = AuditCommission
        fields = [
            "auditor", "auditor_uscc", "scope", "due_on", "commissioned_by", "commissioned_at",
        ]  # fmt: skip
        read_only_fields = fields


class WorkflowSerializer(serializers.Serializer[Any]):
    """How the case is handled, as kept at submission; `days` are working days by period."""

    preset = serializers.CharField(source="workflow.preset")
    chosen = serializers.CharField(source="workflow.chosen")
    stages = serializers.ListField(child=serializers.CharField())
    agreement = serializers.CharField()
    days = serializers.DictField(source="periods", child=serializers.IntegerField())
    parts = serializers.DictField(child=TextSerializer())


class ActionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    bureau = serializers.CharField(source="bureau.code", default=None, allow_null=True)


class CapLeftSerializer(serializers.Serializer[Any]):
    """A ceiling of this case: `own` of `used` is this case's; yuan, or a count of awards."""

    label = TextSerializer()  # type: ignore[assignment]
    kind = serializers.CharField()
    unit = serializers.CharField()
    limit = serializers.DecimalField(**YUAN)
    used = serializers.DecimalField(**YUAN)
    own = serializers.DecimalField(**YUAN)
    left = serializers.DecimalField(**YUAN)


class OpinionLineSerializer(serializers.Serializer[Any]):
    """A bureau asked for its opinion; empty where it is not given or not the reader's to see."""

    bureau = serializers.CharField(source="task.bureau.code")
    state = serializers.CharField(source="task.state")
    due_on = serializers.DateField(source="task.due_on")
    part = TextSerializer(default=None, allow_null=True, help_text="What the bureau is asked on.")
    question = serializers.CharField()
    position = serializers.CharField(source="opinion.position", default=None, allow_null=True)
    text = serializers.CharField(source="opinion.text", default=None, allow_null=True)
    prepared_by = serializers.CharField(source="opinion.prepared_by", default=None, allow_null=True)
    approved_by = serializers.CharField(source="opinion.approved_by", default=None, allow_null=True)


class DeterminationSerializer(serializers.ModelSerializer[Determination]):
    assessed = serializers.DecimalField(**YUAN)
    granted = serializers.DecimalField(**YUAN, allow_null=True)
    cuts = serializers.ListField(child=serializers.DictField())
    choices = serializers.DictField()
    proposed_by = serializers.CharField()
    approved_by = serializers.CharField(allow_null=True)
    checked_by = serializers.CharField(allow_null=True)

    class Meta:
        model = Determination
        fields = [
            "number", "state", "outcome", "reason", "choices", "assessed", "terms", "ends_on",
            "granted", "cuts", "digest", "proposed_by", "proposed_at", "approved_by",
            "approved_at", "checked_by", "checked_at", "check_note",
        ]  # fmt: skip
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer[Event]):
    says = serializers.SerializerMethodField()
    actor = serializers.CharField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]

    class Meta:
        model = Event
        fields = ["id", "kind", "says", "at", "actor", "reason", "data"]
        read_only_fields = fields

    def get_says(self, event: Event) -> str:
        return told(event)


class CaseSerializer(ApplicationSerializer):
    """A case in a bureau's list: what an application shows, written out, since pages are read often
    and asking field by field takes longer than the database."""

    def to_representation(self, case: Application) -> dict[str, Any]:
        return {
            "id": case.pk,
            "city": case.city_id,
            "number": case.number,
            "programme": case.programme.code,
            "applicant": case.applicant_id,
            "applicant_name": case.applicant.name,
            "handling_bureau": case.handling_bureau.code,
            "state": case.state,
            "due_on": case.due_on and case.due_on.isoformat(),
            "started_at": _moment(case.started_at),
            "submitted_at": _moment(case.submitted_at),
            "accepted_at": _moment(case.accepted_at),
            "returned_reason": case.returned_reason,
        }


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat() if at else None


class CaseDetailSerializer(PartsSerializer):
    tasks = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField(help_text="What the reader may do now.")
    assessment = serializers.SerializerMethodField()
    caps = serializers.SerializerMethodField(help_text="null while facts they need are missing")
    due_is_provisional = serializers.SerializerMethodField(
        help_text="Whether the deadline falls in a year whose holidays are not published yet."
    )
    workflow = serializers.SerializerMethodField()
    audit_commission = serializers.SerializerMethodField()
    audit_report = serializers.SerializerMethodField()
    opinions = serializers.SerializerMethodField()
    determinations = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField(help_text="On instalments of the award.")
    settlements = serializers.SerializerMethodField(help_text="Of an advance.")
    history = serializers.SerializerMethodField()

    class Meta(PartsSerializer.Meta):
        fields = [
            *PartsSerializer.Meta.fields,
            "due_is_provisional", "tasks", "available", "workflow", "audit_commission",
            "audit_report", "assessment", "caps", "opinions", "determinations", "findings",
            "settlements", "history",
        ]  # fmt: skip
        read_only_fields = fields

    @property
    def reader(self) -> User:
        user: User = self.context["request"].user
        return user

    @extend_schema_field(TaskSerializer(many=True))
    def get_tasks(self, case: Application) -> Any:
        return TaskSerializer(
            case.tasks.select_related("bureau", "assignee").order_by("id"), many=True
        ).data

    @extend_schema_field(ActionSerializer(many=True))
    def get_available(self, case: Application) -> Any:
        return ActionSerializer(available(case, self.reader), many=True).data

    @extend_schema_field(AssessmentSerializer)
    def get_assessment(self, case: Application) -> Any:
        return dossier.assessment_shown(case)

    @extend_schema_field(CapLeftSerializer(many=True, allow_null=True))
    def get_caps(self, case: Application) -> Any:
        lines = dossier.caps_left(case)
        return None if lines is None else [cap_shown(line) for line in lines]

    def get_due_is_provisional(self, case: Application) -> bool:
        return working_days.is_provisional(case.due_on)

    @extend_schema_field(WorkflowSerializer)
    def get_workflow(self, case: Application) -> Any:
        return WorkflowSerializer(workflows.of(case)).data

    @extend_schema_field(AuditCommissionSerializer(allow_null=True))
    def get_audit_commission(self, case: Application) -> Any:
        made = audits.commission_of(case)
        return AuditCommissionSerializer(made).data if made else None

    @extend_schema_field(AuditReportSerializer(allow_null=True))
    def get_audit_report(self, case: Application) -> Any:
        report = audits.report_of(case)
        return AuditReportSerializer(report).data if report else None

    @extend_schema_field(OpinionLineSerializer(many=True))
    def get_opinions(self, case: Application) -> Any:
        return OpinionLineSerializer(dossier.opinion_lines(case, self.reader), many=True).data

    @extend_schema_field(DeterminationSerializer(many=True))
    def get_determinations(self, case: Application) -> Any:
        people = ("proposed_by", "approved_by", "checked_by")
        rows = case.determinations.select_related(*people).order_by("number")
        return DeterminationSerializer(rows, many=True).data

    @extend_schema_field(StaffFindingSerializer(many=True))
    def get_findings(self, case: Application) -> Any:
        rows = staging.found_in(case).select_related("prepared_by", "confirmed_by")
        return StaffFindingSerializer(rows, many=True).data

    @extend_schema_field(StaffSettlementSerializer(many=True))
    def get_settlements(self, case: Application) -> Any:
        rows = advances.settled_in(case).select_related("prepared_by", "approved_by")
        return StaffSettlementSerializer(rows, many=True).data

    @extend_schema_field(EventSerializer(many=True))
    def get_history(self, case: Application) -> Any:
        return EventSerializer(dossier.history(case, self.reader), many=True).data


def cap_shown(line: dossier.CapLeft) -> Any:
    """Pools have one title, whatever the language."""
    shown = CapLeftSerializer(line).fields
    words = line.label if isinstance(line.label, Text) else None
    label = words.model_dump() if words else {"zh": str(line.label), "en": str(line.label)}
    amounts = {
        name: shown[name].to_representation(getattr(line, name))
        for name in ("limit", "used", "own", "left")
    }
    return {"label": label, "kind": line.kind, "unit": line.unit, **amounts}


class NoticeOfPublicitySerializer(serializers.ModelSerializer[PublicityNotice]):
    bureau = serializers.CharField(source="bureau.code")
    total = serializers.DecimalField(**YUAN)

    class Meta:
        model = PublicityNotice
        fields = ["number", "city", "bureau", "starts_on", "ends_on", "count", "total"]
        read_only_fields = fields
