"""Taking a decision back: the determination is void and what it reserved is free again."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import User
from incentives.domain import money
from incentives.models import Award
from reviews.domain import exceeding, tasks
from reviews.domain.cases import due, locked, move
from reviews.domain.interests import entitled
from reviews.domain.reserving import finance_of
from reviews.domain.tasks import open_task
from reviews.models import Application
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind

BACK: Mapping[CaseState, tuple[CaseState, ...]] = {
    CaseState.DETERMINED: (CaseState.ACCEPTED,),
    CaseState.CHECKED: (CaseState.DETERMINED, CaseState.ACCEPTED),
    CaseState.PUBLICITY: (CaseState.ACCEPTED,),
}
"""Where a leader may hand a case back to, one or more stages, from where it stands."""


def void_determination(case: Application, *, actor: User, reason: str) -> None:
    """Void the living determination of a locked case and release its reservation, if any."""
    reserved = Award.objects.filter(city=case.city, case_number=case.number, state="reserved")
    for award in reserved:
        money.release(award=award, at=timezone.now(), actor=actor, reason=reason)
    for one in case.determinations.select_for_update().filter(
        state__in=[DeterminationState.PROPOSED, DeterminationState.APPROVED]
    ):
        standing = one.state == DeterminationState.APPROVED
        one.state = DeterminationState.VOID if standing else DeterminationState.SENT_BACK
        one.save(update_fields=["state"])
    exceeding.lapse(case)


@transaction.atomic
def hand_back(*, case_id: int, to: CaseState, reason: str, user: User) -> Application:
    """Hand a decided case back one or more stages, by a leader of the handling bureau."""
    case = locked(case_id, *BACK)
    entitled(case, user, Role.LEADER, bureau=case.handling_bureau)
    if not reason.strip():
        raise Refused({"reason": _("State why the case goes back and what has to change.")})
    if to not in BACK[CaseState(case.state)]:
        raise Conflict(_("The case cannot be handed back to that stage from here."))
    if to == CaseState.DETERMINED:
        return to_finance(case, user, reason)
    void_determination(case, actor=user, reason=reason)
    determine_anew(case, actor=user, event="case.handed_back", reason=reason)
    return case


def to_finance(
    case: Application, user: User, reason: str, event: str = "case.handed_back"
) -> Application:
    """Have finance check a locked, checked case anew."""
    tasks.cancel_open(case)
    determination = case.determinations.get(state=DeterminationState.APPROVED)
    determination.checked_by = determination.checked_at = None
    determination.check_note = ""
    determination.save(update_fields=["checked_by", "checked_at", "check_note"])
    deadline = due(case, "finance_check_days")
    open_task(case, TaskKind.FINANCE_CHECK, bureau=finance_of(case), due_on=deadline)
    move(
        case,
        CaseState.DETERMINED,
        actor=user,
        event=event,
        reason=reason,
        due_on=deadline,
    )
    return case


def determine_anew(case: Application, *, actor: User, event: str, reason: str) -> None:
    """Back to the handling bureau's table, with a full period to determine."""
    tasks.cancel_open(case)
    deadline = due(case, "determination_days")
    open_task(case, TaskKind.DETERMINATION, bureau=case.handling_bureau, due_on=deadline)
    move(case, CaseState.ACCEPTED, actor=actor, event=event, reason=reason, due_on=deadline)
