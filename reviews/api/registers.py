"""The registers, read only: an applicant's own entries, and those that staff keep."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from applicants.api.base import Doors
from incentives.api.serializers import TextSerializer
from incentives.models import RegisterEntry, RegisterStep
from incentives.models.register import EntryKind, EntryState
from reviews.api.filters import named
from reviews.api.serializers import YUAN
from reviews.domain import working_days
from reviews.domain.entries import entries_for_staff, entries_of


class RegisterStepSerializer(serializers.ModelSerializer[RegisterStep]):
    amount = serializers.DecimalField(**YUAN, allow_null=True)

    class Meta:
        model = RegisterStep
        fields = ["kind", "state", "on", "amount", "note", "at"]
        read_only_fields = fields


class RegisterEntrySerializer(serializers.ModelSerializer[RegisterEntry]):
    """`figure` in yuan: a voucher's face value, or a sum that the city does not pay."""

    programme = serializers.CharField(source="programme.code", default=None, allow_null=True)
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    holder = serializers.IntegerField(source="party_id")
    holder_name = serializers.CharField(source="party.name")
    bureau = serializers.CharField(source="bureau.code")
    figure = serializers.DecimalField(**YUAN, allow_null=True)

    class Meta:
        model = RegisterEntry
        fields = [
            "id", "city", "kind", "number", "title", "programme", "label", "level", "holder",
            "holder_name", "subject", "case_number", "bureau", "state", "starts_on", "ends_on",
            "figure", "terms",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(TextSerializer)
    def get_label(self, entry: RegisterEntry) -> Any:
        return {"zh": entry.label_zh, "en": entry.label_en}


class RegisterEntryDetailSerializer(RegisterEntrySerializer):
    steps = RegisterStepSerializer(many=True)

    class Meta(RegisterEntrySerializer.Meta):
        fields = [*RegisterEntrySerializer.Meta.fields, "steps"]
        read_only_fields = fields


class RegisterFilter(filters.FilterSet):
    """`ends_within`: of those in force, what runs out in so many days."""

    city = filters.CharFilter("city")
    kind = filters.ChoiceFilter(choices=EntryKind.choices)
    state = filters.ChoiceFilter(choices=EntryState.choices)
    title = filters.CharFilter("title")
    bureau = filters.CharFilter("bureau__code")
    holder = filters.CharFilter(method="of_holder")
    case_number = filters.CharFilter()
    ends_within = filters.NumberFilter(method="ending", min_value=0, max_value=3650)

    of_holder = named("party")

    class Meta:
        model = RegisterEntry
        fields = ["city", "kind", "state", "title", "bureau", "holder", "case_number"]

    def ending(
        self, rows: QuerySet[RegisterEntry], _name: str, value: Any
    ) -> QuerySet[RegisterEntry]:
        today = working_days.today()
        until = today + timedelta(days=int(value))
        return rows.filter(state=EntryState.IN_FORCE, ends_on__range=(today, until))


class RegisterDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """What one's parties hold and what one's bureau keeps, the newest first."""

    queryset = RegisterEntry.objects.none()
    filterset_class = RegisterFilter

    def get_queryset(self) -> QuerySet[RegisterEntry]:
        seen = entries_of(self.person) | entries_for_staff(self.person)
        return seen.select_related("programme", "bureau", "party")

    def get_serializer_class(self) -> type[RegisterEntrySerializer]:
        detail = self.action == "retrieve"
        return RegisterEntryDetailSerializer if detail else RegisterEntrySerializer
