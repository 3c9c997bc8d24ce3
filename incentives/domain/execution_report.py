"""The budget execution report (预算执行情况表) of one year: a line a budget, in yuan."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F, QuerySet

from incentives.domain.budget_execution import Execution, execution, wholes
from incentives.models import Budget

NOTHING = Execution(*[Decimal("0.00")] * 5)


@dataclass(frozen=True, slots=True)
class Line:
    """`within`: the budget is a part of the fund's own of that year, which stands above it."""

    budget: Budget
    figures: Execution
    within: bool


def report(budgets: QuerySet[Budget]) -> list[Line]:
    """Of the budgets of one year: fund by fund, its own before what it sets aside."""
    ordered = budgets.select_related("fund", "programme").order_by(
        "fund__city", "fund__code", F("programme__code").asc(nulls_first=True)
    )
    rows = list(ordered)
    figures = execution([row.pk for row in rows])
    within = wholes(rows)
    return [Line(row, figures[row.pk], row.pk in within) for row in rows]


def total(lines: Iterable[Line]) -> Execution:
    """What is within a fund's own budget is counted there."""
    added = NOTHING
    for line in lines:
        if not line.within:
            one = line.figures
            added = Execution(
                added.planned + one.planned,
                added.reserved + one.reserved,
                added.committed + one.committed,
                added.paid + one.paid,
                added.lapsed + one.lapsed,
            )
    return added


def paid_share(figures: Execution) -> Decimal | None:
    """Per cent of the planned money that is paid, half up to 2 places; None without any planned."""
    if not figures.planned:
        return None
    share = figures.paid * 100 / figures.planned
    return share.quantize(Decimal("0.01"), ROUND_HALF_UP)
