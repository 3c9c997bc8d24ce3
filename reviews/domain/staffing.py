"""Staff join, move and leave, and their roles: the security administrator's verbs.

A role is given by one person, never to oneself; one that signs for money, or gives others their
roles, is confirmed by a second. It ends at once, and with it every right: roles are read anew at
each request.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain import staff_accounts
from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.users import edit_user
from applicants.models import City, User
from incentives.models import Bureau
from reviews.domain import staffing_checks as checks
from reviews.domain import staffing_work as work
from reviews.domain.staffing_notices import tell_confirmers, tell_given
from reviews.models import StaffRole
from reviews.models.staff import CONFIRMED, Role

REASON = 300


@transaction.atomic
def join(
    *, email: str, name: str, city: City, role: Role, bureau: Bureau | None, by: User
) -> StaffRole:
    """Open an account for a new colleague, give the first role, and mail the invitation."""
    checks.require_security(by, city)
    user = staff_accounts.open_account(email=email, name=name)
    given = grant(user_id=user.pk, city=city, role=role, bureau=bureau, by=by)
    _record("staff.invited", user, city, by)
    staff_accounts.invite(user=user, city=city)
    return given


@transaction.atomic
def invite_again(*, user_id: int, city: City, by: User) -> None:
    """Mail a new link to someone who has not set a password yet."""
    user = _managed(user_id, city, by)
    if user.has_usable_password():
        raise Refused(_("This person has a password already and may ask for a new one."))
    _record("staff.invited", user, city, by)
    staff_accounts.invite(user=user, city=city)


@transaction.atomic
def grant(*, user_id: int, city: City, role: Role, bureau: Bureau | None, by: User) -> StaffRole:
    """Give a role. One of `CONFIRMED` waits until a second security administrator confirms it."""
    user = checks.locked(user_id)
    checks.require_other(user, by)
    checks.require_security(by, city)
    checks.require_fits(user, city, role, bureau)
    given = StaffRole.objects.filter(user=user, city=city, role=role, bureau=bureau).first()
    if given and (given.is_active or given.waits):
        raise Refused({"role": _("This person has this role already.")})
    given = given or StaffRole(user=user, city=city, role=role, bureau=bureau)
    given.granted_by, given.confirmed_by = by, None
    given.ended_by = given.ended_at = None
    given.reason, given.is_active = "", role not in CONFIRMED
    given.since = timezone.now()
    given.save()
    _record("staff_role.given", user, city, by, role=given)
    if given.is_active:
        tell_given(given)
    else:
        tell_confirmers(given)
    return given


@transaction.atomic
def confirm(*, role_id: int, by: User) -> StaffRole:
    """The second person's signature under a role that was granted."""
    role = checks.locked_role(role_id, by)
    if not role.waits:
        raise Conflict(_("This role does not wait for confirmation; reload the page."))
    if role.granted_by_id == by.pk:
        raise NotAllowed(_("A role is confirmed by someone who did not grant it."))
    checks.require_fits(role.user, role.city, Role(role.role), role.bureau)
    role.confirmed_by, role.is_active, role.since = by, True, timezone.now()
    role.save(update_fields=["confirmed_by", "is_active", "since"])
    _record("staff_role.confirmed", role.user, role.city, by, role=role)
    tell_given(role)
    return role


@transaction.atomic
def end_role(*, role_id: int, reason: str, by: User, hand_to: User | None = None) -> StaffRole:
    """End a role, or refuse one that waits for confirmation. Work in hand goes to `hand_to`, or
    back to the bureau's queue, once the person has no role in the bureau any more."""
    role = checks.locked_role(role_id, by)
    if not role.is_active and not role.waits:
        raise Conflict(_("This role has ended already."))
    _end([role], reason, by)
    left = StaffRole.objects.filter(user=role.user, bureau=role.bureau, is_active=True)
    if role.bureau and not left.exists():
        work.hand_over(user=role.user, bureau=role.bureau, to=hand_to, reason=reason, by=by)
        work.end_delegations(user=role.user, bureau=role.bureau, by=by)
    return role


