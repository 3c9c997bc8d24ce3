"""Conflicts of interest (回避): whoever acts in a case has declared to have none beforehand."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.succession import tied
from applicants.models import User
from incentives.models import Bureau
from reviews.domain.behalf import ever_assisted
from reviews.domain.cases import note
from reviews.domain.handovers import give_up
from reviews.domain.queries import cases_for_staff
from reviews.domain.roles import has_role, lender_of, require
from reviews.models import Application, CaseReading, Declaration
from reviews.models.staff import Role


@transaction.atomic
def declare(*, case_id: int, user: User, conflict: bool, reason: str = "") -> Declaration:
    """Declare to have, or not to have, an interest in a case that one's bureau works on.

    A conflict leaves the case to the others of the bureau; it can be declared at any time and is
    not taken back by declaring again.
    """
    case = cases_for_staff(user).select_related("city").filter(pk=case_id).first()
    if case is None:
        raise NotAllowed(_("You have no part in this case."))
    if conflict and not reason.strip():
        raise Refused({"reason": _("Say what kind of conflict it is.")})
    if not conflict and has_conflict(case, user):
        raise NotAllowed(_("You have declared a conflict of interest in this case."))
    declaration = Declaration.objects.create(
        application=case, user=user, conflict=conflict, reason=reason.strip()
    )
    if conflict:
        give_up(case, user, reason=declaration.reason)
    note(
        case,
        actor=user,
        event="interest.conflict" if conflict else "interest.none",
        reason=declaration.reason,
    )
    return declaration


def has_conflict(case: Application, user: User) -> bool:
    """By the own declaration, by belonging to the applicant, or by having filed for it."""
    declared = Declaration.objects.filter(application=case, user=user, conflict=True).exists()
    return declared or tied(case.applicant, user) or ever_assisted(case, user)


def has_declared(case: Application, user: User) -> bool:
    return Declaration.objects.filter(application=case, user=user).exists()


def entitled(case: Application, user: User, *roles: Role, bureau: Bureau) -> None:
    """Raises NotAllowed unless the person holds the role there and declared to have no conflict."""
    unbiased(case, user, *roles, bureau=bureau)
    if not has_declared(case, user):
        raise NotAllowed(_("Declare first that you have no conflict of interest in this case."))


def unbiased(case: Application, user: User, *roles: Role, bureau: Bureau) -> None:
    """As `entitled`, for steps that open nothing of the case: an undeclared tie is enough to stop.

    Whoever acts as a deputy is noted on the case, so that its events say for whom.
    """
    require(user, *roles, bureau=bureau, applicant=case.applicant)
    if has_conflict(case, user):
        raise NotAllowed(_("You have declared a conflict of interest in this case."))
    case.acting_for = lender_of(user, *roles, bureau=bureau)


def decided(case: Application, user: User) -> bool:
    """Whether the person proposed, signed or checked a determination of the case."""
    signed = Q(proposed_by=user) | Q(approved_by=user) | Q(checked_by=user)
    return case.determinations.filter(signed | Q(signatures__signed_by=user)).exists()


def opens_to(case: Application, user: User) -> bool:
    """Whether the contents open: to auditors, and to whoever declared to have no interest."""
    if has_conflict(case, user):
        return False
    return has_role(user, Role.AUDITOR) or has_declared(case, user)


def log_reading(case: Application, user: User, door: str) -> None:
    CaseReading.objects.create(application=case, user=user, door=door)
