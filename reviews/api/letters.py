"""Decision letters, for those they are addressed to and for staff to whom their case is open."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import AnyFile, Doors
from reviews.domain.letters import digest, letters_for, open_letter
from reviews.models import Letter
from reviews.models.letter import LetterKind
from reviews.presenters.letters import as_pdf, file_name
from reviews.presenters.pdf import pdf_answer


class LetterFilter(filters.FilterSet):
    case = filters.NumberFilter("application_id")
    kind = filters.ChoiceFilter(choices=LetterKind.choices)
    unread = filters.BooleanFilter("read_at", lookup_expr="isnull")


class LetterSerializer(serializers.ModelSerializer[Letter]):
    case = serializers.IntegerField(source="application_id")
    case_number = serializers.CharField(source="application.number")
    bureau = serializers.CharField(source="bureau.code")

    class Meta:
        model = Letter
        fields = [
            "id", "case", "case_number", "kind", "number", "title", "bureau", "issued_on",
            "read_at",
        ]  # fmt: skip
        read_only_fields = fields


class LetterDetailSerializer(LetterSerializer):
    digest = serializers.SerializerMethodField()

    class Meta(LetterSerializer.Meta):
        fields = [*LetterSerializer.Meta.fields, "body", "digest"]
        read_only_fields = fields

    def get_digest(self, letter: Letter) -> str:
        return digest(letter)


class LetterDoors(ListModelMixin, Doors):
    """The newest first. Opening one, here too, is its service; reading by staff is logged."""

    queryset = Letter.objects.none()
    serializer_class = LetterSerializer
    filterset_class = LetterFilter

    def get_queryset(self) -> QuerySet[Letter]:
        return letters_for(self.person).select_related("application", "bureau")

    @extend_schema(responses=LetterDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.show(self._opened(pk), LetterDetailSerializer))

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, filters=False)
    @action(
        detail=True,
        methods=["get"],
        renderer_classes=[AnyFile],
        filterset_class=None,
        pagination_class=None,
    )
    def pdf(self, request: Request, pk: int) -> HttpResponse:
        found = self._opened(pk)
        return pdf_answer(as_pdf(found), file_name(found))

    def _opened(self, pk: Any) -> Letter:
        found = open_letter(letter_id=int(pk), user=self.person)
        if found is None:
            raise Http404
        return found
