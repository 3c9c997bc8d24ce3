"""The finance check of a determined case, by someone who neither proposed nor approved it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import User
from incentives.domain import credit
from incentives.models import CreditListing
from reviews.domain import checking, undoing
from reviews.domain.assessing import rules
from reviews.domain.cases import due, locked, move
from reviews.domain.interests import entitled
from reviews.domain.reserving import finance_of
from reviews.domain.tasks import finish, open_task, open_task_of
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind


@transaction.atomic
def check(*, case_id: int, user: User, note: str) -> Application:
    """Account, funding source, duplicates and credit are in order: the case may be made public."""
    case = _with_money(case_id, CaseState.DETERMINED)
    finance = finance_of(case)
    entitled(case, user, Role.FINANCE_PREPARER, bureau=finance)
    determination = _approved(case)
    checking.require_apart(case, user)
    if not note.strip():
        raise Refused({"note": _("State what was checked.")})
    determination.checked_by, determination.checked_at = user, timezone.now()
    determination.check_note = note.strip()
    determination.save(update_fields=["checked_by", "checked_at", "check_note"])
    finish(open_task_of(case, TaskKind.FINANCE_CHECK, bureau=finance))
    deadline = due(case, "publication_days")
    open_task(case, TaskKind.PUBLICITY, bureau=case.handling_bureau, due_on=deadline)
    move(
        case,
        CaseState.CHECKED,
        actor=user,
        event="finance.checked",
        reason=note,
        due_on=deadline,
    )
    return case


def listings(case: Application) -> list[CreditListing]:
    """The applicant's and its payees' places on lists of bad credit today; finance judges them."""
    parties = [case.applicant_id, *case.payee_shares.values_list("party", flat=True)]
    found = credit.listings_of(case.city, parties)
    return list({one.pk: one for some in found.values() for one in some}.values())


@transaction.atomic
def hand_back(*, case_id: int, user: User, reason: str) -> Application:
    """Finance does not pass the case: the reservation is given back, the bureau determines anew."""
    case = _with_money(case_id, CaseState.DETERMINED, CaseState.CHECKED)
    entitled(case, user, Role.FINANCE_PREPARER, bureau=finance_of(case))
    if not reason.strip():
        raise Refused({"reason": _("State what the handling bureau has to change.")})
    undoing.void_determination(case, actor=user, reason=reason)
    undoing.determine_anew(case, actor=user, event="finance.handed_back", reason=reason)
    return case


def _with_money(case_id: int, *expected: CaseState) -> Application:
    case = locked(case_id, *expected)
    if not rules(case).outcome.pays:
        raise Conflict(_("No money is paid in this case; finance has nothing to check."))
    return case


def _approved(case: Application) -> Determination:
    return case.determinations.select_for_update().get(state=DeterminationState.APPROVED)
