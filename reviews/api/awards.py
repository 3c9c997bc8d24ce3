"""Awards, for all whose case it is; the ledger, for finance and auditors."""

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from applicants.api.base import AnyFile, Doors
from applicants.api.filtering import KnownFilters
from applicants.domain.errors import NotAllowed
from incentives.domain.ledger import csv_stream, note_export
from incentives.domain.ledger_filter import LedgerFilter
from incentives.models import Award, LedgerEntry
from reviews.api import money_serializers as out
from reviews.api.filters import AwardFilter, LedgerFilters
from reviews.api.scope import WATCHING, cities_of
from reviews.domain.queries import awards_for


class AwardDoors(ListModelMixin, RetrieveModelMixin, Doors):
    queryset = Award.objects.none()
    filterset_class = AwardFilter

    def get_queryset(self) -> QuerySet[Award]:
        beside = ("programme", "bureau", "district", "applicant")
        return awards_for(self.person).select_related(*beside)

    def get_serializer_class(self) -> type[out.AwardSerializer]:
        return out.AwardDetailSerializer if self.action == "retrieve" else out.AwardSerializer


class LedgerDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Each movement of money in the cities whose money one sees, the newest first."""

    queryset = LedgerEntry.objects.none()
    serializer_class = out.LedgerEntrySerializer
    filter_backends = [KnownFilters]
    filterset_class = LedgerFilters

    def get_queryset(self) -> QuerySet[LedgerEntry]:
        return LedgerEntry.objects.filter(
            city__in=cities_of(self.person, *WATCHING)
        ).select_related("programme", "bureau", "district", "applicant", "payee", "actor")

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, filters=True)
    @action(detail=False, methods=["get"], renderer_classes=[AnyFile], pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """The same lines as CSV, oldest first, with totals; Excel opens it with Chinese intact."""
        own = list(cities_of(self.person, *WATCHING).values_list("pk", flat=True))
        if not own:
            raise NotAllowed(_("The ledger is exported by finance and auditors."))
        rows = self.filter_queryset(self.get_queryset().select_related(None))
        chosen = {name: value for name, value in request.query_params.items() if value}
        cities = LedgerFilter(city=request.query_params.get("city", "")).among(own)
        note_export(chosen=chosen, cities=cities, form="csv", user=self.person)
        response = StreamingHttpResponse(csv_stream(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="ledger.csv"'
        response["X-Content-Type-Options"] = "nosniff"
        return response
