from django.db.models import QuerySet

from applicants.models import City, User
from reviews.domain.queries import FINANCE
from reviews.domain.roles import roles_of
from reviews.models.staff import Role

WATCHING = (*FINANCE, Role.AUDITOR)  # those whose eyes the ledger is for


def cities_of(user: User, *roles: Role) -> QuerySet[City]:
    """The cities in which the person holds one of the roles; any role when none is named."""
    held = roles_of(user).filter(role__in=roles) if roles else roles_of(user)
    return City.objects.filter(pk__in=held.values("city"))
