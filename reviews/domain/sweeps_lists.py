"""Bureaus' lists for the registry: who may bring one, and who else has to take it in."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.models import User
from incentives.domain import registry_imports
from incentives.domain.openings import OPENING
from incentives.models import Bureau, RegistryImport
from incentives.models.registry import ImportKind
from reviews.domain.roles import has_role, roles_of
from reviews.models.staff import Role

BRINGING = (Role.PREPARER,)
TAKING = (Role.APPROVER,)
MONEY = OPENING | {ImportKind.CREDIT}
"""What opens the books, or keeps payments back, finance takes in: see _may_open."""


def bring_list(
    *,
    bureau: Bureau,
    kind: str,
    upload: "UploadedFile[bytes]",
    source: str,
    as_of: date,
    user: User,
) -> RegistryImport:
    """Upload a list to be looked through: the bureau's preparer, or a policy editor of the city."""
    if kind in MONEY:
        _require_opening(user, bureau, bringing=True)
    else:
        _require(user, bureau, *BRINGING)
    return registry_imports.look_through(
        bureau=bureau, kind=kind, upload=upload, source=source, as_of=as_of, user=user
    )


def take_list(*, found: RegistryImport, user: User) -> RegistryImport:
    """Take a faultless list in: an approver or policy editor who did not upload it."""
    if found.kind in MONEY:
        _require_opening(user, found.bureau, bringing=False)
    else:
        _require(user, found.bureau, *TAKING)
    return registry_imports.take(import_id=found.pk, user=user)


def discard_list(*, found: RegistryImport, user: User) -> RegistryImport:
    if found.kind in MONEY:
        if not may_discard(found, user):
            _require_opening(user, found.bureau, bringing=True)
    else:
        _require(user, found.bureau, *BRINGING, *TAKING)
    return registry_imports.discard(import_id=found.pk, user=user)


def may_take(found: RegistryImport, user: User) -> bool:
    if found.uploaded_by_id == user.pk:
        return False
    if found.kind in MONEY:
        return _may_open(user, found.bureau, bringing=False)
    return _may(user, found.bureau, *TAKING)


def may_discard(found: RegistryImport, user: User) -> bool:
    if found.kind in MONEY:
        return any(_may_open(user, found.bureau, bringing=one) for one in (True, False))
    return _may(user, found.bureau, *BRINGING, *TAKING)


def bureaus_to_bring_for(user: User) -> QuerySet[Bureau]:
    """A preparer's own bureaus; every bureau of the cities whose policy one edits, or pays in."""
    roles = roles_of(user)
    own = Bureau.objects.filter(pk__in=roles.filter(role__in=BRINGING).values("bureau"))
    whole = (Role.POLICY_EDITOR, Role.FINANCE_PREPARER)
    editing = roles.filter(role__in=whole).values("city")
    return (own | Bureau.objects.filter(city__in=editing)).distinct()


def _require_opening(user: User, bureau: Bureau, *, bringing: bool) -> None:
    if not _may_open(user, bureau, bringing=bringing):
        raise NotAllowed(
            _("Finance prepares and approves lists of this kind; %(bureau)s may prepare them.")
            % {"bureau": bureau}
        )


def _may_open(user: User, bureau: Bureau, *, bringing: bool) -> bool:
    """Prepared by the bureau that gave the awards or by finance, approved by finance alone."""
    finance = Role.FINANCE_PREPARER if bringing else Role.FINANCE_APPROVER
    if roles_of(user).filter(role=finance, city=bureau.city_id).exists():
        return True
    return bringing and has_role(user, *BRINGING, bureau=bureau)


def _require(user: User, bureau: Bureau, *roles: Role) -> None:
    if not _may(user, bureau, *roles):
        raise NotAllowed(
            _("This belongs to policy editors, and to %(bureau)s.") % {"bureau": bureau}
        )


def _may(user: User, bureau: Bureau, *roles: Role) -> bool:
    editing = roles_of(user).filter(role=Role.POLICY_EDITOR, city=bureau.city_id).exists()
    return editing or has_role(user, *roles, bureau=bureau)
