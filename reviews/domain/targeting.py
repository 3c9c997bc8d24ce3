"""Who writes what about a target: its bureau its values, policy editors the bureau."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.models import User
from incentives.domain import targets_entering
from incentives.models import Bureau, Target, TargetActual
from reviews.domain.roles import has_role, roles_of
from reviews.models.staff import Role


def enter_actual(
    *, target: Target, year: int, value: Decimal, as_of: date, source: str, user: User
) -> TargetActual:
    """Enter what was reached in a year, in the target's unit; a correction is a newer entry."""
    if not may_enter(target, user):
        raise NotAllowed(_("Values are entered by a preparer of the bureau set for the target."))
    return targets_entering.enter(
        target=target, year=year, value=value, as_of=as_of, source=source, actor=user
    )


def set_bureau(*, target: Target, bureau: Bureau | None, user: User) -> None:
    """Make a bureau of the city responsible for a target."""
    if not may_set_bureau(target, user):
        raise NotAllowed(_("The bureau of a target is set by policy editors."))
    targets_entering.make_responsible(target=target, bureau=bureau, actor=user)


def may_enter(target: Target, user: User) -> bool:
    return target.bureau is not None and has_role(user, Role.PREPARER, bureau=target.bureau)


def may_set_bureau(target: Target, user: User) -> bool:
    return roles_of(user).filter(role=Role.POLICY_EDITOR, city=target.city_id).exists()
