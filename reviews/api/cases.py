"""The cases that a member of staff sees."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors
from reviews.api.applications import BESIDE
from reviews.api.case_serializers import ActionSerializer, CaseDetailSerializer, CaseSerializer
from reviews.api.filters import CaseFilter
from reviews.domain.actions import available
from reviews.domain.queries import cases_for_staff
from reviews.domain.reading import open_case
from reviews.models import Application

OLDEST_DEADLINE_FIRST = ("due_on", "id")
LISTED = [  # what CaseSerializer shows, and not the wording of each programme with it
    "city_id", "number", "programme__code", "applicant_id", "applicant__name",
    "handling_bureau__code", "state", "due_on", "started_at", "submitted_at", "accepted_at",
    "returned_reason",
]  # fmt: skip


class CaseDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """The own bureau's cases, oldest deadline first; closed ones, without a deadline, last."""

    queryset = Application.objects.none()
    filterset_class = CaseFilter
    keyset = OLDEST_DEADLINE_FIRST

    def get_queryset(self) -> QuerySet[Application]:
        cases = cases_for_staff(self.person)
        if self.action == "list":
            return cases.select_related("programme", "applicant", "handling_bureau").only(*LISTED)
        return cases.select_related(*BESIDE)

    def get_serializer_class(self) -> type[CaseSerializer | CaseDetailSerializer]:
        return CaseDetailSerializer if self.action == "retrieve" else CaseSerializer

    def retrieve(self, request: Request, *args: Any, **more: Any) -> Response:
        """The contents of a case, once the reader has declared to have no interest in it."""
        case = self.get_object()
        open_case(case, self.person, "api")
        return Response(self.show(case, CaseDetailSerializer))

    @extend_schema(responses=ActionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def available(self, request: Request, pk: str) -> Response:
        """What the person who asks may do in the case now."""
        actions = available(self.get_object(), self.person)
        return Response(ActionSerializer(actions, many=True).data)
