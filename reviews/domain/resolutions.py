"""Objecting and asking bureaus: no determination is proposed before each of them is answered."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import Document, User
from reviews.domain import staff_papers, tasks
from reviews.domain.cases import due, locked, note
from reviews.domain.interests import entitled
from reviews.models import Application, Opinion, Resolution
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind, TaskState

OPEN_POSITIONS = (Position.OBJECT, Position.ASK)


@transaction.atomic
def resolve(
    *,
    case_id: int,
    opinion_id: int,
    kind: ResolutionKind,
    text: str,
    user: User,
    held_on: date | None = None,
    present: str = "",
    document: Document | None = None,
) -> Resolution:
    """Resolve an objection by a written reason or a joint meeting (联席会议), or answer a question.

    A bureau that asked gives its opinion anew, with the answer before it.
    """
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.PREPARER, Role.APPROVER, Role.LEADER, bureau=case.handling_bureau)
    opinion = next((one for one in unresolved(case) if one.pk == opinion_id), None)
    if opinion is None:
        raise Conflict(_("This opinion does not wait for an answer; reload the page."))
    _require_said(kind, text, held_on, present)
    staff_papers.require_own([document] if document else [], user, field="document")
    resolution = Resolution.objects.create(
        opinion=opinion,
        kind=kind,
        text=text.strip(),
        held_on=held_on,
        present=present.strip(),
        document=document,
        resolved_by=user,
    )
    note(
        case,
        actor=user,
        event="opinion.answered" if opinion.position == Position.ASK else "objection.resolved",
        reason=resolution.text,
        data={"bureau": opinion.task.bureau.code, "by": kind},
    )
    if opinion.position == Position.ASK:
        _ask_again(case, opinion, resolution.text)
    return resolution


def _require_said(kind: ResolutionKind, text: str, held_on: date | None, present: str) -> None:
    problems = {}
    if not text.strip():
        problems["text"] = _("Write the reason, or what the meeting decided.")
    if kind == ResolutionKind.MEETING and held_on is None:
        problems["held_on"] = _("Write the day of the meeting.")
    if kind == ResolutionKind.MEETING and not present.strip():
        problems["present"] = _("Write which bureaus were present.")
    if problems:
        raise Refused(problems)


def _ask_again(case: Application, opinion: Opinion, answer: str) -> None:
    opinion.task.state = TaskState.SUPERSEDED
    opinion.task.save(update_fields=["state"])
    tasks.open_task(
        case,
        TaskKind.OPINION,
        bureau=opinion.task.bureau,
        due_on=due(case, "opinion_days"),
        question=answer,
    )


def unresolved(case: Application) -> list[Opinion]:
    """Opinions given that object or ask, and have no answer yet, in the order they were asked."""
    given = Opinion.objects.filter(
        task__application=case,
        task__kind=TaskKind.OPINION,
        task__state=TaskState.DONE,
        position__in=OPEN_POSITIONS,
        resolution=None,
    )
    return list(given.select_related("task__bureau").order_by("task_id"))
