from typing import Any

from rest_framework import serializers

from incentives.models import Budget, PayoutFormat
from reviews.api.money_serializers import YUAN


class BudgetSerializer(serializers.ModelSerializer[Budget]):
    """planned = reserved + committed + paid + lapsed + available, to the fen."""

    city = serializers.CharField(source="fund.city_id")
    fund = serializers.CharField(source="fund.code")
    programme = serializers.CharField(
        source="programme.code", default=None, allow_null=True, help_text="Empty: the whole fund."
    )
    planned = serializers.DecimalField(**YUAN, source="figures.planned")
    reserved = serializers.DecimalField(**YUAN, source="figures.reserved")
    committed = serializers.DecimalField(
        **YUAN, source="figures.committed", help_text="Promised and not paid."
    )
    paid = serializers.DecimalField(
        **YUAN, source="figures.paid", help_text="Without what was returned or recovered."
    )
    lapsed = serializers.DecimalField(
        **YUAN, source="figures.lapsed", help_text="Given up after the close of the year."
    )
    available = serializers.DecimalField(**YUAN, source="figures.available")

    class Meta:
        model = Budget
        fields = [
            "id", "city", "fund", "programme", "year", "funding_source", "subject_code", "opened",
            "carries_over", "planned", "reserved", "committed", "paid", "lapsed",
            "available",
        ]  # fmt: skip
        read_only_fields = fields


class PayoutColumnSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(help_text="What it shows.")  # type: ignore[assignment]
    heading = serializers.CharField()
    where_set = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="The column is left out while no line has anything there.",
    )


class PayoutFormatSerializer(serializers.ModelSerializer[PayoutFormat]):
    format = serializers.ChoiceField([("xlsx", "XLSX"), ("csv", "CSV")], source="form")
    columns = PayoutColumnSerializer(many=True, help_text="In the order of the file.")
    options = serializers.DictField(child=serializers.BooleanField())
    newest = serializers.BooleanField(help_text="It counts for batches prepared from now on.")
    set_by = serializers.CharField(allow_null=True, help_text="Empty: comes with Huiqi.")

    class Meta:
        model = PayoutFormat
        fields = [
            "id", "city", "code", "title", "format", "columns", "options", "is_active", "newest",
            "basis", "set_by", "set_at",
        ]  # fmt: skip
        read_only_fields = fields
