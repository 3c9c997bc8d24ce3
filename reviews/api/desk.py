"""The desk through the API: whose work it is, notes between reviewers, queues, delegations."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors, Input, Nothing
from applicants.api.idempotency import KEY_PARAMETER, idempotent
from applicants.domain.errors import Refused
from applicants.models import User
from incentives.models import Bureau
from reviews.api import desk_serializers as out
from reviews.api.case_serializers import CaseSerializer
from reviews.api.cases import CaseDoors
from reviews.domain import assignments, delegations, notes
from reviews.domain.queues import cases_in, counted, desk_of, queues_of
from reviews.domain.reading import open_case
from reviews.models import Application, CaseNote, Delegation
from reviews.presenters import history

STAFF_EMAIL: dict[str, Any] = {"max_length": 254, "help_text": "The e-mail address of staff."}


class AssignInput(Input):
    task = serializers.IntegerField(help_text="One of the case's tasks, by its id.")
    to = serializers.CharField(**STAFF_EMAIL)
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class TakeInput(Input):
    task = serializers.IntegerField(help_text="One of the case's tasks, by its id.")


class GiveBackInput(TakeInput):
    reason = serializers.CharField(max_length=300)


class DeskNoteInput(Input):
    text = serializers.CharField(max_length=notes.MOST, help_text="@ and a name mentions.")
    mentions = serializers.ListField(
        child=serializers.CharField(**STAFF_EMAIL), default=list, max_length=50
    )


class DelegationInput(Input):
    absent = serializers.CharField(**STAFF_EMAIL)
    deputy = serializers.CharField(**STAFF_EMAIL)
    city = serializers.CharField(max_length=30)
    bureau = serializers.CharField(max_length=40, help_text="Its code.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


def staff_named(email: str, *, field: str, among: QuerySet[User]) -> User:
    """Raises Refused on the field; among colleagues alone, so that nothing is learnt of others."""
    found = among.filter(email=email.strip().lower()).first()
    if found is None:
        raise Refused({field: _("Nobody of those concerned has the address %s.") % email})
    return found


class DeskDoors(CaseDoors):
    """What is done about a case rather than in it."""

    also_asked = {"full_history": ("show",)}

    def task_of(self, case: Application, key: int) -> int:
        if not case.tasks.filter(pk=key).exists():
            raise Refused({"task": _("The case has no such task.")})
        return key

    def stands(self, case: Application) -> Response:
        case.refresh_from_db()
        return Response(self.show(case, CaseSerializer))

    @extend_schema(parameters=[KEY_PARAMETER], request=AssignInput, responses=CaseSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def assign(self, request: Request, pk: str) -> Response:
        """Give a waiting task of your bureau to a colleague, as its approver or leader."""
        case, given = self.get_object(), self.read(AssignInput)
        key = self.task_of(case, given["task"])
        task = case.tasks.select_related("bureau", "application").get(pk=key)
        to = staff_named(given["to"], field="to", among=delegations.colleagues(task.bureau))
        assignments.assign(task_id=key, to=to, reason=given["reason"], user=self.person)
        return self.stands(case)

    @extend_schema(parameters=[KEY_PARAMETER], request=TakeInput, responses=CaseSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="take-task")
    @idempotent
    def take_task(self, request: Request, pk: str) -> Response:
        """Take a waiting task of your bureau that nobody has."""
        case = self.get_object()
        key = self.task_of(case, self.read(TakeInput)["task"])
        assignments.take(task_id=key, user=self.person)
        return self.stands(case)

    @extend_schema(parameters=[KEY_PARAMETER], request=GiveBackInput, responses=CaseSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="give-back")
    @idempotent
    def give_back(self, request: Request, pk: str) -> Response:
        """Lay a task back on the bureau's table, as its holder or a chief."""
        case, given = self.get_object(), self.read(GiveBackInput)
        key = self.task_of(case, given["task"])
        assignments.give_back(task_id=key, reason=given["reason"], user=self.person)
        return self.stands(case)

    @extend_schema(responses=out.NoteSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def notes(self, request: Request, pk: str) -> Response:
        """The notes between the reviewers of the case; no applicant sees them."""
        case = self.get_object()
        open_case(case, self.person, "api")
        return Response(out.NoteSerializer(notes.notes_of(case), many=True).data)

    @extend_schema(
        parameters=[KEY_PARAMETER], request=DeskNoteInput, responses={201: out.NoteSerializer}
    )
    @notes.mapping.post
    @idempotent
    def write_note(self, request: Request, pk: str) -> Response:
        """Write to the colleagues on the case; those mentioned are told."""
        case, given = self.get_object(), self.read(DeskNoteInput)
        seeing = notes.staff_seeing(case)
        named = [staff_named(one, field="mentions", among=seeing) for one in given["mentions"]]
        note: CaseNote = notes.write_note(
            case_id=case.pk, text=given["text"], mentions=named, user=self.person
        )
        return Response(out.NoteSerializer(note).data, status=201)

    @extend_schema(
        parameters=[OpenApiParameter("show", str, many=True, enum=list(history.GROUPS))],
        responses=out.EntrySerializer(many=True),
        filters=False,
    )
    @action(
        detail=True, methods=["get"], filterset_class=None, pagination_class=None,
        url_path="full-history",
    )  # fmt: skip
    def full_history(self, request: Request, pk: str) -> Response:
        """Everything that happened in the case, or the groups asked for; the reading is kept."""
        case = self.get_object()
        open_case(case, self.person, "history")
        found = history.entries(case, self.person)
        entries = history.shown(found, request.query_params.getlist("show"))
        return Response(out.EntrySerializer(entries, many=True).data)


class QueueDoors(Doors):
    """What waits for the person who asks; `cases/?queue=` lists one."""

    queryset = Application.objects.none()
    serializer_class = out.QueueSerializer
    pagination_class = None

    @extend_schema(operation_id="queues_list", responses=out.QueueSerializer(many=True))
    def list(self, request: Request) -> Response:
        own = desk_of(self.person)
        rows = [
            {"key": queue.key, "title": queue.title, "count": counted(cases_in(queue.key, own))}
            for queue in queues_of(own)
        ]
        return Response(out.QueueSerializer(rows, many=True).data)


class DelegationDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Delegations for an absence: one's own, and those of the bureaus that one leads."""

    queryset = Delegation.objects.none()
    serializer_class = out.DelegationSerializer

    def get_queryset(self) -> QuerySet[Delegation]:
        beside = ("user", "deputy", "bureau", "made_by")
        return delegations.delegations_for(self.person).select_related(*beside)

    @extend_schema(
        parameters=[KEY_PARAMETER],
        request=DelegationInput,
        responses={201: out.DelegationSerializer},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Let a colleague act with the roles of an absent person, from day to day."""
        given = self.read(DelegationInput)
        city, code = given.pop("city"), given.pop("bureau")
        bureau = Bureau.objects.filter(city=city, code=code).first()
        if bureau is None:
            raise Refused({"bureau": _("The city has no such bureau.")})
        people = delegations.colleagues(bureau)
        for field in ("absent", "deputy"):
            given[field] = staff_named(given[field], field=field, among=people)
        made = delegations.delegate(bureau=bureau, user=self.person, **given)
        return Response(self.show(made), status=201)

    @extend_schema(request=None, responses=out.DelegationSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End it before its last day."""
        self.read(Nothing)
        ended = delegations.end_delegation(delegation_id=self.get_object().pk, user=self.person)
        return Response(self.show(ended))
