"""The steps of a case, each the door of one verb. Who may take which is the verb's to say."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Input, Nothing
from applicants.api.idempotency import KEY_PARAMETER, idempotent
from applicants.domain.errors import Refused
from incentives.models import Bureau
from reviews.api import inputs
from reviews.api.case_serializers import CaseSerializer, NoticeOfPublicitySerializer
from reviews.api.desk import DeskDoors
from reviews.api.money_serializers import AwardSerializer
from reviews.api.registers import RegisterEntrySerializer
from reviews.domain import (
    acceptance,
    audits,
    awarding,
    concluded,
    determinations,
    finance,
    interests,
    opinions,
    publicity,
    resolutions,
    undoing,
)
from reviews.domain.supplements import Told
from reviews.models import Application
from reviews.models.lifecycle import CaseState

Verb = Callable[..., object]


def step(
    wanted: type[Input] | None, *, keyed: bool = False
) -> Callable[[Callable[..., Response]], Any]:
    """A POST on a case that answers where it stands afterwards; `keyed` where it moves money."""

    def door(method: Callable[..., Response]) -> Any:
        path = method.__name__.replace("_", "-")
        taken = idempotent(method) if keyed else method
        routed = action(detail=True, methods=["post"], filterset_class=None, url_path=path)(taken)
        keys = [KEY_PARAMETER] if keyed else None
        return extend_schema(parameters=keys, request=wanted, responses=CaseSerializer)(routed)

    return door


class StepDoors(DeskDoors):
    def take(self, verb: Verb, wanted: type[Input] = Nothing, **fixed: Any) -> Response:
        """Only for whoever sees the case; everybody else learns nothing of it."""
        case = self.get_object()
        verb(case_id=case.pk, user=self.person, **self.read(wanted), **fixed)
        return self.standing(case)

    def standing(self, case: Application) -> Response:
        case.refresh_from_db()
        return Response(self.show(case, CaseSerializer))

    def bureau_of(self, case: Application, code: str) -> Bureau:
        bureau = Bureau.objects.filter(city=case.city_id, code=code).first()
        if bureau is None:
            raise Refused({"bureau": _("The city of this case has no such bureau.")})
        return bureau

    @step(inputs.DeclareInput)
    def declare(self, request: Request, pk: str) -> Response:
        """Declare whether you have an interest in the case, before it opens to you."""
        return self.take(interests.declare, inputs.DeclareInput)

    @step(inputs.PartInput)
    def ask_part(self, request: Request, pk: str) -> Response:
        """Ask another bureau or a district for its opinion on a part, before giving yours."""
        case, given = self.get_object(), self.read(inputs.PartInput)
        opinions.ask_part(
            case_id=case.pk,
            bureau=self.bureau_of(case, given["bureau"]),
            of=self.bureau_of(case, given["of"]),
            question=given["question"],
            user=self.person,
        )
        return self.standing(case)

    @step(inputs.ResolveInput)
    def resolve(self, request: Request, pk: str) -> Response:
        """Resolve a bureau's objection by a reason or a joint meeting, or answer its question."""
        case, given = self.get_object(), self.read(inputs.ResolveInput)
        given["opinion_id"] = given.pop("opinion")
        resolutions.resolve(case_id=case.pk, user=self.person, **given)
        return self.standing(case)

    @step(inputs.HandBackInput, keyed=True)
    def hand_back_to(self, request: Request, pk: str) -> Response:
        """Hand a decided case back one or more stages, as a leader of the handling bureau."""
        case, given = self.get_object(), self.read(inputs.HandBackInput)
        stage = CaseState(given["to"])
        undoing.hand_back(case_id=case.pk, to=stage, reason=given["reason"], user=self.person)
        return self.standing(case)

    @step(None)
    def accept(self, request: Request, pk: str) -> Response:
        """Take the case on; the other responsible bureaus are asked for their opinions."""
        return self.take(acceptance.accept)

    @step(inputs.DefectsInput)
    def return_case(self, request: Request, pk: str) -> Response:
        """Send the case back for supplement, telling everything that is missing at once."""
        case, given = self.get_object(), self.read(inputs.DefectsInput)
        told = [Told(**one) for one in given["defects"]]
        acceptance.return_case(
            case_id=case.pk, user=self.person, reason=given["reason"], defects=told
        )
        return self.standing(case)

    @step(inputs.ReasonInput)
    def decline(self, request: Request, pk: str) -> Response:
        return self.take(acceptance.decline, inputs.ReasonInput)

    @step(inputs.OpinionInput)
    def prepare_opinion(self, request: Request, pk: str) -> Response:
        """Write, or write anew, what a bureau is going to say."""
        case, given = self.get_object(), self.read(inputs.OpinionInput)
        bureau = self.bureau_of(case, given.pop("bureau"))
        opinions.prepare_opinion(case_id=case.pk, bureau=bureau, user=self.person, **given)
        return self.standing(case)

    @step(inputs.BureauInput)
    def approve_opinion(self, request: Request, pk: str) -> Response:
        """Give the opinion that another person prepared."""
        case = self.get_object()
        bureau = self.bureau_of(case, self.read(inputs.BureauInput)["bureau"])
        opinions.approve_opinion(case_id=case.pk, bureau=bureau, user=self.person)
        return self.standing(case)

    @step(inputs.CommissionInput)
    def commission_audit(self, request: Request, pk: str) -> Response:
        """Ask a firm to audit the case by a day, before the bureaus give their opinions."""
        return self.take(audits.commission, inputs.CommissionInput)

    @extend_schema(
        request={"multipart/form-data": inputs.AuditReportInput}, responses=CaseSerializer
    )
    @action(
        detail=True,
        methods=["post"],
        filterset_class=None,
        url_path="record-audit",
        parser_classes=[MultiPartParser],
    )
    def record_audit(self, request: Request, pk: str) -> Response:
        """Record the report of the audit firm; the bureaus are asked from now on."""
        case, given = self.get_object(), self.read(inputs.AuditReportInput)
        upload = given.pop("document")
        audits.receive(case_id=case.pk, told=audits.Told(**given), upload=upload, user=self.person)
        return self.standing(case)

    @step(inputs.ConfirmInput)
    def confirm_facts(self, request: Request, pk: str) -> Response:
        """Record the facts as seen in the evidence, beside what was declared."""
        case, given = self.get_object(), self.read(inputs.ConfirmInput)
        determinations.confirm_facts(
            case_id=case.pk, values=given["facts"], notes=given["notes"], user=self.person
        )
        return self.standing(case)

    @step(inputs.ProposeInput)
    def propose(self, request: Request, pk: str) -> Response:
        """Propose to grant within the printed bounds, or to refuse."""
        return self.take(determinations.propose, inputs.ProposeInput)

    @step(inputs.ReasonInput)
    def send_back(self, request: Request, pk: str) -> Response:
        """The approver does not agree: the proposal goes back to its preparer."""
        return self.take(determinations.send_back, inputs.ReasonInput)

    @step(inputs.NoteInput)
    def finance_check(self, request: Request, pk: str) -> Response:
        """Account, funding source, duplicates and credit are in order."""
        return self.take(finance.check, inputs.NoteInput)

    @step(inputs.ReasonInput, keyed=True)
    def hand_back(self, request: Request, pk: str) -> Response:
        """Finance does not pass the case: what was reserved is released."""
        return self.take(finance.hand_back, inputs.ReasonInput)

    @extend_schema(parameters=[KEY_PARAMETER], request=None, responses=CaseSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def approve(self, request: Request, pk: str) -> Response:
        """Approve a proposal: what the caps leave is reserved; what pays nothing goes on."""
        return self.take(determinations.approve)

    @extend_schema(
        parameters=[KEY_PARAMETER],
        request=inputs.ReasonInput,
        responses={201: AwardSerializer},
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def award(self, request: Request, pk: str) -> Response:
        """Decide the award once publicity has run out; its instalments fall due."""
        case = self.get_object()
        award = awarding.award(case_id=case.pk, user=self.person, **self.read(inputs.ReasonInput))
        return Response(self.show(award, AwardSerializer), status=201)

    @extend_schema(
        parameters=[KEY_PARAMETER],
        request=inputs.ReasonInput,
        responses={201: RegisterEntrySerializer},
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def conclude(self, request: Request, pk: str) -> Response:
        """Enter the outcome in its register once publicity has run out."""
        case = self.get_object()
        entry = concluded.conclude(
            case_id=case.pk, user=self.person, **self.read(inputs.ReasonInput)
        )
        return Response(self.show(entry, RegisterEntrySerializer), status=201)

    @extend_schema(
        request=inputs.PublishInput, responses={201: NoticeOfPublicitySerializer}, filters=False
    )
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def publish(self, request: Request) -> Response:
        """Publish cases of one handling bureau that are ready on one notice."""
        given = self.read(inputs.PublishInput)
        wanted = set(given.pop("cases"))
        seen = set(self.get_queryset().filter(pk__in=wanted).values_list("pk", flat=True))
        if wanted - seen:
            told = ", ".join(str(pk) for pk in sorted(wanted - seen))
            raise Refused({"cases": _("You see no such cases: %s.") % told})
        notice = publicity.publish(case_ids=sorted(wanted), user=self.person, **given)
        return Response(self.show(notice, NoticeOfPublicitySerializer), status=201)
