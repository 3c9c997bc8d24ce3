"""The first administrators of a city, made on the host itself when nobody can give a role yet."""

from collections.abc import Sequence

from django.db import transaction

from applicants.domain import staff_accounts
from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import City, User
from reviews.domain.staffing_checks import ADMINISTRATORS, require_fits, security_of
from reviews.models import StaffRole
from reviews.models.staff import Role


@transaction.atomic
def first_administrators(*, city: City, system: str, security: Sequence[str]) -> list[User]:
    """One system and at least two security administrators, by their addresses.

    Refused while the city has two security administrators: they give every further role.
    """
    City.objects.select_for_update().get(pk=city.pk)
    if security_of(city).count() >= ADMINISTRATORS:
        raise Refused("The city has its security administrators; they give every further role.")
    addresses = [address.strip().lower() for address in (system, *security)]
    if len(security) < ADMINISTRATORS or len(set(addresses)) < len(addresses):
        raise Refused("Name two security administrators at least, and everybody once.")
    wanted = [Role.SYSTEM, *[Role.SECURITY] * len(security)]
    return [_appoint(*one, city) for one in zip(addresses, wanted, strict=True)]


def _appoint(address: str, role: Role, city: City) -> User:
    user = User.objects.filter(email=address, is_staff=True).first()
    user = user or staff_accounts.open_account(email=address, name=str(role.label))
    require_fits(user, city, role, None)
    held, _created = StaffRole.objects.get_or_create(user=user, city=city, role=role, bureau=None)
    held.is_active, held.granted_by, held.confirmed_by = True, None, None
    held.ended_at, held.ended_by, held.reason = None, None, ""
    held.save()
    data = {"person": str(user), "role": role, "bureau": None}
    record(kind="staff_role.given", subject=f"user:{user.pk}", actor=None, city=city, data=data)
    staff_accounts.invite(user=user, city=city)
    return user