@transaction.atomic
def move(
    *,
    user_id: int,
    from_bureau: Bureau,
    to_bureau: Bureau,
    reason: str,
    by: User,
    hand_to: User | None = None,
) -> list[StaffRole]:
    """End the roles in one bureau and give the same in another; signing roles wait as always.

    Roles of finance are not carried along: they are of one bureau's.
    """
    user = _managed(user_id, from_bureau.city, by)
    if to_bureau == from_bureau or to_bureau.city_id != from_bureau.city_id:
        raise Refused({"to_bureau": _("Choose another bureau of the city.")})
    held = _standing(user).filter(bureau=from_bureau)
    roles = list(held)
    if not roles:
        raise Refused({"from_bureau": _("This person has no role there.")})
    _end(roles, reason, by)
    work.hand_over(user=user, bureau=from_bureau, to=hand_to, reason=reason, by=by)
    work.end_delegations(user=user, bureau=from_bureau, by=by)
    carried = [Role(role.role) for role in roles if role.role in checks.CARRIED]
    _record("staff.moved", user, from_bureau.city, by, reason=reason, to=to_bureau.code)
    return [
        grant(user_id=user.pk, city=from_bureau.city, role=role, bureau=to_bureau, by=by)
        for role in carried
        if not _standing(user).filter(role=role, bureau=to_bureau).exists()
    ]


@transaction.atomic
def leave(*, user_id: int, city: City, reason: str, by: User, hand_to: User | None = None) -> User:
    """Somebody leaves the city's service: roles, delegations, sessions and API tokens end.

    Work in hand goes to `hand_to` where that colleague works too, else to the bureau's queue.
    The account closes too, unless the person has a role in another city or acts for a party.
    """
    user = _managed(user_id, city, by)
    roles = list(_standing(user).filter(city=city).select_related("bureau"))
    _end(roles, reason, by)
    bureaus = {role.bureau for role in roles if role.bureau}
    if hand_to is not None:
        work.require_colleague(user, hand_to, *bureaus)
    for bureau in bureaus:
        to = hand_to if hand_to and work.works_at(hand_to, bureau) else None
        work.hand_over(user=user, bureau=bureau, to=to, reason=reason, by=by)
        work.end_delegations(user=user, bureau=bureau, by=by)
    if _standing(user).exists():
        staff_accounts.end_sign_ins(user)
    else:
        staff_accounts.close_account(user)
    _record("staff.left", user, city, by, reason=reason)
    return user


@transaction.atomic
def sign_out(*, user_id: int, city: City, reason: str, by: User) -> None:
    """End all sessions and tokens of somebody, as when a device is lost; a new link is mailed."""
    user = _managed(user_id, city, by)
    checks.require_reason(reason)
    staff_accounts.end_sign_ins(user)
    _record("staff.signed_out", user, city, by, reason=reason)
    staff_accounts.invite(user=user, city=city)


@transaction.atomic
def rename(*, user_id: int, city: City, name: str, by: User) -> User:
    """Correct the name of one of the staff: the system administrator's."""
    user = checks.locked(user_id)
    checks.require_other(user, by)
    checks.require_holder(Role.SYSTEM, by, city)
    checks.require_of_city(user, city)
    before = str(user)
    edit_user(user=user, name=name, language=user.language)
    _record("staff.renamed", user, city, by, before=before)
    return user


@transaction.atomic
def unlock(*, user_id: int, city: City, by: User) -> int:
    """Lift the lock after failed sign-ins; returns how many counters were cleared."""
    user = _managed(user_id, city, by)
    cleared = staff_accounts.unlock(user)
    _record("staff.unlocked", user, city, by)
    return cleared


def _managed(user_id: int, city: City, by: User) -> User:
    """The person, locked: somebody else than who acts, with a role (or a past one) in the city."""
    user = checks.locked(user_id)
    checks.require_other(user, by)
    checks.require_security(by, city)
    checks.require_of_city(user, city)
    return user


def _standing(user: User) -> QuerySet[StaffRole]:
    """Active, or waiting for confirmation."""
    return StaffRole.objects.filter(user=user, ended_at=None).exclude(
        is_active=False, granted_by=None
    )


def _end(roles: Sequence[StaffRole], reason: str, by: User) -> None:
    checks.require_reason(reason)
    for role in roles:
        checks.require_another_administrator(role)
        role.is_active, role.ended_at, role.ended_by = False, timezone.now(), by
        role.reason = reason.strip()[:REASON]
        role.save(update_fields=["is_active", "ended_at", "ended_by", "reason"])
        _record("staff_role.ended", role.user, role.city, by, role=role, reason=reason)


def _record(
    kind: str,
    user: User,
    city: City,
    by: User,
    *,
    role: StaffRole | None = None,
    reason: str = "",
    **data: str,
) -> None:
    told: dict[str, str | None] = {"person": str(user), **data}
    if role:
        told |= {"role": role.role, "bureau": role.bureau.code if role.bureau else None}
    record(kind=kind, subject=f"user:{user.pk}", actor=by, city=city, reason=reason, data=told)
