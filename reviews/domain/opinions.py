"""The opinion of a responsible bureau: prepared by one person, given by another."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Document, User
from incentives.models import Bureau
from incentives.models.bureau import BureauKind
from reviews.domain import staff_papers
from reviews.domain.cases import due, locked, note
from reviews.domain.interests import entitled
from reviews.domain.tasks import finish, open_task, open_task_of
from reviews.models import Application, Opinion, ReviewTask
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind, TaskState


@transaction.atomic
def prepare_opinion(
    *,
    case_id: int,
    bureau: Bureau,
    position: Position,
    text: str,
    user: User,
    papers: Sequence[Document] = (),
) -> Opinion:
    """Write, or write anew, what the bureau is going to say; valid once its approver gives it."""
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.PREPARER, bureau=bureau)
    task = open_task_of(case, TaskKind.OPINION, bureau=bureau)
    if position in (Position.OBJECT, Position.ASK) and not text.strip():
        raise Refused({"text": _("An opinion that objects or asks says so in words.")})
    opinion, _created = Opinion.objects.update_or_create(
        task=task,
        defaults={
            "position": position,
            "text": text,
            "prepared_by": user,
            "prepared_at": timezone.now(),
        },
    )
    staff_papers.attach(opinion, papers, user)
    _note(case, opinion, user, "opinion.prepared")
    return opinion


@transaction.atomic
def approve_opinion(*, case_id: int, bureau: Bureau, user: User, agreeing: bool = False) -> Opinion:
    """Give what the preparer wrote; with `agreeing` only where it agrees, as it was listed."""
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.APPROVER, bureau=bureau)
    task = open_task_of(case, TaskKind.OPINION, bureau=bureau)
    _require_parts_given(task)
    opinion = Opinion.objects.filter(task=task).first()
    if opinion is None:
        raise Conflict(_("The bureau's preparer has not written an opinion yet."))
    if agreeing and opinion.position != Position.AGREE:
        raise Conflict(_("The opinion does not simply agree: open the case."))
    if opinion.prepared_by_id == user.pk:
        raise NotAllowed(_("An opinion is approved by someone who did not prepare it."))
    opinion.approved_by, opinion.approved_at = user, timezone.now()
    opinion.save(update_fields=["approved_by", "approved_at"])
    finish(task)
    _note(case, opinion, user, "opinion.given")
    return opinion


@transaction.atomic
def ask_part(*, case_id: int, bureau: Bureau, of: Bureau, question: str, user: User) -> ReviewTask:
    """Ask another bureau or a district for its opinion on a part, before giving the own one."""
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.PREPARER, bureau=bureau)
    task = open_task_of(case, TaskKind.OPINION, bureau=bureau)
    if not question.strip():
        raise Refused({"question": _("Write what you ask.")})
    if of.city_id != case.city_id or of.kind == BureauKind.COLLECTIVE:
        raise Refused({"of": _("Choose a bureau or district of the city.")})
    if of in (bureau, case.handling_bureau) or _is_asked(case, of):
        raise Refused({"of": _("This bureau has a part in the case already.")})
    deadline = due(case, "opinion_days")
    part = open_task(
        case, TaskKind.OPINION, bureau=of, due_on=deadline, part_of=task, question=question.strip()
    )
    data = {"bureau": bureau.code, "of": of.code}
    note(case, actor=user, event="opinion.part_asked", reason=part.question, data=data)
    return part


def _is_asked(case: Application, bureau: Bureau) -> bool:
    living = [TaskState.OPEN, TaskState.PAUSED, TaskState.DONE]
    return case.tasks.filter(kind=TaskKind.OPINION, bureau=bureau, state__in=living).exists()


def _require_parts_given(task: ReviewTask) -> None:
    waiting = task.parts.filter(state=TaskState.OPEN).select_related("bureau")
    names = "、".join(str(part.bureau) for part in waiting)
    if names:
        raise Conflict(_("Parts are still to be answered by: %s.") % names)


def _note(case: Application, opinion: Opinion, user: User, event: str) -> None:
    data = {"bureau": opinion.task.bureau.code, "position": opinion.position}
    note(case, actor=user, event=event, reason=opinion.text, data=data)
