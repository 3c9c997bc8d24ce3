"""Who may do what, and for which bureau. Read anew at each request: a role ended is a role gone."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.models import Membership, Party, User
from incentives.models import Bureau
from reviews.models import StaffRole
from reviews.models.staff import Role


def roles_of(user: User) -> QuerySet[StaffRole]:
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return StaffRole.objects.none()
    return StaffRole.objects.filter(user=user, is_active=True)


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
    if applicant and Membership.objects.filter(party=applicant, user=user).exists():
        raise NotAllowed(_("You are a member of the applicant and cannot act in this case."))
