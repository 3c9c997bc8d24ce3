"""What has to hold before a role is given or ends: who may, to whom, and beside which others."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.models import City, User
from incentives.models import Bureau
from reviews.models import StaffRole
from reviews.models.staff import ALONE, BUREAU_ROLES, Role

CARRIED = (Role.PREPARER, Role.APPROVER, Role.LEADER)
FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
ADMINISTRATORS = 2
"""Security administrators that a city keeps: one grants, another confirms."""


def locked(user_id: int) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotAllowed(_("This person is not of your city's staff."))
    return user


def locked_role(role_id: int, by: User) -> StaffRole:
    """The role, with its person locked, if the person who acts may administer it."""
    found = StaffRole.objects.filter(pk=role_id).values_list("user_id", flat=True).first()
    user = locked(found or 0)
    role = StaffRole.objects.select_related("city", "bureau").get(pk=role_id)
    role.user = user
    require_other(user, by)
    require_security(by, role.city)
    return role


def require_security(by: User, city: City) -> None:
    require_holder(Role.SECURITY, by, city)


def require_holder(role: Role, by: User, city: City) -> None:
    if not holders(role, city).filter(user=by.pk).exists():
        told = {"role": role.label, "city": city}
        raise NotAllowed(_("This belongs to the %(role)s of %(city)s.") % told)


def require_of_city(user: User, city: City) -> None:
    if not StaffRole.objects.filter(user=user, city=city).exists():
        raise NotAllowed(_("This person is not of your city's staff."))


def require_other(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise NotAllowed(_("Nobody gives, confirms or ends a role of one's own."))


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused({"reason": _("Give the reason; auditors read it.")})


def require_fits(user: User, city: City, role: Role, bureau: Bureau | None) -> None:
    """The bureau belongs to the role and the city, and no other role stands in its way."""
    if (role in BUREAU_ROLES) != (bureau is not None):
        named = _("Choose the bureau.") if bureau is None else _("This role is of the whole city.")
        raise Refused({"bureau": named})
    if bureau and bureau.city_id != city.pk:
        raise Refused({"bureau": _("Choose a bureau of the city.")})
    if role in FINANCE and bureau and bureau.code != "finance":
        raise Refused({"bureau": _("Payments are prepared and approved at the finance bureau.")})
    others = StaffRole.objects.filter(user=user, is_active=True).exclude(role=role)
    apart = others if role in ALONE else others.filter(role__in=ALONE)
    if apart.exists():
        told = _("System administrators, security administrators and auditors hold no other role.")
        raise Refused({"role": told})


def require_another_administrator(role: StaffRole) -> None:
    """A city without two security administrators could not give a signing role any more."""
    if role.role != Role.SECURITY or not role.is_active:
        return
    City.objects.select_for_update(no_key=True).get(pk=role.city_id)  # two may not end each other
    if security_of(role.city).exclude(user=role.user_id).count() < ADMINISTRATORS:
        raise Refused(_("The city keeps two security administrators; appoint another one first."))


def security_of(city: City) -> QuerySet[StaffRole]:
    return holders(Role.SECURITY, city)


def holders(role: Role, city: City) -> QuerySet[StaffRole]:
    return StaffRole.objects.filter(
        city=city, role=role, is_active=True, user__is_active=True, user__is_staff=True
    )
