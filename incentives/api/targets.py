"""The targets of the documents with what has been reached: public, read only."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import AllowAny

from applicants.api.base import Doors
from incentives.api.serializers import TextSerializer
from incentives.domain.targets import Progress, State, Wanted, narrowed, progress, targets
from incentives.models import Target
from incentives.models.target import Operator
from incentives.policy.scalars import trim


class PointSerializer(serializers.Serializer[Any]):
    """A value reached, in the target's unit."""

    year = serializers.IntegerField()
    value = serializers.DecimalField(max_digits=18, decimal_places=4, normalize_output=True)
    as_of = serializers.DateField()
    source = serializers.CharField(  # type: ignore[assignment]  # a name of Field's own
        help_text="Empty where it is counted from the registers."
    )


class TargetSerializer(serializers.ModelSerializer[Target]):
    """A target as printed; what the document does not print is null or empty."""

    document = serializers.CharField(source="document.code")
    name = serializers.SerializerMethodField()
    operator = serializers.ChoiceField(Operator.choices, allow_blank=True, read_only=True)
    state = serializers.SerializerMethodField()
    share = serializers.SerializerMethodField(
        help_text="Part of the way from the baseline, or else from 0, to the target; 1 is all."
    )
    points = serializers.SerializerMethodField()

    class Meta:
        model = Target
        fields = [
            "city", "code", "document", "section", "quote", "name", "unit", "attribute", "baseline",
            "baseline_year", "operator", "value", "value_to", "wording", "year", "state", "share",
            "points",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(TextSerializer)
    def get_name(self, target: Target) -> dict[str, str]:
        return {"zh": target.name_zh, "en": target.name_en}

    @extend_schema_field(serializers.ChoiceField(choices=State.choices))
    def get_state(self, target: Target) -> str:
        return str(self._progress(target).state.value)

    def get_share(self, target: Target) -> str | None:
        share = self._progress(target).share
        return None if share is None else f"{trim(round(share, 4)):f}"

    @extend_schema_field(PointSerializer(many=True))
    def get_points(self, target: Target) -> list[dict[str, Any]]:
        return [dict(PointSerializer(point).data) for point in self._progress(target).points]

    def _progress(self, target: Target) -> Progress:
        """Worked out once a row."""
        if not hasattr(target, "_progress"):
            target._progress = progress(target, today=timezone.localdate())  # type: ignore[attr-defined]
        return target._progress  # type: ignore[attr-defined]


class TargetFilter(filters.FilterSet):
    """Documents by their code; `search` looks in names and printed sentences."""

    city = filters.CharFilter("city")
    document = filters.CharFilter("document", method="narrow")
    search = filters.CharFilter("words", method="narrow")

    def narrow(self, rows: QuerySet[Target], name: str, value: str) -> QuerySet[Target]:
        return narrowed(rows, Wanted(**{name: value}))


class TargetDoors(ListModelMixin, Doors):
    """What the documents set out to reach, and what has been reached: public."""

    permission_classes = [AllowAny]
    queryset = Target.objects.none()
    serializer_class = TargetSerializer
    filterset_class = TargetFilter
    keyset = ("id",)

    def get_queryset(self) -> QuerySet[Target]:
        return targets()
