"""The steps every verb shares: lock the case, check where it stands, move it, write it down."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.domain.events import record
from applicants.models import User
from reviews.domain import behalf, workflows, working_days
from reviews.models import Application
from reviews.models.lifecycle import CaseState


def locked(application_id: int, *expected: CaseState) -> Application:
    """The case, locked until commit. Raises Conflict when it is not where the caller saw it."""
    rows = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("city", "programme", "version", "applicant", "handling_bureau")
        .filter(pk=application_id)
    )
    # The join misses a case that passes to a successor while we wait for it: then look once more.
    case = rows.first() or rows.get()
    if case.state not in expected:
        raise Conflict(
            _("The case is now “%(state)s”; reload the page.") % {"state": case.get_state_display()}
        )
    return case


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


def note(
    case: Application,
    *,
    actor: User | None,
    event: str,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write what happened to the case; where a deputy acted, for whom (see interests.unbiased)."""
    told = (data or {}) | (absent(case.acting_for) if actor and case.acting_for else {})
    clerk = behalf.on_behalf(case, actor)
    told |= behalf.absent(case) if clerk else {}
    written = record(
        kind=event, subject=subject_of(case), actor=actor, city=case.city, reason=reason, data=told
    )
    if clerk:
        behalf.tell_of_step(case, written)


def absent(person: User) -> dict[str, Any]:
    """What an event keeps of the colleague for whom a deputy acted."""
    return {"for": {"id": person.pk, "name": str(person)}}


def subject_of(case: Application) -> str:
    """What the case's events are filed under; the draft's id stays its name to the end."""
    return f"case:{case.pk}"


def due(case: Application, key: str, *, start: date | None = None) -> date:
    """The last day of a period of the case, in the working days that its workflow gives it."""
    days = workflows.of(case).days(key)
    return working_days.add_working_days(start or working_days.today(), days)
