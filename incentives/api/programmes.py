from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from applicants.api.base import Doors
from applicants.domain.errors import Refused
from applicants.models.party import PartyKind
from incentives.api import serializers as out
from incentives.api.programme_detail import detail_of
from incentives.domain.language import chosen
from incentives.domain.listing import WRITTEN, Wanted, listed, narrowed
from incentives.domain.programmes import rules_of, settings_of
from incentives.models import ProgrammeVersion
from incentives.policy.assessment import assess
from incentives.policy.outcomes import CASE_TYPES, OutcomeKind
from incentives.policy.rendering import render
from incentives.policy.text import InputError

NAMED = [
    OpenApiParameter("city", str, OpenApiParameter.PATH),
    OpenApiParameter("code", str, OpenApiParameter.PATH),
]


class ProgrammeFilter(filters.FilterSet):
    """Documents and bureaus by their code; `search` looks in titles, summaries and quotes."""

    city = filters.CharFilter("programme__city")
    search = filters.CharFilter("words", method="narrow")
    document = filters.CharFilter("document", method="narrow")
    bureau = filters.CharFilter("bureau", method="narrow")
    applicant_kind = filters.ChoiceFilter("kind", method="narrow", choices=PartyKind.choices)
    case_type = filters.ChoiceFilter(
        "case_type", method="narrow", choices=[(name, name) for name in CASE_TYPES]
    )
    outcome = filters.ChoiceFilter(
        "outcome", method="narrow", choices=[(kind, kind) for kind in get_args(OutcomeKind)]
    )

    def narrow(
        self, rows: QuerySet[ProgrammeVersion], name: str, value: str
    ) -> QuerySet[ProgrammeVersion]:
        return narrowed(rows, Wanted(**{name: value}))


class ProgrammeDoors(ListModelMixin, Doors):
    """The programmes one can apply for: public."""

    permission_classes = [AllowAny]
    queryset = ProgrammeVersion.objects.none()
    serializer_class = out.ProgrammeSerializer
    filterset_class = ProgrammeFilter
    keyset = ("programme_id",)

    def get_queryset(self) -> QuerySet[ProgrammeVersion]:
        return listed().annotate(rules=WRITTEN)

    @extend_schema(parameters=NAMED, responses=out.ProgrammeDetailSerializer)
    def retrieve(self, request: Request, city: str, code: str) -> Response:
        version = _version(city, code)
        return Response(self.show(version) | detail_of(version))

    @extend_schema(parameters=NAMED, request=out.AssessInput, responses=out.AssessmentSerializer)
    def assess(self, request: Request, city: str, code: str) -> Response:
        """Assess facts under the settings in force; nothing is stored."""
        version, given = _version(city, code), self.read(out.AssessInput)
        return Response(
            assessed(
                version,
                facts=given["facts"],
                choices=given["choices"],
                on=given.get("on") or timezone.localdate(),
            )
        )


def _version(city: str, code: str) -> ProgrammeVersion:
    named = listed().filter(programme__city=city, programme__code=code)
    version = named.annotate(rules=WRITTEN).first()
    if version is None:
        raise Http404
    return version


def assessed(
    version: ProgrammeVersion, *, facts: Mapping[str, Any], choices: Mapping[str, str], on: date
) -> dict[str, Any]:
    settings = settings_of(version.programme)
    try:
        return render(assess(rules_of(version), on, facts, choices, settings))
    except InputError as error:
        raise Refused(problems_of(error)) from error


def problems_of(error: InputError) -> dict[str, str]:
    """What was wrong and what to write instead, by the path of the field."""
    return {
        problem.field: _("%(problem)s: %(expected)s.")
        % {"problem": chosen(problem.problem), "expected": chosen(problem.expected)}
        for problem in error.problems
    }
