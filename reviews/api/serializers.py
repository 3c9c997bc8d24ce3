"""Cases as the API shows them, to their applicant and to the bureaus. Sums are strings in yuan."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incentives.api.serializers import AssessmentSerializer
from incentives.models.award import FindingState, SettlementState
from reviews.api import stage_serializers as stages
from reviews.domain import advances, staging
from reviews.models import Application, CaseFact, Determination, Evidence, PayeeShare
from reviews.models.determination import DeterminationState
from reviews.presenters.timeline import timeline

YUAN = stages.YUAN


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    programme = serializers.CharField(source="programme.code")
    applicant = serializers.IntegerField(source="applicant_id")
    applicant_name = serializers.CharField(source="applicant.name")
    handling_bureau = serializers.CharField(source="handling_bureau.code")

    class Meta:
        model = Application
        fields = [
            "id", "city", "number", "programme", "applicant", "applicant_name", "handling_bureau",
            "state", "due_on", "started_at", "submitted_at", "accepted_at", "returned_reason",
        ]  # fmt: skip
        read_only_fields = fields


class CaseFactSerializer(serializers.ModelSerializer[CaseFact]):
    declared = serializers.JSONField(allow_null=True)
    confirmed = serializers.JSONField(allow_null=True, help_text="As a reviewer saw it.")

    class Meta:
        model = CaseFact
        fields = ["key", "declared", "confirmed", "confirmed_at", "note"]
        read_only_fields = fields


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    fact = serializers.CharField(source="fact_key")
    document = serializers.UUIDField(source="document_id")
    name = serializers.CharField(source="document.name")

    class Meta:
        model = Evidence
        fields = ["id", "fact", "document", "name"]
        read_only_fields = fields


class PayeeSerializer(serializers.ModelSerializer[PayeeShare]):
    name = serializers.CharField(source="party.name")
    number = serializers.CharField(source="party.number_shown", help_text="Masked.")
    account = serializers.CharField(source="account.masked", help_text="Masked.")
    share = serializers.DecimalField(5, 2, help_text="Percent.")

    class Meta:
        model = PayeeShare
        fields = ["id", "name", "number", "account", "share"]
        read_only_fields = fields


class DecisionSerializer(serializers.ModelSerializer[Determination]):
    """An approved determination, with what each cap took off it."""

    assessed = serializers.DecimalField(**YUAN)
    granted = serializers.DecimalField(**YUAN, allow_null=True)
    cuts = serializers.ListField(child=serializers.DictField())
    assessment = AssessmentSerializer(source="told")

    class Meta:
        model = Determination
        fields = [
            "number", "outcome", "reason", "assessed", "terms", "ends_on", "granted", "cuts",
            "approved_at", "assessment",
        ]  # fmt: skip
        read_only_fields = fields


class HappenedSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    says = serializers.CharField()
    reason = serializers.CharField()


class PartsSerializer(ApplicationSerializer):
    """What both sides see of a case: its facts, its papers and who is paid."""

    account = serializers.CharField(
        source="account.masked", default=None, allow_null=True, help_text="Masked."
    )
    facts = CaseFactSerializer(many=True)
    evidence = serializers.SerializerMethodField()
    payees = serializers.SerializerMethodField()

    class Meta(ApplicationSerializer.Meta):
        fields = [*ApplicationSerializer.Meta.fields, "account", "facts", "evidence", "payees"]
        read_only_fields = fields

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, case: Application) -> Any:
        laid = case.evidence.filter(removed_at=None).select_related("document")
        return EvidenceSerializer(laid, many=True).data

    @extend_schema_field(PayeeSerializer(many=True))
    def get_payees(self, case: Application) -> Any:
        return PayeeSerializer(case.payee_shares.select_related("party", "account"), many=True).data


class ApplicationDetailSerializer(PartsSerializer):
    """As its applicant sees it: proposals and what bureaus say to one another stay out."""

    timeline = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField(help_text="On its instalments, confirmed.")
    settlements = serializers.SerializerMethodField(help_text="Of an advance, approved.")

    class Meta(PartsSerializer.Meta):
        fields = [
            *PartsSerializer.Meta.fields, "timeline", "decision", "findings", "settlements",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(HappenedSerializer(many=True))
    def get_timeline(self, case: Application) -> Any:
        return HappenedSerializer(timeline(case), many=True).data

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, case: Application) -> Any:
        approved = case.determinations.filter(state=DeterminationState.APPROVED).first()
        return DecisionSerializer(approved).data if approved else None

    @extend_schema_field(stages.FindingSerializer(many=True))
    def get_findings(self, case: Application) -> Any:
        confirmed = staging.found_in(case).filter(state=FindingState.CONFIRMED)
        return stages.FindingSerializer(confirmed, many=True).data

    @extend_schema_field(stages.SettlementSerializer(many=True))
    def get_settlements(self, case: Application) -> Any:
        approved = advances.settled_in(case).filter(state=SettlementState.APPROVED)
        return stages.SettlementSerializer(approved, many=True).data


class CheckSerializer(serializers.Serializer[Any]):
    """What the declared facts come to, and what still stands in the way of filing, by field."""

    assessment = AssessmentSerializer()
    problems = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
