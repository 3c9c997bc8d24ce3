"""One step over several chosen cases: a preview first, then each case with its own result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from incentives.models import Award
from reviews.admin import publishing
from reviews.admin.bulk_steps import BULKS, Given, Words
from reviews.domain import assignments
from reviews.domain.approving import Refusal
from reviews.domain.assessing import rules
from reviews.domain.prospects import Prospect, prospects
from reviews.domain.publicity_checks import CheckedList, look
from reviews.domain.queries import cases_for_staff
from reviews.domain.queues import Desk
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState, Outcome
from reviews.models.lifecycle import CaseState
from reviews.presenters.outcomes import conferred

MOST = 200
BESIDE = ("city", "programme", "version", "applicant", "handling_bureau")
TEMPLATE = "admin/reviews/application/bulk.html"


@dataclass(frozen=True)
class Line:
    """A chosen case: what would be done, or why it is left out; afterwards, what came of it."""

    prospect: Prospect
    amount: Decimal | None = None
    note: Words = ""
    done: bool | None = None
    proposal: int | None = None  # what is approved: its determination

    @property
    def case(self) -> Application:
        return self.prospect.case

    @property
    def ready(self) -> bool:
        return not self.prospect.why_not

    @property
    def conferred(self) -> str:
        """What the case ends in besides money; empty for an award."""
        known = rules(self.case)
        return "" if known.outcome.kind == "award" else conferred(known)

    @property
    def tasks(self) -> str:
        """The tasks that change hands, each with whom it is now."""
        told = [(task.get_kind_display(), task.assignee) for task in self.prospect.tasks]
        return "、".join(f"{kind}（{now}）" if now else kind for kind, now in told)

    @property
    def sum(self) -> Decimal:
        """What it adds to the total: yuan, where its programme pays any."""
        return self.amount or Decimal(0) if rules(self.case).outcome.pays else Decimal(0)

    def after(self, note: Words, *, done: bool) -> "Line":
        return replace(self, note=note, done=done)


def _chooser(name: str) -> Any:
    title: Any = BULKS[name].title  # lazy, so that it is read in the reader's language

    @admin.action(description=title)
    def choose(model_admin: Any, request: HttpRequest, queryset: QuerySet[Application]) -> Any:
        chosen = list(queryset.values_list("pk", flat=True)[: MOST + 1])
        if len(chosen) > MOST:
            text = _now("These are the first %s by deadline; the others wait for the next time.")
            messages.warning(request, text % MOST)
            chosen = chosen[:MOST]
        return _page(request, name, _lines(name, chosen, request.user), _form(name, request))

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
    form = _form(name, request, request.POST)
    if name == "publish":
        return _published(request, _lines(name, chosen, request.user), form)
    if form is not None and not form.is_valid():
        return _page(request, name, _lines(name, chosen, request.user), form)
    given = form.cleaned_data if form is not None else {}
    lines = _lines(name, chosen, request.user, given.get("to"))
    if "preview" in request.POST:
        return _page(request, name, lines, form)
    given |= {"seen": _seen(request.POST, chosen)}
    return _page(request, name, _carry_out(name, lines, request.user, given), finished=True)


def _seen(posted: Any, chosen: Sequence[int]) -> dict[int, int]:
    """The determination that the preview showed of each case: no other is approved."""
    shown = {pk: posted.get(f"proposal-{pk}", "") for pk in chosen}
    return {pk: int(value) for pk, value in shown.items() if value.isdecimal()}


def _form(name: str, request: HttpRequest, data: Any = None) -> Any:
    wanted: Any = BULKS[name].form
    return wanted(data, user=request.user) if wanted else None


def _lines(name: str, chosen: Sequence[int], user: Any, to: User | None = None) -> list[Line]:
    cases = cases_for_staff(user).filter(pk__in=chosen).order_by("due_on", "id")
    found = list(cases.select_related(*BESIDE))
    told = prospects(name, found, user, to=to)
    if name == "approve":
        living = _living(found)
        return [_proposed(one, living) for one in told]
    amounts = _awarded(found)
    return [Line(one, amounts.get(one.case.pk)) for one in told]


def _awarded(cases: list[Application]) -> dict[int, Decimal]:
    keys = {case.number: case.pk for case in cases}
    living = Award.objects.filter(case_number__in=list(keys)).exclude(state="released")
    rows = living.values_list("case_number", "amount")
    return {keys[number]: amount for number, amount in rows}


def _living(cases: list[Application]) -> dict[int, Determination]:
    rows = Determination.objects.filter(application__in=cases, state=DeterminationState.PROPOSED)
    return {one.application_id: one for one in rows.only("application", "assessed")}


def _proposed(one: Prospect, living: dict[int, Determination]) -> Line:
    found = living.get(one.case.pk)
    return Line(one, found.assessed, proposal=found.pk) if found else Line(one)


def _decided(lines: list[Line]) -> list[Line]:
    """What was granted, and where a case stands that went through: not what was asked for it."""
    rows = Determination.objects.filter(pk__in=[line.proposal for line in lines if line.done])
    found = {one.application_id: one for one in rows.select_related("application")}
    return [
        replace(line, amount=one.granted, note=_came_to(one))
        if line.done and (one := found.get(line.case.pk))
        else line
        for line in lines
    ]


def _came_to(determination: Determination) -> Words:
    if determination.application.state == CaseState.PROPOSED:
        return _("signed; another signature, or the sharing out of its budget, is still to come")
    left_nothing = determination.outcome == Outcome.AWARD
    if determination.application.state == CaseState.REFUSED and left_nothing:
        return _("done: it is refused, for the limits leave nothing")
    return _("done")


def _carry_out(name: str, lines: list[Line], user: Any, given: Given) -> list[Line]:
    run = BULKS[name].run
    ready = [line.prospect for line in lines if line.ready]
    outcomes = run(ready, user, given) if run else {}
    done = [_after(line, outcomes) for line in lines]
    if name == "assign":
        _tell(given["to"], user, done)
    return _decided(done) if name == "approve" else done


def _after(line: Line, outcomes: Mapping[int, Refusal | None]) -> Line:
    if line.case.pk not in outcomes:
        return line.after(line.prospect.why_not, done=False)
    refused = outcomes[line.case.pk]
    if refused is None:
        return line.after(_("done"), done=True)
    if isinstance(refused, DatabaseError):
        return line.after(_("The database refused this one; open the case."), done=False)
    return line.after(_said(refused), done=False)


def _tell(to: User, by: User, done: Iterable[Line]) -> None:
    """One notice for all that was assigned; none to oneself."""
    count = sum(len(line.prospect.tasks) for line in done if line.done)
    if count and to.pk != by.pk:
        assignments.tell_of_many(to=to, count=count, by=by, key=uuid4().hex)


def _published(request: HttpRequest, lines: list[Line], form: Any) -> HttpResponse:
    """One notice for all that is ready, or none and the list again with what is wrong."""
    ready = [line.case.pk for line in lines if line.ready]
    notice = None
    if ready:
        user: Any = request.user
        notice = publishing.publish(ready, form, user) if form.is_valid() else None
        if notice is None:
            return _page(request, "publish", lines, form)
    told = _now("on notice %(number)s") % {"number": notice}
    done = [
        line.after(told if line.ready else line.prospect.why_not, done=line.ready) for line in lines
    ]
    return _page(request, "publish", done, finished=True)


def _checked(name: str, ready: list[Line], finished: bool) -> CheckedList | None:
    """What the list of cases to publish comes to, and what looks like a mistake in it."""
    shown = name == "publish" and bool(ready) and not finished
    return look([line.case for line in ready]) if shown else None


def _said(refused: ValidationError | PermissionDenied) -> str:
    return " ".join(refused.messages) if hasattr(refused, "messages") else str(refused)


def _page(
    request: HttpRequest, name: str, lines: list[Line], form: Any = None, *, finished: bool = False
) -> HttpResponse:
    ready = [line for line in lines if line.ready and line.done is not False]
    context = admin.site.each_context(request) | {
        "bulk": BULKS[name],
        "name": name,
        "title": BULKS[name].title,
        "opts": Application._meta,
        "lines": sorted(lines, key=lambda line: line.done is True) if finished else lines,
        "form": form,
        "checked": _checked(name, ready, finished),
        "count": len(ready),
        "left_out": len(lines) - len(ready),
        "total": sum((line.sum for line in ready), Decimal(0)),
        "finished": finished,
    }
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return TemplateResponse(request, TEMPLATE, context, status=status)
