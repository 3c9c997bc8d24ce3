"""Payout formats as the desk works them: finance and auditors read, a policy editor sets them."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.models import City, User
from incentives.domain import payout_formats
from incentives.models import PayoutFormat
from reviews.domain.roles import roles_of
from reviews.models.staff import Role

EDITOR = Role.POLICY_EDITOR
READERS = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER, Role.AUDITOR, EDITOR)


def formats_for(user: User) -> QuerySet[PayoutFormat]:
    """Every version of the person's cities; `newest` marks those that count."""
    held = roles_of(user).filter(role__in=READERS)
    later = PayoutFormat.objects.filter(
        city=OuterRef("city"), code=OuterRef("code"), pk__gt=OuterRef("pk")
    )
    rows = PayoutFormat.objects.filter(city__in=held.values("city"))
    return rows.annotate(newest=~Exists(later)).select_related("city", "set_by")


@transaction.atomic
def set_format(
    *, city: City, code: str, after: int | None, user: User, **given: Any
) -> PayoutFormat:
    """A new version from now on, after the version `after` (None: a code that is new).

    See incentives.domain.payout_formats.set_format for the rest. Raises Refused by field.
    """
    if not roles_of(user).filter(role=EDITOR, city=city).exists():
        raise NotAllowed(_("This step belongs to a policy editor of the city."))
    City.objects.select_for_update(no_key=True).get(pk=city.pk)  # of two at once one is behind
    newest = PayoutFormat.objects.filter(city=city, code=code).order_by("-id").first()
    if (newest.pk if newest else None) != after:
        taken = _("There is such a format already; open it and set a new version.")
        moved = _("A newer version was set meanwhile; look at it first.")
        raise Refused({"code": taken} if after is None else {"definition": moved})
    return payout_formats.set_format(city=city, code=code, user=user, **given)
