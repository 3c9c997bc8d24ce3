"""Exports: how far each is, its file, and who fetched it."""

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.reverse import reverse

from applicants.api.base import AnyFile, Doors
from incentives.domain.background import exports_of
from incentives.models import Export, ExportFetch
from incentives.models.export import ExportKind, ExportState
from reviews.api.scope import WATCHING, cities_of
from reviews.presenters.export_file import TYPES, file_of


def files(*forms: str) -> dict[Any, Any]:
    """What a download answers with, in these formats."""
    return {(200, TYPES[form].partition(";")[0]): OpenApiTypes.BINARY for form in forms}


NOT_THERE = OpenApiResponse(
    OpenApiTypes.OBJECT, description="There is no file yet, or it is not as it was written."
)

DELETED = OpenApiResponse(
    OpenApiTypes.OBJECT, description="The file is deleted: its time was over. Export it anew."
)


class ExportSerializer(serializers.ModelSerializer[Export]):
    requested_by = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Where to ask how far it is.")
    file = serializers.SerializerMethodField(help_text="Where the file is fetched, while there is.")
    file_deleted_at = serializers.DateTimeField(help_text="Since when there is no file any more.")
    filter = serializers.JSONField(source="wanted", help_text="What was chosen.")

    class Meta:
        model = Export
        fields = [
            "id", "url", "kind", "state", "form", "filter", "rows", "done", "requested_by",
            "requested_at", "finished_at", "name", "size", "sha256", "file", "file_deleted_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, export: Export) -> str:
        return self._address("exports-detail", export)

    def get_file(self, export: Export) -> str | None:
        there = export.state == ExportState.DONE and not export.file_deleted_at
        return self._address("exports-file", export) if there else None

    def _address(self, name: str, export: Export) -> str:
        return str(reverse(name, args=[export.pk], request=self.context["request"]))


class ExportFetchSerializer(serializers.ModelSerializer[ExportFetch]):
    user = serializers.CharField()

    class Meta:
        model = ExportFetch
        fields = ["user", "at"]
        read_only_fields = fields


class ExportDetailSerializer(ExportSerializer):
    fetches = ExportFetchSerializer(many=True, help_text="The newest first.")

    class Meta(ExportSerializer.Meta):
        fields = [*ExportSerializer.Meta.fields, "fetches"]
        read_only_fields = fields


class ExportFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=ExportKind.choices)
    state = filters.ChoiceFilter(choices=ExportState.choices)

    class Meta:
        model = Export
        fields = ["kind", "state"]


class ExportDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Those of the cities whose money you see, the newest first."""

    queryset = Export.objects.none()
    filterset_class = ExportFilter

    def get_queryset(self) -> QuerySet[Export]:
        own = cities_of(self.person, *WATCHING).values_list("pk", flat=True)
        return exports_of(own).select_related("requested_by") if own else self.queryset.all()

    def get_serializer_class(self) -> type[ExportSerializer]:
        return ExportSerializer if self.action == "list" else ExportDetailSerializer

    @extend_schema(responses={**files(*TYPES), 409: NOT_THERE, 410: DELETED})
    @action(detail=True, methods=["get"], renderer_classes=[AnyFile], filterset_class=None)
    def file(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The file, as its SHA-256 says; the fetch is written down."""
        return file_of(self.get_object(), self.person)
