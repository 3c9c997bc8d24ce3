"""What waits for finance on the first page of the admin: payments due, batches to approve."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from incentives.domain.payouts import due_instalments
from incentives.models import PayoutBatch
from incentives.models.payout import BatchState
from reviews.admin.access import cities, person
from reviews.domain import working_days
from reviews.domain.queues import counted
from reviews.models.staff import Role


@dataclass(frozen=True)
class Tile:
    count: str
    title: str | Promise
    url: str


def tiles(request: HttpRequest) -> list[Tile]:
    return [*_due(request), *_to_approve(request)]


def _due(request: HttpRequest) -> list[Tile]:
    own = City.objects.filter(pk__in=cities(request, (Role.FINANCE_PREPARER,)))
    page = reverse("admin:incentives_payoutbatch_add")
    return [
        Tile(
            counted(due_instalments(city, working_days.today())),
            _("payments due"),
            f"{page}?city={city.pk}",
        )
        for city in own
    ]


def _to_approve(request: HttpRequest) -> list[Tile]:
    own = cities(request, (Role.FINANCE_APPROVER,))
    if not own:
        return []
    waiting: QuerySet[PayoutBatch] = PayoutBatch.objects.filter(
        city__in=own, state=BatchState.PREPARED
    ).exclude(prepared_by=person(request))
    page = reverse("admin:incentives_payoutbatch_changelist")
    return [Tile(counted(waiting), _("payout batches to approve"), f"{page}?state__exact=prepared")]
