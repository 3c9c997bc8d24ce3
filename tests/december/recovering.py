"""Money asked back: in part, written off by two, netted against a payment, and after the close."""

from decimal import Decimal

from django.utils import timezone

from incentives.domain import payouts, recoveries
from incentives.models import Award, Instalment, PayoutLine, Recovery
from tests.december.books import fen
from tests.december.city import City
from tests.december.paying import exported

FEN = Decimal("0.01")


def recover(city: City) -> Recovery:
    """One in part, the rest given up by two; one netted; one that is still open at the end."""
    paid = _paid_awards()
    first = _demanded(city, paid[0], Decimal("0.6"))
    _enter(city, first, first.amount * Decimal("0.4"))
    _write_off(city, first)
    _net(city, _half_paid())
    return _demanded(city, paid[1], Decimal("0.5"))


def come_back(city: City, recovery: Recovery) -> None:
    """Part of what is still owed."""
    _enter(city, recovery, recovery.amount / 3)


def _paid_awards() -> list[Award]:
    """Paid whole in one instalment; the first three."""
    lines = PayoutLine.objects.filter(state="paid").order_by("pk")
    rows = lines.select_related("instalment__award__programme", "instalment__award__city")
    awards = (line.instalment.award for line in rows[:200])
    return [one for one in awards if one.instalments.count() == 1][:3]


def _half_paid() -> Instalment:
    """The second instalment of an award whose first is paid."""
    paid = PayoutLine.objects.filter(state="paid").values("instalment__award")
    seconds = Instalment.objects.filter(number=2, award__in=paid).select_related("award__city")
    return seconds.earliest("pk")


def _demanded(city: City, award: Award, share: Decimal) -> Recovery:
    recovery = recoveries.prepare(
        award=award, amount=(award.amount * share).quantize(FEN), reason="复核发现重复申报",
        due_on=timezone.localdate(), user=city.preparer,
    )  # fmt: skip
    city.books.add(award.programme.code, "demanded", fen(recovery.amount))
    return recoveries.demand(recovery_id=recovery.pk, user=city.approver)


def _enter(city: City, recovery: Recovery, amount: Decimal) -> None:
    amount = amount.quantize(FEN)
    recoveries.enter(
        recovery_id=recovery.pk, amount=amount, received_on=timezone.localdate(),
        reference="国库回单", user=city.preparer,
    )  # fmt: skip
    city.books.add(recovery.award.programme.code, "recovered", fen(amount))


def _write_off(city: City, recovery: Recovery) -> None:
    left = recoveries.open_amount(recovery)
    recoveries.ask_write_off(recovery_id=recovery.pk, reason="单位已注销", user=city.preparer)
    recoveries.write_off(recovery_id=recovery.pk, user=city.approver)
    city.books.add(recovery.award.programme.code, "written off", fen(left))


def _net(city: City, second: Instalment) -> None:
    """A quarter asked back of the first instalment is kept from the second, paid ahead of time."""
    demand = _demanded(city, second.award, Decimal("0.125"))
    batch = exported(city, [second.pk], net=(second.pk,), until=second.due_on)
    line = batch.lines.get()
    if line.netted != demand.amount:
        raise AssertionError(f"{line.netted} yuan were netted, not {demand.amount}")
    payouts.settle(batch_id=batch.pk, results={line.pk: ("paid", "")}, user=city.preparer)
    code = second.award.programme.code
    city.books.add(code, "recovered", fen(demand.amount))
    city.books.add(code, "paid", fen(line.amount))
