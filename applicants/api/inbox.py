from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors, Nothing
from applicants.api.serializers import CountSerializer, NoticeSerializer
from applicants.domain.inbox import mark_read, notices_of
from applicants.models import Notice


class NoticeFilter(filters.FilterSet):
    unread = filters.BooleanFilter("read_at", lookup_expr="isnull")


class NoticeDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """The inbox of the person who asks, in the language asked for."""

    queryset = Notice.objects.none()
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter

    def get_queryset(self) -> QuerySet[Notice]:
        return notices_of(self.person)

    @extend_schema(operation_id="notices_read", request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"], url_path="read")
    def read_one(self, request: Request, pk: str) -> Response:
        self.read(Nothing)
        notice: Any = self.get_object()
        mark_read(self.get_queryset().filter(pk=notice.pk))
        notice.refresh_from_db()
        return Response(self.show(notice))

    @extend_schema(
        operation_id="notices_read_all", request=None, responses=CountSerializer, filters=False
    )
    @action(
        detail=False,
        methods=["post"],
        url_path="read",
        filterset_class=None,
        pagination_class=None,
    )
    def read_all(self, request: Request) -> Response:
        """Mark everything as read; answers how many were unread."""
        self.read(Nothing)
        return Response({"count": mark_read(self.get_queryset())})
