"""Who sets a city's pools: its finance approvers."""

from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.models import City, User
from incentives.domain import pools
from incentives.models import Pool
from reviews.domain.roles import roles_of
from reviews.models.staff import Role


def set_pool(*, city: City, user: User, **values: Any) -> Pool:
    """See incentives.domain.pools.set_pool for the values."""
    if not roles_of(user).filter(role=Role.FINANCE_APPROVER, city=city).exists():
        raise NotAllowed(_("Pools are set by finance approvers."))
    return pools.set_pool(city=city, actor=user, **values)
