"""The list of cases: queues as tabs, filters within what the person may see, lights in words."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reviews.admin.access import person
from reviews.domain import lights, working_days
from reviews.domain.claims import claims_of
from reviews.domain.queues import (
    STAFF,
    Desk,
    cases_in,
    counted,
    desk_of,
    open_tasks,
    opening,
    queues_of,
    users_of,
)
from reviews.models import Application, ReviewTask
from reviews.models.lifecycle import CaseState
from reviews.models.task import TaskKind, TaskState

ALL = "all"


def desk(request: HttpRequest) -> Desk:
    if not hasattr(request, "_desk"):
        request._desk = desk_of(person(request))  # type: ignore[attr-defined]
    return request._desk  # type: ignore[attr-defined]


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's queues with their counts; one query a queue, whatever the number of cases."""
    own = desk(request)
    return [
        {"key": queue.key, "title": queue.title, "count": counted(cases_in(queue.key, own))}
        for queue in queues_of(own)
    ]


class QueueFilter(admin.SimpleListFilter):
    """Opens on what waits for the person's bureau; whoever has no queue sees all cases."""

    title = _("queue")
    parameter_name = "queue"
    template = "admin/filter_in_tabs.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        self.own = desk(request)
        return [(queue.key, queue.title) for queue in queues_of(self.own)] + [(ALL, _("all"))]

    def value(self) -> str:
        keys = [key for key, _title in self.lookup_choices]
        found = super().value()
        return found if found in keys else opening(self.own) or ALL

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == ALL:
            return queryset
        return queryset.filter(pk__in=cases_in(self.value(), self.own).values("pk"))


class StateFilter(admin.SimpleListFilter):
    """Drafts are not for staff, so they are not offered."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [choice for choice in CaseState.choices if choice[0] != CaseState.DRAFT]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class TaskFilter(admin.SimpleListFilter):
    title = _("open task")
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return list(TaskKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in TaskKind.values:
            return queryset
        tasks = ReviewTask.objects.filter(
            application=OuterRef("pk"), state=TaskState.OPEN, kind=self.value()
        )
        return queryset.filter(Exists(tasks))


class OverdueFilter(admin.SimpleListFilter):
    title = _("deadline")
    parameter_name = "deadline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("overdue", _("overdue")), ("soon", _("within 3 working days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = working_days.today()
        if self.value() == "overdue":
            return queryset.filter(deadline__lt=today)
        if self.value() == "soon":
            return queryset.filter(deadline__range=(today, lights.soon_from(today)))
        return queryset


class AssigneeFilter(admin.SimpleListFilter):
    """Whose work it is, among those of the person's bureaus."""

    title = _("assigned to")
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        self.own = desk(request)
        if not self.own.of(*STAFF):
            return []
        people = users_of(self.own.of(*STAFF))
        others = [(str(one.pk), str(one)) for one in people if one.pk != self.own.user.pk]
        return [("me", _("me")), ("nobody", _("nobody yet")), *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value not in {str(key) for key, _title in self.lookup_choices}:
            return queryset
        tasks = open_tasks(self.own.of(*STAFF))
        if value == "nobody":
            return queryset.filter(Exists(tasks.filter(assignee=None)))
        wanted = self.own.user.pk if value == "me" else int(str(value))
        return queryset.filter(Exists(tasks.filter(assignee=wanted)))


class CaseList(ChangeList):
    """One page of cases with what their columns need, read in a fixed number of queries."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        cases = list(self.result_list)
        today = working_days.today()
        soon, provisional = lights.soon_from(today), working_days.provisional_years()
        claims = claims_of(cases)
        for case in cases:
            case.claim = claims[case.pk]
            case.light = _light(case.deadline, today, soon)
            case.provisional = case.deadline is not None and case.deadline.year in provisional
        self.result_list = cases


def _light(deadline: date | None, today: date, soon: date) -> lights.Light | None:
    return lights.light(deadline, today=today, soon=soon) if deadline else None


def with_own_tasks(cases: QuerySet[Application], own: Desk) -> QuerySet[Application]:
    tasks = ReviewTask.objects.filter(state=TaskState.OPEN, bureau__in=own.of(*STAFF))
    return cases.prefetch_related(
        Prefetch(
            "tasks",
            queryset=tasks.select_related("assignee").order_by("due_on"),
            to_attr="own_tasks",
        )
    )
