"""The close of a budget year: what lapses, what carries over, and nobody writes behind it.

Prepared by one person, closed by another, on the same figures to the fen. What is promised and not
paid stays with the year's budgets and is paid later; only what is available lapses or carries over.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import City, User
from incentives.domain import money
from incentives.domain.budget_execution import execution, wholes
from incentives.domain.database_calls import told_of_refusals
from incentives.models import Budget, BudgetChange, YearClose
from incentives.models.budget import BudgetChangeKind, BudgetChangeState


@dataclass(frozen=True, slots=True)
class CloseLine:
    """One budget at the close, in yuan; `into` is the next year's budget that `carries` goes to."""

    budget: int
    fund: str
    programme: str
    planned: Decimal
    reserved: Decimal
    committed: Decimal
    paid: Decimal
    carries: Decimal
    lapses: Decimal
    into: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a close would do; with `obstacles` it cannot be prepared."""

    year: int
    lines: Sequence[CloseLine]
    obstacles: Sequence[str]

    def text(self) -> str:
        rows = [asdict(line) for line in self.lines]
        return json.dumps(rows, default=str, ensure_ascii=False, sort_keys=True)


def preview(*, city: City, year: int) -> Preview:
    """In a fixed number of queries."""
    budgets = list(
        Budget.objects.filter(fund__city=city, year=year, opened=True)
        .select_related("fund", "programme")
        .order_by("fund__code", "programme__code", "pk")
    )
    following = list(Budget.objects.filter(fund__city=city, year=year + 1, opened=True))
    after = {(one.fund_id, one.programme_id): one.pk for one in following}
    figures = execution(one.pk for one in budgets)
    lines = []
    for one in budgets:
        found = figures[one.pk]
        left = found.available if one.carries_over else Decimal(0)
        lines.append(
            CloseLine(
                budget=one.pk,
                fund=one.fund.code,
                programme=one.programme.code if one.programme else "",
                planned=found.planned,
                reserved=found.reserved,
                committed=found.committed,
                paid=found.paid,
                carries=left,
                lapses=found.available - left,
                into=after.get((one.fund_id, one.programme_id)) if left else None,
            )
        )
    obstacles = _obstacles(city, year, budgets, lines)
    return Preview(year, lines, obstacles + _uneven(budgets, lines, wholes(budgets + following)))


def _obstacles(
    city: City, year: int, budgets: list[Budget], lines: Sequence[CloseLine]
) -> list[str]:
    found = []
    if year >= timezone.localdate().year:
        found.append(_("The year %s is not over yet.") % year)
    closed = set(
        YearClose.objects.filter(city=city, closed_at__isnull=False).values_list("year", flat=True)
    )
    opened = Budget.objects.filter(fund__city=city, year__lt=year, opened=True)
    found += [
        _("The year %s is not closed yet: close it first.") % earlier
        for earlier in sorted(set(opened.values_list("year", flat=True)) - closed)
    ]
    waiting = BudgetChange.objects.filter(budget__fund__city=city, state=BudgetChangeState.PREPARED)
    waiting = waiting.filter(Q(budget__year=year) | Q(taken_from__year=year))
    found += [
        _("A budget change waits: %s. Approve it or drop it.") % change
        for change in waiting.select_related("budget__fund", "budget__programme")
    ]
    for budget, line in zip(budgets, lines, strict=True):
        if line.carries and year + 1 in closed:
            told = {"budget": budget, "year": year + 1}
            found.append(
                _("%(budget)s carries over, and %(year)s is closed: reduce it first.") % told
            )
        elif line.carries and line.into is None:
            told = {"budget": budget, "year": year + 1}
            found.append(_("%(budget)s carries over: set up its budget of %(year)s first.") % told)
    return found


def _uneven(budgets: list[Budget], lines: Sequence[CloseLine], within: dict[int, int]) -> list[str]:
    """What a fund's own budget counted may not stand alone in the next year, nor the reverse."""
    found = []
    for budget, line in zip(budgets, lines, strict=True):
        told = {"budget": budget, "year": budget.year + 1}
        if line.into is None or (line.budget in within) == (line.into in within):
            continue
        if line.budget in within:
            text = _("%(budget)s carries over: set up the fund's own budget of %(year)s first.")
        else:
            text = _(
                "%(budget)s carries over, and in %(year)s it is within the fund's own budget: "
                "reduce it first, and supplement both of that year."
            )
        found.append(text % told)
    return found


@transaction.atomic
def prepare(*, city: City, year: int, user: User) -> YearClose:
    """Keep the figures that another is to close on; prepared anew, the newer figures count."""
    City.objects.select_for_update(no_key=True).get(pk=city.pk)  # nobody prepares beside
    close = YearClose.objects.select_for_update().filter(city=city, year=year).first()
    if close and close.closed_at:
        raise Conflict({"year": _("The year %s is closed already.") % year})
    found = preview(city=city, year=year)
    if found.obstacles:
        raise Refused({"year": list(found.obstacles)})
    close = close or YearClose(city=city, year=year)
    close.report, close.prepared_by, close.prepared_at = found.text(), user, timezone.now()
    close.sha256 = sha256(close.report.encode()).hexdigest()
    close.save()
    _note(close, "year.close_prepared", user)
    return close


@transaction.atomic
def close_year(*, close_id: int, user: User) -> YearClose:
    """Carry over what carries, and close: from then on nothing is posted into the year.

    Waits for everybody who is writing into the ledger. Refused when the figures are no longer those
    that were prepared.
    """
    close = (
        YearClose.objects.select_for_update(of=("self",)).select_related("city").get(pk=close_id)
    )
    if close.closed_at:
        raise Conflict(_("The year %s is closed already.") % close.year)
    if close.prepared_by_id == user.pk:
        raise NotAllowed(_("A year is closed by someone who did not prepare it."))
    money.lock_books(city_code=close.city_id)
    found = preview(city=close.city, year=close.year)
    if found.obstacles or found.text() != close.report:
        raise Conflict(_("The figures have changed since the close was prepared; prepare it anew."))
    for line in found.lines:
        _carry(close, line, user)
    close.closed_by, close.closed_at = user, timezone.now()
    close.save(update_fields=["closed_by", "closed_at"])
    _note(close, "year.closed", user)
    return close


def _carry(close: YearClose, line: CloseLine, user: User) -> None:
    if line.into is None:
        return
    with told_of_refusals():
        change = BudgetChange.objects.create(
            budget_id=line.into,
            kind=BudgetChangeKind.CARRIED,
            amount=line.carries,
            taken_from_id=line.budget,
            basis=f"{close.year} → {close.year + 1}",
            prepared_by_id=close.prepared_by_id,
        )
    money.change_budget(change=change, at=timezone.now(), actor=user)


def lines_of(close: YearClose) -> list[CloseLine]:
    """The lines of a report as they were prepared."""
    return [CloseLine(**_read(row)) for row in json.loads(close.report)]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    sums = ("planned", "reserved", "committed", "paid", "carries", "lapses")
    return row | {name: Decimal(row[name]) for name in sums}


def _note(close: YearClose, kind: str, user: User) -> None:
    record(
        kind=kind,
        subject=f"year:{close.year}",
        actor=user,
        city=close.city,
        data={"year": close.year, "sha256": close.sha256},
    )
