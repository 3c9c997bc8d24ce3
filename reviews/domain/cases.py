"""The steps every verb shares: lock the case, check where it stands, move it, write it down."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.domain.events import record
from applicants.models import Event, User
from reviews.domain import behalf, workflows, working_days
from reviews.models import Application
from reviews.models.lifecycle import CaseState


def locked(application_id: int, *expected: CaseState) -> Application:
    """The case, locked until commit. Raises Conflict when it is not where the caller saw it."""
    rows = _for_update().filter(pk=application_id)
    # The join misses a case that passes to a successor while we wait for it: then look once more.
    case = rows.first() or rows.get()
    if case.state not in expected:
        raise Conflict(
            _("The case is now “%(state)s”; reload the page.") % {"state": case.get_state_display()}
        )
    return case


def locked_many(keys: Collection[int], state: CaseState) -> dict[int, Application]:
    """Those of the cases that are in the state, each locked until commit, in the one order.

    Locked first and joined then: a join misses a case that passes to a successor meanwhile.
    """
    rows = Application.objects.select_for_update(no_key=True).filter(pk__in=keys, state=state)
    held = list(rows.order_by("pk").values_list("pk", flat=True))
    beside = ("city", "version", "programme__document", "applicant__district", "handling_bureau")
    return {
        case.pk: case
        for case in Application.objects.select_related(*beside).filter(pk__in=held).order_by("pk")
    }


def _for_update() -> QuerySet[Application]:
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("city", "programme", "version", "applicant", "handling_bureau")


def move(
    case: Application,
    to: CaseState,
    *,
    actor: User | None,
    event: str,
    reason: str = "",
    due_on: date | None = None,
    data: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move a locked case and write the event; other fields that change with the step ride along."""
    case.state, case.due_on = to, due_on
    if to == CaseState.RETURNED and due_on:
        today = working_days.today()
        fields |= {"due_from": today, "due_days": working_days.count_between(today, due_on)}
    for name, value in fields.items():
        setattr(case, name, value)
    case.save(update_fields=["state", "due_on", *fields])
    note(case, actor=actor, event=event, reason=reason, data=data)


@dataclass(frozen=True, slots=True)
class Step:
    """What a case moves on with, where many move together."""

    case: Application
    due_on: date
    reason: str
    data: dict[str, Any]


def move_many(steps: Sequence[Step], to: CaseState, *, actor: User, event: str) -> None:
    """As `move`, for locked cases of which the actor is nobody's window clerk: three queries."""
    for step in steps:
        step.case.state, step.case.due_on = to, step.due_on
    Application.objects.bulk_update([step.case for step in steps], ["state", "due_on"])
    Event.objects.bulk_create(
        Event(kind=event, actor=actor, reason=step.reason, **_about(step.case, actor, step.data))
        for step in steps
    )


def note(
    case: Application,
    *,
    actor: User | None,
    event: str,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write what happened to the case; where a deputy acted, for whom (see interests.unbiased)."""
    clerk = behalf.on_behalf(case, actor)
    told = (data or {}) | (behalf.absent(case) if clerk else {})
    written = record(kind=event, actor=actor, reason=reason, **_about(case, actor, told))
    if clerk:
        behalf.tell_of_step(case, written)


def _about(case: Application, actor: User | None, data: dict[str, Any]) -> dict[str, Any]:
    told = data | (absent(case.acting_for) if actor and case.acting_for else {})
    return {"subject": subject_of(case), "city": case.city, "data": told}


def absent(person: User) -> dict[str, Any]:
    """What an event keeps of the colleague for whom a deputy acted."""
    return {"for": {"id": person.pk, "name": str(person)}}


def subject_of(case: Application) -> str:
    """What the case's events are filed under; the draft's id stays its name to the end."""
    return f"case:{case.pk}"


def due_many(cases: Sequence[Application], key: str) -> dict[Application, date]:
    """As `due`, from today: each number of days is counted once."""
    periods = {case: workflows.of(case).days(key) for case in cases}
    today = working_days.today()
    last = {days: working_days.add_working_days(today, days) for days in set(periods.values())}
    return {case: last[days] for case, days in periods.items()}


def due(case: Application, key: str, *, start: date | None = None) -> date:
    """The last day of a period of the case, in the working days that its workflow gives it."""
    days = workflows.of(case).days(key)
    return working_days.add_working_days(start or working_days.today(), days)
