"""What was found on the instalments of an award, and how its advance was settled, in yuan."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incentives.api.serializers import TextSerializer
from incentives.models import InstalmentFinding, Settlement

YUAN: dict[str, Any] = {"max_digits": 16, "decimal_places": 2}


class FindingSerializer(serializers.ModelSerializer[InstalmentFinding]):
    """As the applicant reads it: `amount` of the `whole` instalment falls due, the rest lapses."""

    instalment = serializers.IntegerField(source="instalment.number")
    label = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="null where the award is paid as one."
    )
    amount = serializers.DecimalField(**YUAN)
    whole = serializers.DecimalField(source="instalment.amount", **YUAN)

    class Meta:
        model = InstalmentFinding
        fields = [
            "id", "instalment", "label", "found", "amount", "whole", "due_on", "reason",
            "confirmed_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(TextSerializer(allow_null=True))
    def get_label(self, row: InstalmentFinding) -> Any:
        return row.instalment.label or None


class StaffFindingSerializer(FindingSerializer):
    """As staff read it: what waits for its confirmation too, who signed, and the evidence."""

    prepared_by = serializers.CharField()
    confirmed_by = serializers.CharField(allow_null=True)

    class Meta(FindingSerializer.Meta):
        fields = [
            *FindingSerializer.Meta.fields,
            "state", "document", "prepared_by", "prepared_at", "confirmed_by",
        ]  # fmt: skip
        read_only_fields = fields


class SettlementSerializer(serializers.ModelSerializer[Settlement]):
    """As the applicant reads it: `facts` are the audited values, `granted` what was added."""

    facts = serializers.DictField()
    awarded = serializers.DecimalField(**YUAN, help_text="Before the settlement.")
    entitled = serializers.DecimalField(**YUAN, help_text="By the audited figures.")
    granted = serializers.DecimalField(**YUAN, allow_null=True)
    recovery = serializers.CharField(help_text="Its number where something is asked back.")

    class Meta:
        model = Settlement
        fields = [
            "id", "facts", "awarded", "entitled", "granted", "recovery", "due_on", "reason",
            "approved_at",
        ]  # fmt: skip
        read_only_fields = fields


class StaffSettlementSerializer(SettlementSerializer):
    """As staff read it: what waits for its approval too, and who signed."""

    prepared_by = serializers.CharField()
    approved_by = serializers.CharField(allow_null=True)

    class Meta(SettlementSerializer.Meta):
        fields = [
            *SettlementSerializer.Meta.fields,
            "state", "prepared_by", "prepared_at", "approved_by",
        ]  # fmt: skip
        read_only_fields = fields
