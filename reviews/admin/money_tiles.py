"""What waits for finance on the first page of the admin: payments due, second signatures."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import City, User
from incentives.domain.payouts import due_instalments, due_of_districts
from incentives.models import (
    BudgetChange,
    CapExcess,
    OpeningReversal,
    PayeeHold,
    PayoutBatch,
    ReceiptReversal,
    Recovery,
    YearClose,
)
from incentives.models.budget import BudgetChangeState
from incentives.models.payout import BatchState
from incentives.models.recovery import RecoveryState
from incentives.models.reversal import ReversalState
from reviews.admin.access import cities, person
from reviews.domain import working_days
from reviews.domain.queues import counted
from reviews.models.staff import Role


@dataclass(frozen=True)
class Tile:
    count: str
    title: str | Promise
    url: str


@dataclass(frozen=True)
class Waiting:
    """Rows that wait for a second person, in a list of the admin."""

    title: Promise
    model: type[Model]
    listed: str
    query: str = ""
    wanted: dict[str, Any] = field(default_factory=dict)
    prepared_by: str = ""
    city: str = "city"

    def rows(self, own: Collection[str], user: User) -> QuerySet[Any]:
        rows = self.model._default_manager.filter(**{f"{self.city}__in": own}, **self.wanted)
        return rows.exclude(**{self.prepared_by: user}) if self.prepared_by else rows

    @property
    def page(self) -> str:
        return reverse(f"admin:incentives_{self.listed}_changelist") + self.query


BATCHES = Waiting(
    title=_("payout batches to approve"),
    model=PayoutBatch,
    listed="payoutbatch",
    query="?state__exact=prepared",
    wanted={"state": BatchState.PREPARED},
    prepared_by="prepared_by",
)
RARER = (
    Waiting(
        title=_("payments held"),
        model=PayeeHold,
        listed="payeehold",
        query="?released=no",
        wanted={"released_at": None},
        city="award__city",
    ),
    Waiting(
        title=_("budget changes to approve"),
        model=BudgetChange,
        listed="budget",
        query="?waiting=yes",
        wanted={"state": BudgetChangeState.PREPARED},
        prepared_by="prepared_by",
        city="budget__fund__city",
    ),
    Waiting(
        title=_("caps to exceed, asked for"),
        model=CapExcess,
        listed="capexcess",
        wanted={"approved_by": None, "declined_by": None, "lapsed_at": None},
        prepared_by="asked_by",
    ),
    Waiting(
        title=_("recoveries to demand"),
        model=Recovery,
        listed="recovery",
        query="?state__exact=prepared",
        wanted={"state": RecoveryState.PREPARED},
        prepared_by="prepared_by",
    ),
    Waiting(
        title=_("write-offs to sign"),
        model=Recovery,
        listed="recovery",
        query="?state__exact=demanded",
        wanted={"state": RecoveryState.DEMANDED, "write_off_asked_by__isnull": False},
        prepared_by="write_off_asked_by",
    ),
    Waiting(
        title=_("reversals of openings to approve"),
        model=OpeningReversal,
        listed="openingreversal",
        query="?state__exact=prepared",
        wanted={"state": ReversalState.PREPARED},
        prepared_by="prepared_by",
        city="opening__of__city",
    ),
    Waiting(
        title=_("reversals of receipts to approve"),
        model=ReceiptReversal,
        listed="recovery",
        query="?reversal=waits",
        wanted={"state": ReversalState.PREPARED},
        prepared_by="prepared_by",
        city="receipt__recovery__city",
    ),
    Waiting(
        title=_("years to close"),
        model=YearClose,
        listed="yearclose",
        wanted={"closed_by": None},
        prepared_by="prepared_by",
    ),
)


def tiles(request: HttpRequest) -> list[Tile]:
    return [*_due(request), *_to_sign(request)]


def _due(request: HttpRequest) -> list[Tile]:
    own = City.objects.filter(pk__in=cities(request, (Role.FINANCE_PREPARER,)))
    page = reverse("admin:incentives_payoutbatch_add")
    today, tiles = working_days.today(), []
    for city in own:
        link = f"{page}?city={city.pk}"
        tiles.append(Tile(counted(due_instalments(city, today)), _("payments due"), link))
        of_districts = counted(due_of_districts(city, today))
        if of_districts != "0":
            tiles.append(Tile(of_districts, _("payments due of districts"), link))
    return tiles


def _to_sign(request: HttpRequest) -> list[Tile]:
    """What the second signature waits for: batches always, the rest where there is any."""
    own = cities(request, (Role.FINANCE_APPROVER,))
    if not own:
        return []
    tiles = [
        Tile(counted(kind.rows(own, person(request))), kind.title, kind.page)
        for kind in (BATCHES, *RARER)
    ]
    return tiles[:1] + [tile for tile in tiles[1:] if tile.count != "0"]
