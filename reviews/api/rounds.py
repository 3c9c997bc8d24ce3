"""Rounds for staff, and the experts' own score sheets."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors, Input
from applicants.api.idempotency import KEY_PARAMETER, idempotent
from reviews.domain import rounds_sheets
from reviews.domain.rounds_reading import case_lines, rounds_for, scored_sheets, shows_scores
from reviews.domain.rounds_sheets import sheets_of
from reviews.models import ScoreSheet, ScoringRound
from reviews.models.round import RoundState


class RoundSerializer(serializers.ModelSerializer[ScoringRound]):
    """A round with its rule; `seed` is given once experts are drawn."""

    programme = serializers.CharField(source="programme.code")
    handling_bureau = serializers.CharField(source="programme.handling_bureau.code")

    class Meta:
        model = ScoringRound
        fields = [
            "id", "programme", "handling_bureau", "number", "title", "opens_on", "closes_on",
            "state", "criteria", "sheets", "cut_by", "cut", "ties", "moves_up", "normalise",
            "drop_extremes", "deviations", "seed", "drawn_at", "ranked_at",
        ]  # fmt: skip
        read_only_fields = fields


class CaseOfRoundSerializer(serializers.Serializer[Any]):
    case = serializers.IntegerField()
    number = serializers.CharField()
    sheets = serializers.IntegerField()
    handed_in = serializers.IntegerField()
    rank = serializers.IntegerField(allow_null=True)
    score = serializers.CharField(allow_null=True)
    granted = serializers.CharField(allow_null=True, help_text="Yuan, where the rules share.")
    above = serializers.BooleanField(allow_null=True)


class RoundDetailSerializer(RoundSerializer):
    """With its cases; rank, score and result are null until the ranking is fixed."""

    cases = serializers.SerializerMethodField()

    class Meta(RoundSerializer.Meta):
        fields = [*RoundSerializer.Meta.fields, "cases"]
        read_only_fields = fields

    @extend_schema_field(CaseOfRoundSerializer(many=True))
    def get_cases(self, found: ScoringRound) -> Any:
        rows = []
        for line in case_lines(found):
            told = line.ranked or {}
            kept = {name: told.get(name) for name in ("rank", "score", "granted", "above")}
            of = line.case.application
            counts = {"sheets": line.sheets, "handed_in": line.handed_in}
            rows.append({"case": of.pk, "number": of.number or "", **counts, **kept})
        return CaseOfRoundSerializer(rows, many=True).data


class RoundFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=RoundState.choices)
    programme = filters.CharFilter("programme__code")


class SheetSerializer(serializers.ModelSerializer[ScoreSheet]):
    """Of whoever asks; nobody reads another's sheet here."""

    case = serializers.CharField(source="round_case.application.number")
    round = serializers.IntegerField(source="round_case.round_id")
    programme = serializers.CharField(source="round_case.round.programme.code")
    criteria = serializers.JSONField(source="round_case.round.criteria", read_only=True)
    open = serializers.SerializerMethodField()

    class Meta:
        model = ScoreSheet
        fields = [
            "id", "case", "round", "programme", "criteria", "open", "scores", "comment",
            "handed_in_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.BOOL)
    def get_open(self, sheet: ScoreSheet) -> bool:
        return rounds_sheets.is_open(sheet)


class ScoresInput(Input):
    scores = serializers.DictField(
        child=serializers.CharField(max_length=8, allow_blank=True),
        help_text="By the id of the criterion, at most two decimals.",
    )
    comment = serializers.CharField(max_length=4000, allow_blank=True, default="")


class InterestInput(Input):
    conflict = serializers.BooleanField(help_text="Whether you have an interest in the case.")
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class ScoreSheetSerializer(serializers.Serializer[Any]):
    """A sheet as it counts in its round."""

    number = serializers.CharField(help_text="Of the case.")
    expert = serializers.CharField()
    total = serializers.CharField()
    value = serializers.CharField(help_text="After normalisation.")
    outlier = serializers.BooleanField()
    dropped = serializers.BooleanField()


class RoundDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Rounds of the own bureaus; of the whole city for auditors."""

    queryset = ScoringRound.objects.none()
    filterset_class = RoundFilter

    def get_queryset(self) -> QuerySet[ScoringRound]:
        return rounds_for(self.person)

    def get_serializer_class(self) -> type[RoundSerializer]:
        return RoundDetailSerializer if self.action == "retrieve" else RoundSerializer

    @extend_schema(responses=ScoreSheetSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def sheets(self, request: Request, pk: str) -> Response:
        """How every sheet counts; empty until the last one of the round is in."""
        found = self.get_object()
        if not shows_scores(found, self.person):
            return Response([])
        return Response(ScoreSheetSerializer(_told(found), many=True).data)


def _told(found: ScoringRound) -> list[dict[str, Any]]:
    numbers = dict(found.cases.values_list("application", "application__number"))
    return [
        {
            "number": numbers[case],
            "expert": str(one.sheet.expert),
            "total": f"{one.counted.total:f}",
            "value": f"{one.counted.value:f}",
            "outlier": one.counted.outlier,
            "dropped": one.counted.dropped,
        }
        for case, lines in sorted(scored_sheets(found).items())
        for one in lines
    ]


class SheetDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """The sheets that were drawn for whoever asks."""

    queryset = ScoreSheet.objects.none()
    serializer_class = SheetSerializer

    def get_queryset(self) -> QuerySet[ScoreSheet]:
        return sheets_of(self.person)

    @extend_schema(request=InterestInput, responses={200: SheetSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def declare(self, request: Request, pk: str) -> Response:
        """Declare before the case opens; after a conflict another expert has the case."""
        given = self.read(InterestInput)
        rounds_sheets.declare(sheet_id=self.get_object().pk, user=self.person, **given)
        return Response(status=204) if given["conflict"] else self._standing(pk)

    @extend_schema(request=ScoresInput, responses=SheetSerializer)
    @action(detail=True, methods=["post"])
    def draft(self, request: Request, pk: str) -> Response:
        """Save a draft; scores may still be missing."""
        given = self.read(ScoresInput)
        rounds_sheets.save(sheet_id=self.get_object().pk, user=self.person, **given)
        return self._standing(pk)

    @extend_schema(
        parameters=[KEY_PARAMETER], request=ScoresInput, responses={200: SheetSerializer}
    )
    @action(detail=True, methods=["post"], url_path="hand-in")
    @idempotent
    def hand_in(self, request: Request, pk: str) -> Response:
        """Hand the sheet in, once; it stands."""
        given = self.read(ScoresInput)
        rounds_sheets.hand_in(sheet_id=self.get_object().pk, user=self.person, **given)
        return self._standing(pk)

    def _standing(self, pk: str) -> Response:
        return Response(self.show(self.get_queryset().get(pk=pk)))
