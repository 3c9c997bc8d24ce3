"""Netting: a payment keeps back what its payee owes on demands, when finance chooses so.

What is to be netted stands on the line when the batch is prepared, and is entered on the demands,
the oldest first, when the batch is exported. It stays entered when the bank returns the payment:
the next line of the same instalment carries it on.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.models import City, District, User
from incentives.domain import money, recoveries
from incentives.domain.payers import money_of, payer_of
from incentives.models import Instalment, PayoutBatch, PayoutLine, Recovery, RecoveryEntry
from incentives.models.payout import BatchState, LineState
from incentives.models.recovery import RecoveryKind, RecoveryState

NOTHING = Decimal(0)


def demands_on(payee_id: int, city: City, district: District | None = None) -> QuerySet[Recovery]:
    """Demands that the payee owes, by itself or for a predecessor; the oldest first.

    Of awards that the city alone paid, or that district alone: one payer's money pays back no
    other's, and what several paid is not netted.
    """
    owed = Recovery.objects.filter(
        Q(party=payee_id) | Q(party__successor=payee_id),
        money_of(district),
        city=city,
        award__payer=payer_of(district),
        state=RecoveryState.DEMANDED,
    )
    return owed.order_by("due_on", "id")


def carried(instalment: Instalment) -> Decimal:
    """Yuan that were netted for an instalment before, on a line whose payment came back."""
    return _carried([instalment]).get(instalment.pk, NOTHING)


def _carried(instalments: Sequence[Instalment]) -> dict[int, Decimal]:
    """The same for many at once, for those where anything was."""
    rows = RecoveryEntry.objects.filter(
        line__instalment__in=[one.pk for one in instalments], kind=RecoveryKind.NETTED
    )
    found = rows.order_by().values_list("line__instalment").annotate(total=Sum("amount"))
    return dict(found)


def nettable(payee_id: int, city: City, district: District | None = None) -> Decimal:
    """Yuan that are open on demands and not yet set against a line that waits for its export."""
    demands = demands_on(payee_id, city, district)
    open_ = sum((recoveries.open_amount(one) for one in demands), NOTHING)
    waiting = PayoutLine.objects.filter(
        payee=payee_id,
        batch__city=city,
        batch__district=district,
        batch__state__in=(BatchState.PREPARED, BatchState.APPROVED),
        state=LineState.PENDING,
        netted__gt=0,
    ).select_related("instalment")
    planned = sum((line.netted - carried(line.instalment) for line in waiting), NOTHING)
    return max(open_ - planned, NOTHING)


def netted_of(
    instalments: Sequence[Instalment],
    chosen: Collection[int],
    withheld: dict[int, Decimal],
    batch: PayoutBatch,
) -> dict[int, Decimal]:
    """By instalment: yuan to be netted, of what is left after tax; what was netted is carried on.

    The caller keeps others from preparing beside it.
    """
    left: dict[int, Decimal] = {}
    found: dict[int, Decimal] = {}
    netted_before = _carried(instalments)
    for row in instalments:
        payee = row.payee.successor_id or row.payee_id
        before = netted_before.get(row.pk, NOTHING)
        room = row.amount - withheld.get(row.pk, NOTHING) - before
        if row.pk in chosen:
            left.setdefault(payee, nettable(payee, batch.city, batch.district))
            taken = max(min(room, left[payee]), NOTHING)
            left[payee] -= taken
            before += taken
        found[row.pk] = before
    return found


def enter_netting(batch: PayoutBatch, user: User) -> list[RecoveryEntry]:
    """Enter on the demands what the lines of a batch keep back; raises Conflict if less is open."""
    found = batch.lines.filter(netted__gt=0, state=LineState.PENDING).order_by("number")
    lines = list(found.select_related("instalment"))
    locked = {
        demand.pk
        for line in lines
        for demand in demands_on(line.payee_id, batch.city, batch.district)
    }
    money.lock_demands(recovery_ids=locked)
    for line in lines:
        _enter(batch, line, user, locked)
    return list(RecoveryEntry.objects.filter(line__batch=batch).select_related("recovery"))


def _enter(batch: PayoutBatch, line: PayoutLine, user: User, locked: Collection[int]) -> None:
    left = line.netted - carried(line.instalment)
    for demand in demands_on(line.payee_id, batch.city, batch.district).filter(pk__in=locked):
        part = min(left, recoveries.open_amount(demand))
        if part > 0:
            recoveries.enter(
                recovery_id=demand.pk,
                amount=part,
                received_on=timezone.localdate(),
                reference=f"{batch.number}/{line.number}",
                user=user,
                line=line,
            )
            left -= part
    if left > 0:
        raise Conflict(
            _("Line %(line)s nets more than is open of the demands. Cancel and prepare it anew.")
            % {"line": line.number}
        )


def fully_netted(batch: PayoutBatch) -> QuerySet[PayoutLine]:
    """Lines of which nothing is left to be transferred; no bank will answer them."""
    nothing_left = Q(amount=F("withheld") + F("netted"))
    return batch.lines.filter(nothing_left, state=LineState.PENDING)
