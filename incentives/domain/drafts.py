"""A new wording of a programme's rules on its way to the one who publishes it.

Who may edit is for the caller to know (reviews.domain.drafting); that nobody publishes what they
drafted themselves holds here, and in the database.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import User
from incentives.domain.draft_text import read_draft, written_of
from incentives.domain.language import chosen
from incentives.models import Programme, ProgrammeDraft
from incentives.models.draft import DraftState
from incentives.policy.yamlfile import FileProblem

SHOWN = 5


@transaction.atomic
def start_draft(*, programme: Programme, actor: User) -> ProgrammeDraft:
    """Begin with the text of the newest version: in force, or scheduled to be."""
    version = programme.versions.order_by("-number")[0]
    draft = ProgrammeDraft.objects.create(
        programme=programme, based_on=version, written=written_of(version), drafted_by=actor
    )
    tell(draft, "started", actor, version=version.number)
    return draft


@transaction.atomic
def save_draft(
    *,
    draft_id: int,
    written: str,
    actor: User,
    basis: str = "",
    in_force_from: date | None = None,
) -> list[FileProblem]:
    """Keep the text, faulty or not; returns every fault with its line and what to write."""
    draft = locked(draft_id, DraftState.DRAFT)
    require_drafter(draft, actor)
    draft.written = written.replace("\r\n", "\n")
    draft.basis, draft.in_force_from = basis.strip(), in_force_from
    draft.save(update_fields=["written", "basis", "in_force_from", "changed_at"])
    return read_draft(draft.written, draft.programme)[1]


@transaction.atomic
def submit_draft(*, draft_id: int, actor: User) -> ProgrammeDraft:
    """Hand it over to be published: refused while it is faulty, red, loose or changes nothing."""
    draft = locked(draft_id, DraftState.DRAFT)
    require_drafter(draft, actor)
    require_sound(draft, thorough=True)
    return moved(draft, DraftState.SUBMITTED, "submitted", actor)


@transaction.atomic
def return_draft(*, draft_id: int, reason: str, actor: User) -> ProgrammeDraft:
    """Back to the person who drafted it, with what is to be changed."""
    draft = locked(draft_id, DraftState.SUBMITTED)
    if not reason.strip():
        raise Refused({"reason": _("State what is to be changed.")})
    return moved(draft, DraftState.DRAFT, "returned", actor, reason=reason.strip())


@transaction.atomic
def withdraw_draft(*, draft_id: int, actor: User) -> ProgrammeDraft:
    draft = locked(draft_id, DraftState.DRAFT)
    require_drafter(draft, actor)
    return moved(draft, DraftState.WITHDRAWN, "withdrawn", actor)


def require_drafter(draft: ProgrammeDraft, actor: User) -> None:
    if draft.drafted_by_id != actor.pk:
        raise NotAllowed(
            _("Only the person who drafts it writes in it; start a draft of your own.")
        )


def require_sound(draft: ProgrammeDraft, *, thorough: bool) -> Any:
    """The rules of a text without fault; raises Refused with the first faults and their lines."""
    rules, faults = read_draft(draft.written, draft.programme, thorough=thorough)
    if faults:
        raise Refused({"written": [said(fault) for fault in faults[:SHOWN]]})
    return rules


def said(fault: FileProblem) -> str:
    return _("Line %(line)s, %(where)s: %(problem)s; %(expected)s") % {
        "line": fault.line,
        "where": fault.where or "—",
        "problem": chosen(fault.problem),
        "expected": chosen(fault.expected),
    }


def locked(draft_id: int, *states: DraftState) -> ProgrammeDraft:
    drafts = ProgrammeDraft.objects.select_for_update(of=("self",)).select_related("programme")
    draft = drafts.get(pk=draft_id)
    if draft.state not in states:
        raise Conflict(
            _("The draft is now “%(state)s”; reload the page.")
            % {"state": draft.get_state_display()}
        )
    return draft


def moved(
    draft: ProgrammeDraft, state: DraftState, event: str, actor: User, reason: str = ""
) -> ProgrammeDraft:
    draft.state = state
    draft.save(update_fields=["state", "changed_at"])
    tell(draft, event, actor, reason=reason)
    return draft


def tell(draft: ProgrammeDraft, event: str, actor: User, reason: str = "", **data: Any) -> None:
    record(
        kind=f"draft.{event}",
        subject=draft.programme.code,
        actor=actor,
        city=draft.programme.city,
        reason=reason,
        data={"draft": draft.pk, **data},
    )
