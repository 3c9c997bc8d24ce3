"""Reversals of openings as finance works them: its preparer prepares, its approver signs."""

from collections.abc import Iterable

from django.db.models import QuerySet

from applicants.models import User
from incentives.domain import reversals
from incentives.domain.openings import OPENING, party_of
from incentives.models import ImportRow, OpeningReversal
from incentives.models.registry import ImportState
from incentives.models.reversal import ReversalState
from reviews.domain.paying import finance_bureau
from reviews.domain.roles import require, roles_of
from reviews.models.staff import Role

FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)


def reversals_for(user: User) -> QuerySet[OpeningReversal]:
    """Those of the cities in which the person is of finance, or an auditor."""
    held = roles_of(user).filter(role__in=[*FINANCE, Role.AUDITOR])
    rows = OpeningReversal.objects.filter(opening__of__city__in=held.values("city"))
    return rows.select_related("opening__of__city", "prepared_by", "approved_by")


def openings_for(user: User) -> QuerySet[ImportRow]:
    """Rows of lists that opened the books, of the cities in which the person prepares."""
    held = roles_of(user).filter(role=Role.FINANCE_PREPARER)
    rows = ImportRow.objects.filter(
        of__city__in=held.values("city"), of__kind__in=OPENING, of__state=ImportState.APPLIED
    )
    return rows.select_related("of__city")


def living(openings: Iterable[ImportRow]) -> dict[int, OpeningReversal]:
    """By opening: the reversal that waits or is approved."""
    found = OpeningReversal.objects.filter(opening__in=openings)
    return {one.opening_id: one for one in found.exclude(state=ReversalState.DROPPED)}


def prepare(*, opening_id: int, reason: str, evidence: str, user: User) -> OpeningReversal:
    """See incentives.domain.reversals.prepare."""
    opening = ImportRow.objects.select_related("of__city").get(pk=opening_id)
    _require(opening, user, Role.FINANCE_PREPARER)
    return reversals.prepare(opening=opening, reason=reason, evidence=evidence, user=user)


def approve(*, reversal_id: int, user: User) -> OpeningReversal:
    found = _found(reversal_id)
    _require(found.opening, user, Role.FINANCE_APPROVER)
    reversals.approve(reversal=found, user=user)
    return _found(reversal_id)


def drop(*, reversal_id: int, reason: str, user: User) -> OpeningReversal:
    found = _found(reversal_id)
    _require(found.opening, user, *FINANCE)
    reversals.drop(reversal=found, reason=reason, user=user)
    return _found(reversal_id)


def _found(reversal_id: int) -> OpeningReversal:
    return OpeningReversal.objects.select_related("opening__of__city").get(pk=reversal_id)


def _require(opening: ImportRow, user: User, *roles: Role) -> None:
    """Of finance, and no member of the organisation that would have its room again."""
    bureau = finance_bureau(opening.of.city_id)
    require(user, *roles, bureau=bureau, applicant=party_of(opening))
