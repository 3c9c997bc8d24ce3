"""Payments held back: who sees them, and who of finance says why they may go on."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.models import Membership, User
from incentives.domain import holds
from incentives.models import PayeeHold
from reviews.domain.paying import finance_bureau
from reviews.domain.roles import require, roles_of
from reviews.models.staff import Role

SEEN_BY = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER, Role.AUDITOR)


def holds_for(user: User) -> QuerySet[PayeeHold]:
    """Those of the cities in which the person is of finance, or an auditor; the newest first."""
    cities = roles_of(user).filter(role__in=SEEN_BY).values("city")
    rows = PayeeHold.objects.filter(award__city__in=cities)
    return rows.select_related("award__city", "payee", "account", "released_by").order_by("-id")


@transaction.atomic
def release(*, hold_id: int, user: User, reason: str) -> PayeeHold:
    """Let the payment go on, by whoever approves payments: who prepares them does not."""
    held = PayeeHold.objects.select_related("award").get(pk=hold_id)
    require(user, Role.FINANCE_APPROVER, bureau=finance_bureau(held.award.city_id))
    own = Q(party=held.award.applicant_id) | Q(party=held.payee_id)
    if Membership.objects.filter(own, user=user, is_active=True).exists():
        raise NotAllowed(_("You are a member of the applicant and cannot act in this case."))
    return holds.release(hold_id=hold_id, user=user, reason=reason)
