"""What is due, and the batches in which it is paid."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import AnyFile, Doors, Nothing
from applicants.api.confirmed_anew import confirmed
from applicants.api.idempotency import KEY_PARAMETER, idempotent
from applicants.domain.errors import Refused
from applicants.models import City, District, User
from incentives.domain import credit
from incentives.domain.bank_results import read_file
from incentives.domain.holds import holds_on
from incentives.domain.payouts import due_instalments
from incentives.models import Instalment, PayeeHold, PayoutBatch
from incentives.models.payout import BatchState, HoldKind, Payer
from reviews.api import money_serializers as out
from reviews.api.inputs import ReasonInput
from reviews.api.scope import cities_of
from reviews.domain import holding, paying, working_days
from reviews.domain.queries import FINANCE, payout_batches_for
from reviews.models.staff import Role

READERS = (*FINANCE, Role.AUDITOR)
CITY = OpenApiParameter("city", str, required=True, description="The code of the city.")
DISTRICT = OpenApiParameter(
    "district", str, description="The code of the district whose money it is; without, the city's."
)
FORMAT = OpenApiParameter(
    "file_format",
    str,
    OpenApiParameter.PATH,
    description="The code of a payout format, or csv or xlsx for the first of that kind.",
)


def city_of(person: User, code: str) -> City:
    city = cities_of(person, *READERS).filter(pk=code).first()
    if city is None:
        raise Refused({"city": _("You have no finance role in such a city.")})
    return city


def district_of(city: City, code: str) -> District | None:
    if not code:
        return None
    district = District.objects.filter(city=city, code=code).first()
    if district is None:
        raise Refused({"district": _("%s has no district of this code.") % city})
    return district


class DueDoors(ListModelMixin, Doors):
    """Instalments that are due of the money of the city, or of a district of it.

    They are in no batch and not paid: the oldest first, held ones marked.
    """

    queryset = Instalment.objects.none()
    serializer_class = out.DueSerializer
    keyset = ("due_on", "id")
    also_asked = {"list": (CITY.name, DISTRICT.name)}

    def get_queryset(self) -> QuerySet[Instalment]:
        code = self.request.query_params.get("city", "")
        if not code:
            raise ValidationError({"city": _("Name the city by its code, such as qingdao.")})
        city = city_of(self.person, code)
        district = district_of(city, self.request.query_params.get("district", ""))
        return due_instalments(city, working_days.today(), district)

    @extend_schema(parameters=[CITY, DISTRICT])
    def list(self, request: Request) -> Response:
        return super().list(request)

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        held, listed = holds_on(rows or []), credit.unseen(rows or [])
        for row in rows or []:
            row.held_by = held.get(row.pk, [])
            row.listed = [str(one.listing) for one in listed.get(row.pk, [])]
        return rows


class HoldFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=HoldKind.choices)
    released = filters.BooleanFilter("released_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = PayeeHold
        fields = ["kind"]


class HoldDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Payments held back until somebody has looked."""

    queryset = PayeeHold.objects.none()
    serializer_class = out.PayeeHoldSerializer
    filterset_class = HoldFilter

    def get_queryset(self) -> QuerySet[PayeeHold]:
        return holding.holds_for(self.person)

    @extend_schema(
        parameters=[KEY_PARAMETER], request=ReasonInput, responses=out.PayeeHoldSerializer
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def release(self, request: Request, pk: str) -> Response:
        """Let the payment go on, with the reason; by whoever approves payments."""
        given = self.read(ReasonInput)
        held = holding.release(hold_id=self.get_object().pk, user=self.person, **given)
        return Response(self.show(self.get_queryset().get(pk=held.pk)))


class BatchFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=BatchState.choices)
    payer = filters.ChoiceFilter(choices=Payer.choices)
    district = filters.CharFilter("district__code")

    class Meta:
        model = PayoutBatch
        fields = ["state", "payer", "district"]


def moving(wanted: Any, responses: Any, *, pays: bool = False) -> Callable[[Any], Any]:
    """A POST on a batch that moves money; what `pays` is looked over first."""

    def door(method: Any) -> Any:
        once = confirmed(looked_over(idempotent(method))) if pays else idempotent(method)
        routed = action(detail=True, methods=["post"], filterset_class=None)(once)
        return extend_schema(parameters=[KEY_PARAMETER], request=wanted, responses=responses)(
            routed
        )

    return door


def looked_over(door: Any) -> Any:
    """Look over what is to be paid before the request's transaction, which a refusal undoes."""

    @wraps(door)
    def looking(view: "BatchDoors", request: Request, **place: Any) -> Response:
        if "pk" in place:
            paying.look_over_batch(batch_id=view.get_object().pk, user=view.person)
        else:
            given = view.read(out.PrepareInput)
            city, ids = city_of(view.person, given["city"]), given["instalments"]
            paying.look_over(city=city, instalment_ids=ids, user=view.person)
        answer: Response = door(view, request, **place)
        return answer

    return looking


