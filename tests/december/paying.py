"""Payout batches by two, the bank's files, and what came back: corrected and paid again."""

from datetime import date
from time import perf_counter

from django.utils import timezone

from applicants.domain.accounts import enter_account
from incentives.domain import bank_results, payouts
from incentives.domain.exports import csv_bytes
from incentives.models import PayoutBatch, PayoutLine
from incentives.models.payout import LineState
from tests.december.books import fen
from tests.december.city import City

A_BATCH = 1000
BACK_IN = 50  # the bank refuses one of so many lines
LATE_IN = 300  # and sends one of so many back after it was paid
HEADINGS = ("行", "金额", "结果", "原因")


def pay(city: City) -> int:
    """Whatever is due today, until nothing is; how many lines the bank answered."""
    begun, lines = perf_counter(), 0
    while due := _due(city):
        for first in range(0, len(due), A_BATCH):
            batch = exported(city, due[first : first + A_BATCH])
            lines += _answered(city, batch)
            _correct(city, batch)
            if lines % (10 * A_BATCH) == 0:
                city.say(_rate(lines, begun))
    city.say(_rate(lines, begun))
    return lines


def _rate(lines: int, begun: float) -> str:
    return f"  {lines} payments, {lines / (perf_counter() - begun):.0f} a second"


def _due(city: City) -> list[int]:
    rows = payouts.due_instalments(city.place, timezone.localdate())
    return list(rows.values_list("pk", flat=True))


def exported(
    city: City, instalments: list[int], net: tuple[int, ...] = (), until: date | None = None
) -> PayoutBatch:
    batch = payouts.prepare_batch(
        city=city.place, instalment_ids=instalments, user=city.preparer, net=net, until=until
    )
    payouts.approve_batch(batch_id=batch.pk, user=city.approver)
    payouts.export_batch(batch_id=batch.pk, user=city.preparer)
    batch.refresh_from_db()
    return batch


def _answered(city: City, batch: PayoutBatch) -> int:
    """The bank's file, imported twice; then the payments that it sends back later."""
    rows = batch.lines.select_related("instalment__award__programme").order_by("number")
    lines = list(rows)
    again = {pk for (pk,) in _answered_before(lines)}
    back = {one.pk for one in lines if one.instalment_id not in again and _one_in(city, BACK_IN)}
    content = csv_bytes(HEADINGS, [_row(line, line.pk in back) for line in lines])
    for expected in (len(lines), 0):
        _result, settled = bank_results.import_results(
            batch_id=batch.pk, name=f"{batch.number}.csv", content=content, user=city.preparer
        )
        if len(settled) != expected:
            raise AssertionError(f"{batch.number}: {len(settled)} lines settled, not {expected}")
    for line in lines:
        figure = "sent back" if line.pk in back else "paid"
        city.books.add(_code(line), figure, fen(line.amount))
    _sent_back_late(city, batch, [one for one in lines if one.pk not in back | again])
    return len(lines)


def _answered_before(lines: list[PayoutLine]) -> list[tuple[int]]:
    ids = [line.instalment_id for line in lines]
    returned = PayoutLine.objects.filter(instalment__in=ids, state=LineState.RETURNED)
    return list(returned.values_list("instalment"))


def _row(line: PayoutLine, back: bool) -> tuple[object, ...]:
    result = ("退回", "账号户名不符") if back else ("成功", "")
    return (line.number, line.pays, *result)


def _sent_back_late(city: City, batch: PayoutBatch, paid: list[PayoutLine]) -> None:
    late = [line for line in paid if _one_in(city, LATE_IN)]
    if late:
        results = {line.pk: ("returned", "收款行退汇") for line in late}
        payouts.settle(batch_id=batch.pk, results=results, user=city.preparer)
    for line in late:
        city.books.add(_code(line), "returned", fen(line.amount))


def _correct(city: City, batch: PayoutBatch) -> None:
    """A new account of each payee whose payment came back."""
    came_back = batch.lines.filter(state=LineState.RETURNED).select_related("payee")
    for payee in {line.payee_id: line.payee for line in came_back}.values():
        enter_account(
            party=payee, holder=payee.name, bank="测试银行青岛分行", user=city.officer,
            number=f"6222{city.rng.randrange(10**15):015d}",
        )  # fmt: skip


def _one_in(city: City, many: int) -> bool:
    return city.rng.randrange(many) == 0


def _code(line: PayoutLine) -> str:
    return line.instalment.award.programme.code
