"""Awards, for all whose case it is; the ledger, for finance and auditors."""

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import AnyFile, Doors
from applicants.domain.errors import NotAllowed, Refused
from incentives.domain.background import export
from incentives.models import Award, LedgerEntry
from incentives.models.export import ExportState
from reviews.api import money_serializers as out
from reviews.api.exports import ExportSerializer, files
from reviews.api.filters import AwardFilter, LedgerFilters
from reviews.api.scope import WATCHING, cities_of
from reviews.domain.queries import awards_for
from reviews.presenters.export_file import file_of

FORMS = ("csv", "xlsx")
FORM = OpenApiParameter("form", str, enum=FORMS, default=FORMS[0])


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
    filterset_class = LedgerFilters
    also_asked = {"export": (FORM.name,)}

    def get_queryset(self) -> QuerySet[LedgerEntry]:
        return LedgerEntry.objects.filter(
            city__in=cities_of(self.person, *WATCHING)
        ).select_related("programme", "bureau", "district", "applicant", "payee", "actor")

    @extend_schema(
        parameters=[FORM],
        responses={**files(*FORMS), 202: ExportSerializer},
        filters=True,
    )
    @action(detail=False, methods=["get"], renderer_classes=[AnyFile], pagination_class=None)
    def export(self, request: Request) -> HttpResponseBase:
        """The same lines as a file, oldest first, with totals; kept, with its SHA-256.

        Up to 50,000 lines at once. Above, it is made in the background: 202 says where to ask.
        """
        own = list(cities_of(self.person, *WATCHING).values_list("pk", flat=True))
        if not own:
            raise NotAllowed(_("The ledger is exported by finance and auditors."))
        rows = self.filter_queryset(self.get_queryset())
        asked = LedgerFilters(request.query_params, rows, request=request)
        asked.is_valid()
        form = request.query_params.get("form", FORMS[0])
        if form not in FORMS:
            raise Refused({"form": _("An export through the API is a CSV or an XLSX file.")})
        made = export(cities=own, wanted=asked.wanted().chosen(), form=form, user=self.person)
        if made.state == ExportState.DONE:
            return file_of(made, self.person)
        told = self.show(made, ExportSerializer)
        answer = Response(told, status=202, headers={"Location": told["url"]})
        answer.content_type = "application/json"
        return answer
