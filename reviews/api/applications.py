"""An applicant's own cases."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors
from applicants.api.idempotency import KEY_PARAMETER, idempotent
from applicants.domain.errors import Refused
from applicants.domain.members import parties_of
from applicants.models import Document
from incentives.api.programmes import problems_of
from incentives.api.serializers import FactsInput
from incentives.domain.listing import version_of
from incentives.policy.rendering import render
from incentives.policy.text import InputError
from reviews.api import inputs
from reviews.api import serializers as out
from reviews.api.filters import OwnFilter
from reviews.domain import applications, completeness, payees
from reviews.domain.assessing import assess_case, declared_facts
from reviews.domain.queries import own_cases
from reviews.models import Application

BESIDE = ("city", "programme", "version", "applicant", "handling_bureau", "account")
PART = OpenApiParameter("part", int, OpenApiParameter.PATH)


class ApplicationDoors(ListModelMixin, Doors):
    queryset = Application.objects.none()
    serializer_class = out.ApplicationSerializer
    filterset_class = OwnFilter

    def get_queryset(self) -> QuerySet[Application]:
        return own_cases(self.person).select_related(*BESIDE)

    def answer(self, pk: int, status: int = 200) -> Response:
        case = get_object_or_404(self.get_queryset(), pk=pk)
        return Response(application_of(case), status=status)

    @extend_schema(responses=out.ApplicationDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(application_of(self.get_object()))

    @extend_schema(request=inputs.StartInput, responses={201: out.ApplicationDetailSerializer})
    def create(self, request: Request) -> Response:
        """Start a draft on the programme's newest version, filled from the profile."""
        given = self.read(inputs.StartInput)
        party = parties_of(self.person).filter(pk=given["party"]).first()
        if party is None:
            raise Refused({"party": _("Name one of the applicants that you act for, by its id.")})
        version = version_of(city=given["city"], code=given["programme"])
        if version is None:
            raise Refused({"programme": _("This city has no such programme open.")})
        case = applications.start_application(
            party=party, programme=version.programme, user=self.person
        )
        return self.answer(case.pk, 201)

    @extend_schema(request=FactsInput, responses=out.ApplicationDetailSerializer)
    @action(detail=True, methods=["patch"])
    def facts(self, request: Request, pk: str) -> Response:
        """Declare facts; when one cannot be read, none is kept. Null or empty clears."""
        case, values = self.get_object(), self.read(FactsInput)["facts"]
        with transaction.atomic():
            problems = applications.save_facts(case_id=case.pk, values=values, user=self.person)
            if problems:
                raise Refused(problems)
        return self.answer(case.pk)

    @extend_schema(request=inputs.EvidenceInput, responses={201: out.EvidenceSerializer})
    @action(detail=True, methods=["post"])
    def evidence(self, request: Request, pk: str) -> Response:
        """Lay an uploaded paper beside a fact."""
        case, given = self.get_object(), self.read(inputs.EvidenceInput)
        document = Document.objects.filter(party=case.applicant, pk=given["document"]).first()
        if document is None:
            raise Refused({"document": _("The applicant has no such document; upload it first.")})
        laid = applications.attach(
            case_id=case.pk, fact_key=given["fact"], document=document, user=self.person
        )
        return Response(self.show(laid, out.EvidenceSerializer), status=201)

    @extend_schema(parameters=[PART], responses={204: None})
    @action(detail=True, methods=["delete"], url_path="evidence/<int:part>")
    def detach(self, request: Request, pk: str, part: int) -> Response:
        laid = get_object_or_404(self.get_object().evidence, pk=part, removed_at=None)
        applications.detach(case_id=laid.application_id, evidence_id=laid.pk, user=self.person)
        return Response(status=204)

    @extend_schema(request=inputs.PayeeInput, responses={201: out.PayeeSerializer})
    @action(detail=True, methods=["post"])
    def payees(self, request: Request, pk: str) -> Response:
        """Enter a person of the team with an account and a share; shares add up to 100."""
        case = self.get_object()
        payee = payees.add_payee(case_id=case.pk, user=self.person, **self.read(inputs.PayeeInput))
        return Response(self.show(payee, out.PayeeSerializer), status=201)

    @extend_schema(parameters=[PART], responses={204: None})
    @action(detail=True, methods=["delete"], url_path="payees/<int:part>")
    def remove_payee(self, request: Request, pk: str, part: int) -> Response:
        payee = get_object_or_404(self.get_object().payee_shares, pk=part)
        payees.remove_payee(case_id=payee.application_id, payee_id=payee.pk, user=self.person)
        return Response(status=204)

    @extend_schema(request=None, responses=out.ApplicationDetailSerializer)
    @action(detail=True, methods=["post"])
    def use_account(self, request: Request, pk: str) -> Response:
        """Have the case paid to the account that the applicant uses now."""
        case = self.get_object()
        account = case.applicant.bankaccount_set.filter(is_current=True).first()
        if account is None:
            raise Refused({"account": _("Enter the bank account to be paid to.")})
        applications.choose_account(case_id=case.pk, account_id=account.pk, user=self.person)
        return self.answer(case.pk)

    @extend_schema(responses=out.CheckSerializer)
    @action(detail=True, methods=["get"])
    def check(self, request: Request, pk: str) -> Response:
        """What the declared facts come to, and what is missing; nothing is changed."""
        return Response(checked(self.get_object()))

    @extend_schema(
        parameters=[KEY_PARAMETER],
        request=inputs.SubmitInput,
        responses=out.ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def submit(self, request: Request, pk: str) -> Response:
        """File the case, or file it again after a supplement."""
        case, given = self.get_object(), self.read(inputs.SubmitInput)
        applications.submit(case_id=case.pk, user=self.person, declared_true=given["declaration"])
        return self.answer(case.pk)

    @extend_schema(
        parameters=[KEY_PARAMETER],
        request=inputs.ReasonInput,
        responses=out.ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the application back; what is reserved for it is free again."""
        case = self.get_object()
        applications.withdraw(case_id=case.pk, user=self.person, **self.read(inputs.ReasonInput))
        return self.answer(case.pk)


def application_of(case: Application) -> Any:
    return out.ApplicationDetailSerializer(case).data


def checked(case: Application) -> dict[str, Any]:
    try:
        assessment = assess_case(case, facts=declared_facts(case))
    except InputError as error:  # a setting changed its form after the draft was filled in
        raise Refused(problems_of(error)) from error
    problems: dict[str, list[str]] = {}
    try:
        completeness.require_complete(case)
    except Refused as refused:
        problems = refused.message_dict
    return {"assessment": render(assessment), "problems": problems}