class BatchDoors(ListModelMixin, RetrieveModelMixin, Doors):
    queryset = PayoutBatch.objects.none()
    filterset_class = BatchFilter

    def get_queryset(self) -> QuerySet[PayoutBatch]:
        return payout_batches_for(self.person).select_related(
            "district", "prepared_by", "approved_by"
        )

    def get_serializer_class(self) -> type[out.BatchSerializer]:
        return out.BatchSerializer if self.action == "list" else out.BatchDetailSerializer

    def answer(self, pk: int, status: int = 200) -> Response:
        return Response(self.show(self.get_queryset().get(pk=pk)), status=status)

    @extend_schema(
        parameters=[KEY_PARAMETER],
        request=out.PrepareInput,
        responses={201: out.BatchDetailSerializer},
    )
    @looked_over
    @idempotent
    def create(self, request: Request) -> Response:
        """Put due instalments into a new batch, to be approved by another person.

        A batch is of one payer's money: the city's, or that of the district which is named.
        """
        given = self.read(out.PrepareInput)
        city = city_of(self.person, given["city"])
        batch = paying.prepare(
            city=city,
            district=district_of(city, given["district"]),
            instalment_ids=given["instalments"],
            user=self.person,
            net=given["net"],
            withheld={one["instalment"]: one["amount"] for one in given["withheld"]},
            why_less={one["instalment"]: one["why_less"] for one in given["withheld"]},
            until=given["until"],
        )
        return self.answer(batch.pk, 201)

    @moving(None, out.BatchDetailSerializer, pays=True)
    def approve(self, request: Request, pk: str) -> Response:
        """Approve what another person prepared."""
        self.read(Nothing)
        batch = paying.approve(batch_id=self.get_object().pk, user=self.person)
        return self.answer(batch.pk)

    @moving(ReasonInput, out.BatchDetailSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """Drop a batch before its approval; its instalments are due again."""
        batch = paying.cancel(
            batch_id=self.get_object().pk, user=self.person, **self.read(ReasonInput)
        )
        return self.answer(batch.pk)

    @moving(None, out.PayoutFileSerializer(many=True), pays=True)
    def export(self, request: Request, pk: str) -> Response:
        """Write the files of an approved batch, once; asked again, the same files."""
        self.read(Nothing)
        files = paying.export(batch_id=self.get_object().pk, user=self.person)
        return Response(out.PayoutFileSerializer(files, many=True).data)

    @moving(out.SettleInput, out.BatchDetailSerializer)
    def settle(self, request: Request, pk: str) -> Response:
        """Record the bank's answers: paid, or returned with the reason."""
        answers = self.read(out.SettleInput)["lines"]
        batch, results = self.get_object(), {a["line"]: (a["result"], a["note"]) for a in answers}
        paying.settle(batch_id=batch.pk, results=results, user=self.person)
        return self.answer(batch.pk)

    @extend_schema(
        request={"multipart/form-data": out.BankFileInput}, responses=out.BankPreviewSerializer
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="results/preview",
        parser_classes=[MultiPartParser],
        filterset_class=None,
    )
    def preview_results(self, request: Request, pk: str) -> Response:
        """What the bank's file would record, row by row; nothing of it counts yet."""
        preview = paying.look_through_results(user=self.person, **self.bank_file())
        return Response(out.BankPreviewSerializer(preview).data)

    @extend_schema(
        parameters=[KEY_PARAMETER],
        request={"multipart/form-data": out.BankFileInput},
        responses=out.BankResultSerializer,
    )
    @action(
        detail=True,
        methods=["post"],
        parser_classes=[MultiPartParser],
        filterset_class=None,
    )
    @idempotent
    def results(self, request: Request, pk: str) -> Response:
        """Record the bank's file; the same file again changes nothing."""
        result, _lines = paying.import_results(user=self.person, **self.bank_file())
        return Response(out.BankResultSerializer(result).data)

    def bank_file(self) -> dict[str, Any]:
        batch = self.get_object()
        found = read_file(self.read(out.BankFileInput)["file"])
        return {"batch_id": batch.pk, "name": found.name, "content": found.content}

    @extend_schema(
        parameters=[FORMAT],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    @action(
        detail=True,
        methods=["get"],
        url_path="files/<slug:file_format>",
        renderer_classes=[AnyFile],
        filterset_class=None,
    )
    def file(self, request: Request, pk: str, file_format: str) -> HttpResponse:
        """The file as it was first exported, with whole account numbers; finance alone."""
        files = self.get_object().files.order_by("id")
        found = files.filter(layout__code=file_format).first()
        found = found or files.filter(format=file_format).first()
        if found is None:
            raise Http404
        content = paying.download(file=found, user=self.person)
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{found.name}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
