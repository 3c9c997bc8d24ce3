"""Roles lent for an absence: while a delegation runs, its deputy may act for the absent person."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from applicants.models import User
from reviews.domain import working_days
from reviews.models import Delegation, StaffRole


def running() -> QuerySet[Delegation]:
    """Delegations that hold today, the last day included."""
    today = working_days.today()
    return Delegation.objects.filter(ended_at=None, starts_on__lte=today, ends_on__gte=today)


def held_or_lent(user: User) -> Q:
    """Of staff roles: the person's own, and those of colleagues whose deputy the person is today.

    A colleague who has left lends nothing, and a deputy who has left the bureau borrows nothing.
    """
    own = StaffRole.objects.filter(user=user.pk, is_active=True, bureau=OuterRef("bureau"))
    mine = running().filter(Exists(own), deputy=user.pk)
    lent = StaffRole.objects.filter(
        Exists(mine.filter(user=OuterRef("user"), bureau=OuterRef("bureau"))),
        user__is_active=True,
        user__is_staff=True,
    )
    return Q(user=user.pk) | Q(pk__in=lent.values("pk"))
