"""One step over several chosen cases: a preview first, then each case with its own result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from incentives.models import Award
from reviews.domain import acceptance, awarding, concluded, interests, opinions, publicity
from reviews.domain.actions import Action, available
from reviews.domain.assessing import rules
from reviews.domain.queries import cases_for_staff
from reviews.domain.queues import Desk
from reviews.models import Application, Opinion
from reviews.models.staff import Role
from reviews.models.task import Position, TaskState
from reviews.presenters.outcomes import conferred

MOST = 200
BESIDE = ("city", "programme", "version", "applicant", "handling_bureau")
TEMPLATE = "admin/reviews/application/bulk.html"
Words = str | Promise


@dataclass(frozen=True)
class Bulk:
    """A step for many: the action it needs in each case, and the verb for one of them."""

    action: str
    title: Words
    button: Words
    roles: tuple[Role, ...]
    one: Callable[[Application, Action, User], object] | None = None


def _give(case: Application, action: Any, user: User) -> object:
    return opinions.approve_opinion(case_id=case.pk, bureau=action.bureau, user=user)


REVIEWERS = (Role.PREPARER, Role.APPROVER)
BULKS: dict[str, Bulk] = {
    "declare": Bulk(
        "declare",
        _("Declare to have no interest in the chosen cases"),
        _("I have no interest in any of these"),
        (*REVIEWERS, Role.LEADER, Role.FINANCE_PREPARER),
        lambda case, action, user: interests.declare(case_id=case.pk, user=user, conflict=False),
    ),
    "accept": Bulk(
        "accept",
        _("Accept the chosen cases"),
        _("Accept all of these"),
        REVIEWERS,
        lambda case, action, user: acceptance.accept(case_id=case.pk, user=user),
    ),
    "give": Bulk(
        "approve_opinion",
        _("Approve the chosen opinions that agree"),
        _("Approve all of these"),
        (Role.APPROVER,),
        _give,
    ),
    "publish": Bulk(
        "publish",
        _("Publish the chosen cases on one notice"),
        _("Publish all of these"),
        REVIEWERS,
    ),
    "award": Bulk(
        "award",
        _("Award the chosen cases"),
        _("Award all of these"),
        (Role.APPROVER,),
        lambda case, action, user: awarding.award(case_id=case.pk, user=user),
    ),
    "conclude": Bulk(
        "conclude",
        _("Conclude the chosen cases"),
        _("Enter all of these in the register"),
        (Role.APPROVER,),
        lambda case, action, user: concluded.conclude(case_id=case.pk, user=user),
    ),
}


@dataclass(frozen=True)
class Line:
    """A chosen case: what would be done, or why it is left out; afterwards, what came of it."""

    case: Application
    action: Action | None
    amount: Decimal | None = None
    note: Words = ""
    done: bool | None = None

    @property
    def conferred(self) -> str:
        """What the case ends in besides money; empty for an award."""
        known = rules(self.case)
        return "" if known.outcome.kind == "award" else conferred(known)


def _chooser(name: str) -> Any:
    title: Any = BULKS[name].title  # lazy, so that it is read in the reader's language

    @admin.action(description=title)
    def choose(model_admin: Any, request: HttpRequest, queryset: QuerySet[Application]) -> Any:
        chosen = list(queryset.values_list("pk", flat=True)[: MOST + 1])
        if len(chosen) > MOST:
            text = _now("Choose at most %(most)s cases at a time.") % {"most": MOST}
            messages.error(request, text)
            return None
        return _page(request, name, _lines(name, chosen, request.user))

    choose.__name__ = name
    return choose


ACTIONS = [_chooser(name) for name in BULKS]


def allowed(actions: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """The steps of the roles that the person holds."""
    return {
        name: found
        for name, found in actions.items()
        if name in BULKS and desk.of(*BULKS[name].roles)
    }


def run(request: HttpRequest, name: str) -> HttpResponse:
    """Carry out what the preview showed. Cases that have moved on since are left out and told."""
    if name not in BULKS:
        raise Http404(name)
    if request.method != "POST":
        return redirect("admin:reviews_application_changelist")
    chosen = [int(pk) for pk in request.POST.getlist("case") if pk.isdecimal()][:MOST]
    lines = _lines(name, chosen, request.user)
    run_all = _publish if BULKS[name].one is None else _one_by_one
    return _page(request, name, run_all(name, lines, request.user), finished=True)


def _lines(name: str, chosen: Sequence[int], user: Any) -> list[Line]:
    cases = cases_for_staff(user).filter(pk__in=chosen).order_by("due_on", "id")
    found = list(cases.select_related(*BESIDE))
    amounts = _amounts(found)
    return [_line(name, case, user, amounts.get(case.number)) for case in found]


def _amounts(cases: list[Application]) -> dict[str | None, Decimal]:
    numbers = [case.number for case in cases]
    living = Award.objects.filter(case_number__in=numbers).exclude(state="released")
    return dict(living.values_list("case_number", "amount"))


def _line(name: str, case: Application, user: User, amount: Decimal | None) -> Line:
    wanted = BULKS[name].action
    action = next((found for found in available(case, user) if found.name == wanted), None)
    if action is None:
        return Line(case, None, amount, _("not open to you now"))
    if name == "give" and not _agrees(case, action):
        return Line(case, None, amount, _("does not agree: open the case"))
    return Line(case, action, amount)


def _agrees(case: Application, action: Action) -> bool:
    return Opinion.objects.filter(
        task__application=case,
        task__bureau=action.bureau,
        task__state=TaskState.OPEN,
        position=Position.AGREE,
    ).exists()


def _one_by_one(name: str, lines: list[Line], user: Any) -> list[Line]:
    return [_carried_out(name, line, user) for line in lines]


def _carried_out(name: str, line: Line, user: User) -> Line:
    one = BULKS[name].one
    if line.action is None or one is None:
        return Line(line.case, None, line.amount, line.note, done=False)
    try:
        one(line.case, line.action, user)
    except (ValidationError, PermissionDenied) as refused:
        return Line(line.case, line.action, line.amount, _said(refused), done=False)
    return Line(line.case, line.action, line.amount, _("done"), done=True)


def _publish(name: str, lines: list[Line], user: Any) -> list[Line]:
    """One notice for all: either every case that could be published is on it, or none."""
    ready = [line for line in lines if line.action]
    try:
        notice = publicity.publish(case_ids=[line.case.pk for line in ready], user=user)
    except (ValidationError, PermissionDenied) as refused:
        return [Line(row.case, row.action, row.amount, _said(refused), False) for row in lines]
    told = _now("on notice %(number)s") % {"number": notice.number}
    return [
        Line(row.case, row.action, row.amount, told, True)
        if row.action
        else Line(row.case, None, row.amount, row.note, False)
        for row in lines
    ]


def _said(refused: ValidationError | PermissionDenied) -> str:
    return " ".join(refused.messages) if hasattr(refused, "messages") else str(refused)


def _page(
    request: HttpRequest, name: str, lines: list[Line], *, finished: bool = False
) -> HttpResponse:
    ready = [line for line in lines if line.action and line.done is not False]
    context = admin.site.each_context(request) | {
        "bulk": BULKS[name],
        "name": name,
        "title": BULKS[name].title,
        "opts": Application._meta,
        "lines": lines,
        "count": len(ready),
        "total": sum((line.amount or Decimal(0) for line in ready), Decimal(0)),
        "finished": finished,
    }
    return TemplateResponse(request, TEMPLATE, context)
