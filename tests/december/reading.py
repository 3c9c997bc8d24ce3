"""The database read again for the statement: rows one by one, added up here in whole fen."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Q

from incentives.domain.year_close import lines_of
from incentives.models import (
    Award,
    Budget,
    BudgetChange,
    CounterEntry,
    Instalment,
    LedgerEntry,
    PayoutLine,
    Recovery,
    RecoveryEntry,
    YearClose,
)
from incentives.models.budget import BudgetChangeKind
from incentives.models.counter import Counter
from tests.december.books import Books, fen

CITY = "qingdao"
BACK = ("released", "recovered")  # stages that give a budget of an open year its room again


def ledger() -> Books:
    """By programme and stage."""
    found = Books()
    rows = LedgerEntry.objects.filter(city=CITY, payer="city").order_by("pk")
    for code, stage, amount in rows.values_list("programme__code", "stage", "amount").iterator():
        found.add(code, stage.replace("_", " "), fen(amount))
    return found


def rows() -> Books:
    """By programme: what awards, instalments, payout lines and demands say of themselves."""
    found = Books()
    for add in (_awards, _instalments, _lines, _demands):
        for code, figure, whole in add():
            found.add(code, figure, whole)
    return found


Found = Iterator[tuple[str, str, int]]


def _awards() -> Found:
    awards = Award.objects.filter(city=CITY).values_list(
        "programme__code", "state", "assessed", "amount"
    )
    for code, state, assessed, amount in awards.iterator():
        yield code, "assessed", fen(assessed)
        yield code, "granted", fen(amount)
        yield code, state, fen(amount)


def _instalments() -> Found:
    paid = set(PayoutLine.objects.filter(state="paid").values_list("instalment", flat=True))
    parts = Instalment.objects.values_list("pk", "award__programme__code", "amount")
    for pk, code, amount in parts.iterator():
        yield code, "instalments", fen(amount)
        if pk not in paid:
            yield code, "owed", fen(amount)


def _lines() -> Found:
    lines = PayoutLine.objects.values_list("instalment__award__programme__code", "state", "amount")
    for code, state, amount in lines.iterator():
        yield code, f"lines {state}", fen(amount)


def _demands() -> Found:
    for code, amount in Recovery.objects.values_list("award__programme__code", "amount"):
        yield code, "demanded", fen(amount)
        yield code, "open", fen(amount)
    entries = RecoveryEntry.objects.values_list(
        "recovery__award__programme__code", "kind", "amount"
    )
    for code, kind, amount in entries:
        yield code, "written off" if kind == "written_off" else "recovered", fen(amount)
        yield code, "open", -fen(amount)


def budgets(close: YearClose) -> Books:
    """By budget of the closed year, as it stood when the year was closed."""
    found = Books()
    for line in lines_of(close):
        key = f"budget:{line.budget}"
        found.add(key, "lapsed", fen(line.lapses))
        found.add(key, "carried over", fen(line.carries))
    of_year = Budget.objects.filter(fund__city=CITY, year=close.year, opened=True)
    for budget in of_year.select_related("programme"):
        for figure, whole in _budget(budget, close.closed_at):
            found.add(budget.key, figure, whole)
    return found


def _budget(budget: Budget, closed_at: datetime) -> Iterator[tuple[str, int]]:
    yield "planned", fen(budget.planned)
    yield "used", fen(Counter.objects.get(city=CITY, key=budget.key).used)
    entries = CounterEntry.objects.filter(counter__city=CITY, counter__key=budget.key)
    for posted_at, amount in entries.values_list("entry__posted_at", "amount").iterator():
        yield "entries", fen(amount)
        if posted_at < closed_at:
            yield "entries before the close", fen(amount)
    yield from _changes(budget)
    own = Q(award__budget=budget) if budget.programme else Q(programme__fund=budget.fund)
    passed = LedgerEntry.objects.filter(own, approval_year=budget.year, posted_at__lt=closed_at)
    for stage, amount in passed.values_list("stage", "amount").iterator():
        if stage == "reserved":
            yield "spent", fen(amount)
        elif stage in BACK:
            yield "spent", -fen(amount)


def _changes(budget: Budget) -> Iterator[tuple[str, int]]:
    signed = BudgetChange.objects.filter(state="approved").exclude(approved_by=F("prepared_by"))
    for change in signed.filter(Q(budget=budget) | Q(taken_from=budget)):
        out = change.taken_from_id == budget.pk or change.kind == BudgetChangeKind.REDUCTION
        yield "changes", -fen(change.amount) if out else fen(change.amount)
        if out and change.kind == BudgetChangeKind.CARRIED:
            yield "carried by its changes", fen(change.amount)
