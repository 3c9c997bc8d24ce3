"""Reads, each for somebody's eyes. Nothing lists cases without saying whose."""

from collections.abc import Collection

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from applicants.domain.succession import acted_for
from applicants.models import User
from incentives.models import Award, PayoutBatch
from incentives.policy.outcomes import CASE_TYPES, PAID
from reviews.domain.behalf import own_or_assisted
from reviews.domain.roles import bureaus_of, roles_of
from reviews.models import Application, ReviewTask
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskState

REVIEWING = (Role.PREPARER, Role.APPROVER, Role.LEADER)
FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
PAID_TYPES = [name for name, case_type in CASE_TYPES.items() if set(case_type.kinds) & PAID]
PAST_DETERMINATION = (
    CaseState.DETERMINED,
    CaseState.CHECKED,
    CaseState.PUBLICITY,
    CaseState.AWARDED,
    CaseState.CONCLUDED,
)


def own_cases(user: User) -> QuerySet[Application]:
    """What an applicant sees: the cases, drafts too, of the parties the user is a member of.

    Those of parties that went on as one of them too; a window clerk sees what was taken on.
    """
    own = Q(applicant__in=acted_for(user))
    return Application.objects.filter(own_or_assisted(user, own))


def cases_for_staff(user: User) -> QuerySet[Application]:
    """What staff see: the own bureau's cases, finance paid ones once determined, auditors all.

    Never a draft, and never a case of an organisation that the person belongs to.
    """
    roles = list(roles_of(user))
    reviewing = {role.bureau_id for role in roles if role.role in REVIEWING}
    eyes = Q(handling_bureau__in=reviewing) | was_asked(reviewing)
    for role in roles:
        if role.role in FINANCE:
            eyes |= Q(
                city=role.city_id,
                state__in=PAST_DETERMINATION,
                programme__case_type__in=PAID_TYPES,
            )
        if role.role == Role.AUDITOR:
            eyes |= Q(city=role.city_id)
    if not roles:
        return Application.objects.none()
    submitted = Application.objects.filter(number__isnull=False)
    return submitted.filter(eyes).exclude(applicant__in=acted_for(user))


def was_asked(bureaus: Collection[int | None]) -> Q:
    """Whether one of the bureaus has or had a task in the case.

    Looked up case by case: for an EXISTS beside an OR, PostgreSQL reads all tasks of the bureaus.
    """
    tasks = ReviewTask.objects.filter(application=OuterRef("pk"), bureau__in=bureaus)
    return Q(IsNull(Subquery(tasks.order_by().values("bureau")[:1]), False))


def cases_answered_for(user: User) -> QuerySet[Application]:
    """Cases whose objections and reconsiderations are the person's to answer, or to audit."""
    audited = roles_of(user).filter(role=Role.AUDITOR).values("city_id")
    handled = Q(handling_bureau__in=bureaus_of(user, [Role.APPROVER, Role.LEADER]))
    return cases_for_staff(user).filter(handled | Q(city__in=audited))


def open_tasks_for(user: User) -> QuerySet[ReviewTask]:
    """The open tasks of the person's bureaus, oldest deadline first."""
    bureaus = bureaus_of(user, [*REVIEWING, *FINANCE])
    return ReviewTask.objects.filter(
        state=TaskState.OPEN, bureau__in=bureaus, application__in=cases_for_staff(user)
    ).order_by("due_on", "id")


def awards_for(user: User) -> QuerySet[Award]:
    """Awards that a person may see: an applicant's own, a bureau's, the whole city's."""
    cities = _money_cities(user)
    own = Q(applicant__in=acted_for(user))
    bureaus = Q(bureau__in=bureaus_of(user, REVIEWING))
    return Award.objects.filter(own | bureaus | Q(city__in=cities))


def payout_batches_for(user: User) -> QuerySet[PayoutBatch]:
    return PayoutBatch.objects.filter(city__in=_money_cities(user))


def _money_cities(user: User) -> list[str]:
    roles = roles_of(user).filter(role__in=[*FINANCE, Role.AUDITOR])
    return list(roles.values_list("city_id", flat=True))
