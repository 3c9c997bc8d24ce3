"""The opinion of a responsible bureau: prepared by one person, given by another."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.models import Bureau
from reviews.domain.cases import locked, note
from reviews.domain.roles import require
from reviews.domain.tasks import finish, open_task_of
from reviews.models import Application, Opinion
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind


@transaction.atomic
def prepare_opinion(
    *, case_id: int, bureau: Bureau, position: Position, text: str, user: User
) -> Opinion:
    """Write, or write anew, what the bureau is going to say; valid once its approver gives it."""
    case = locked(case_id, CaseState.ACCEPTED)
    require(user, Role.PREPARER, bureau=bureau, applicant=case.applicant)
    task = open_task_of(case, TaskKind.OPINION, bureau=bureau)
    if position == Position.OBJECT and not text.strip():
        raise Refused({"text": _("An objecting opinion states its reason.")})
    opinion, _created = Opinion.objects.update_or_create(
        task=task,
        defaults={
            "position": position,
            "text": text,
            "prepared_by": user,
            "prepared_at": timezone.now(),
        },
    )
    _note(case, opinion, user, "opinion.prepared")
    return opinion


@transaction.atomic
def approve_opinion(*, case_id: int, bureau: Bureau, user: User) -> Opinion:
    case = locked(case_id, CaseState.ACCEPTED)
    require(user, Role.APPROVER, bureau=bureau, applicant=case.applicant)
    task = open_task_of(case, TaskKind.OPINION, bureau=bureau)
    opinion = Opinion.objects.filter(task=task).first()
    if opinion is None:
        raise Conflict(_("The bureau's preparer has not written an opinion yet."))
    if opinion.prepared_by_id == user.pk:
        raise NotAllowed(_("An opinion is approved by someone who did not prepare it."))
    opinion.approved_by, opinion.approved_at = user, timezone.now()
    opinion.save(update_fields=["approved_by", "approved_at"])
    finish(task)
    _note(case, opinion, user, "opinion.given")
    return opinion


def _note(case: Application, opinion: Opinion, user: User, event: str) -> None:
    data = {"bureau": opinion.task.bureau.code, "position": opinion.position}
    note(case, actor=user, event=event, reason=opinion.text, data=data)
