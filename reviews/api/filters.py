from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import Form, IntegerField
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from applicants.domain.succession import known_as
from applicants.models import City, User
from incentives.domain.enterprise_size import SIZES
from incentives.domain.ledger_filter import NONE, LedgerFilter, narrowed, require_year
from incentives.models import Award, Bureau, LedgerEntry, Programme
from incentives.models.award import AwardState
from incentives.models.ledger import Stage
from incentives.models.payout import Payer
from reviews.api.scope import WATCHING, cities_of
from reviews.domain import working_days
from reviews.domain.queries import was_asked
from reviews.domain.queues import QUEUES, cases_in, desk_of
from reviews.models import Application, ReviewTask
from reviews.models.lifecycle import CaseState
from reviews.models.task import TaskKind, TaskState

YEAR: dict[str, Any] = {"min_value": 1990, "max_value": 2999}


def named(role: str) -> Any:
    """A party by a part of its name, a former one too, or its whole credit code."""

    def narrow(_self: Any, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(known_as(value, role))

    return narrow


class YearFilter(filters.NumberFilter):
    field_class = IntegerField


class OwnFilter(filters.FilterSet):
    """Codes are looked up first: by the ids alone PostgreSQL reads a page off an index."""

    state = filters.ChoiceFilter(choices=CaseState.choices)
    programme = filters.CharFilter(method="of_programme")

    class Meta:
        model = Application
        fields = ["state", "programme"]

    def of_programme(
        self, rows: QuerySet[Application], _name: str, value: str
    ) -> QuerySet[Application]:
        found = Programme.objects.filter(code=value).values_list("pk", flat=True)
        return rows.filter(programme__in=list(found))


class CaseFilter(OwnFilter):
    """`bureau` handles the case or has a task in it; `task` is open in the case."""

    bureau = filters.CharFilter(method="of_bureau")
    task = filters.ChoiceFilter(method="with_task", choices=TaskKind.choices)
    overdue = filters.BooleanFilter(method="late")
    applicant = filters.CharFilter(method="of_applicant")
    queue = filters.ChoiceFilter(
        method="in_queue", choices=[(queue.key, queue.title) for queue in QUEUES]
    )

    of_applicant = named("applicant")

    def in_queue(
        self, rows: QuerySet[Application], _name: str, value: str
    ) -> QuerySet[Application]:
        own = desk_of(self.request.user)
        return rows.filter(pk__in=cases_in(value, own).values("pk"))

    def of_bureau(
        self, rows: QuerySet[Application], _name: str, value: str
    ) -> QuerySet[Application]:
        bureaus = list(Bureau.objects.filter(code=value).values_list("pk", flat=True))
        return rows.filter(Q(handling_bureau__in=bureaus) | was_asked(bureaus))

    def with_task(
        self, rows: QuerySet[Application], _name: str, value: str
    ) -> QuerySet[Application]:
        tasks = ReviewTask.objects.filter(
            application=OuterRef("pk"), kind=value, state=TaskState.OPEN
        )
        return rows.filter(Exists(tasks))

    def late(self, rows: QuerySet[Application], _name: str, value: bool) -> QuerySet[Application]:
        late = Q(due_on__lt=working_days.today())
        return rows.filter(late) if value else rows.exclude(late)


class AwardFilter(filters.FilterSet):
    year = filters.NumberFilter("approval_year", **YEAR)
    programme = filters.CharFilter("programme__code")
    bureau = filters.CharFilter("bureau__code")
    district = filters.CharFilter("district__code")
    state = filters.ChoiceFilter(choices=AwardState.choices)
    applicant = filters.CharFilter(method="of_applicant")
    case_number = filters.CharFilter()

    of_applicant = named("applicant")

    class Meta:
        model = Award
        fields = ["year", "programme", "bureau", "district", "state", "applicant", "case_number"]


def watched_cities(request: Request | None) -> QuerySet[City]:
    """Nobody asks while the schema is written."""
    if request is None:
        return City.objects.none()
    return cities_of(cast(User, request.user), *WATCHING)


class LedgerQuery(Form):
    def clean(self) -> dict[str, Any]:
        require_year(self.cleaned_data)
        return self.cleaned_data


class LedgerFilters(filters.FilterSet):
    """`quarter` is of the `year`; `district` and `size` may be `none`."""

    city = filters.ModelChoiceFilter(queryset=watched_cities)
    year = YearFilter(**YEAR)
    approval_year = YearFilter(**YEAR)
    quarter = extend_schema_field({"type": "integer", "enum": [1, 2, 3, 4]})(
        filters.TypedChoiceFilter(
            choices=[(quarter, str(quarter)) for quarter in (1, 2, 3, 4)], coerce=int
        )
    )
    programme = filters.CharFilter()
    document = filters.CharFilter()
    clause = filters.CharFilter()
    bureau = filters.CharFilter()
    district = filters.CharFilter()
    size = filters.ChoiceFilter(choices=[(size, size) for size in (*SIZES, NONE)])
    stage = filters.ChoiceFilter(choices=Stage.choices)
    payer = filters.ChoiceFilter(choices=Payer.choices)
    applicant = filters.CharFilter()
    case_number = filters.CharFilter()

    BY_CODE = ("programme", "document", "bureau", "district")

    class Meta:
        model = LedgerEntry
        form = LedgerQuery
        fields = [
            "city", "year", "approval_year", "quarter", "programme", "document", "clause",
            "bureau", "district", "size", "stage", "payer", "applicant", "case_number",
        ]  # fmt: skip

    def wanted(self) -> LedgerFilter:
        """What the desk's form would say too; codes are of the API alone."""
        given = {name: value for name, value in self.form.cleaned_data.items() if value}
        if "city" in given:
            given["city"] = given["city"].pk
        return LedgerFilter(**{self._named(name, value): value for name, value in given.items()})

    def _named(self, name: str, value: Any) -> str:
        nowhere = name == "district" and value == NONE
        return f"{name}_code" if name in self.BY_CODE and not nowhere else name

    def filter_queryset(self, queryset: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
        return narrowed(queryset, self.wanted())
