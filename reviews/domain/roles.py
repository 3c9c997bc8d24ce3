"""Who may do what, and for which bureau. Read anew at each request: a role ended is a role gone."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.domain.succession import tied
from applicants.models import Party, User
from incentives.models import Bureau
from reviews.domain.lending import held_or_lent
from reviews.models import StaffRole
from reviews.models.staff import Role


def roles_of(user: User) -> QuerySet[StaffRole]:
    """The roles held, and those lent for an absence; their `user` says whose they are."""
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return StaffRole.objects.none()
    return StaffRole.objects.filter(held_or_lent(user), is_active=True)


def own_roles_of(user: User) -> QuerySet[StaffRole]:
    """Without those that are lent to the person for a colleague's absence."""
    return roles_of(user).filter(user=user.pk)


def lender_of(user: User, *roles: Role, bureau: Bureau) -> User | None:
    """For whom a deputy acts here; None for whoever holds one of the roles in person."""
    held = roles_of(user).filter(role__in=roles, bureau=bureau).select_related("user")
    lenders = {role.user_id: role.user for role in held.order_by("pk")}
    return None if user.pk in lenders else next(iter(lenders.values()), None)


def has_role(user: User, *roles: Role, bureau: Bureau | None = None) -> bool:
    held = roles_of(user).filter(role__in=roles)
    return (held.filter(bureau=bureau) if bureau else held).exists()


def bureaus_of(user: User, roles: Iterable[Role]) -> QuerySet[Bureau]:
    return Bureau.objects.filter(
        pk__in=roles_of(user).filter(role__in=list(roles)).values("bureau_id")
    )


def require(user: User, *roles: Role, bureau: Bureau, applicant: Party | None = None) -> None:
    """Raises NotAllowed unless the person holds the role there, and for the applicant's members."""
    if not has_role(user, *roles, bureau=bureau):
        names = " / ".join(str(role.label) for role in roles)
        raise NotAllowed(
            _("This step belongs to %(role)s of %(bureau)s.") % {"role": names, "bureau": bureau}
        )
    if applicant and tied(applicant, user):
        raise NotAllowed(_("You are a member of the applicant and cannot act in this case."))
