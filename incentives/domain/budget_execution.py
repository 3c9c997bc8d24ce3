"""How far a budget is executed: planned = reserved + committed + paid + lapsed + available (yuan).

Every figure is the sum of movements, and a movement is one ledger entry: both are read from the
same rows, so a figure is what its list adds up to. Paid is what was paid and did not come back;
committed is what is promised beyond that. A budget counts the city's part of shared awards alone.
What a settlement added after the close of the year of approval is of the budgets of its own year.
After the close nothing goes back into a budget: what is given up of its awards has lapsed, and what
is recovered stays paid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from incentives.models import Budget, LedgerEntry

FIGURES = ("reserved", "committed", "paid", "lapsed")

MOVED = """
WITH taken AS (
    SELECT b.id AS budget, b.year, y.id IS NOT NULL AS closed, c.id AS counter,
           e.entry_id AS entry, e.award_id AS award, e.amount, l.stage,
           CASE WHEN a.committed_at IS NULL THEN 'reserved' ELSE 'committed' END AS figure
      FROM incentives_budget b
      JOIN incentives_fund f ON f.id = b.fund_id
      JOIN incentives_counter c ON c.city_id = f.city_id AND c.key = 'budget:' || b.id
      JOIN incentives_counterentry e ON e.counter_id = c.id
      JOIN incentives_ledgerentry l ON l.id = e.entry_id
      JOIN incentives_award a ON a.id = e.award_id
      LEFT JOIN incentives_yearclose y
        ON y.city_id = f.city_id AND y.year = b.year AND y.closed_at IS NOT NULL
     WHERE b.id = ANY (%(budgets)s)
), moved AS (
    SELECT budget, entry, amount,
           CASE WHEN stage = 'recovered' THEN 'paid' ELSE figure END AS figure
      FROM taken
    UNION ALL
    SELECT t.budget, l.id, CASE l.stage WHEN 'returned' THEN -s.sign ELSE s.sign END * l.amount,
           s.figure
      FROM (SELECT DISTINCT budget, year, closed, counter, award, figure FROM taken) AS t
      JOIN incentives_ledgerentry l
        ON l.award_id = t.award AND l.payer = 'city' AND l.budget_year = t.year
       AND (l.stage IN ('paid', 'returned')
            OR t.closed AND l.stage = 'released' AND NOT EXISTS (
               SELECT 1 FROM incentives_counterentry e
                WHERE e.counter_id = t.counter AND e.award_id = l.award_id AND e.entry_id = l.id))
     CROSS JOIN LATERAL (VALUES (CASE l.stage WHEN 'released' THEN 'lapsed' ELSE 'paid' END, 1),
                                (t.figure, -1)) AS s(figure, sign)
)
"""

EXECUTION = """
SELECT b.id, b.planned,
       coalesce(sum(m.amount) FILTER (WHERE m.figure = 'reserved'), 0),
       coalesce(sum(m.amount) FILTER (WHERE m.figure = 'committed'), 0),
       coalesce(sum(m.amount) FILTER (WHERE m.figure = 'paid'), 0),
       coalesce(sum(m.amount) FILTER (WHERE m.figure = 'lapsed'), 0)
  FROM incentives_budget b LEFT JOIN moved m ON m.budget = b.id
 WHERE b.id = ANY (%(budgets)s) GROUP BY b.id
"""

BEHIND = """
SELECT entry, sum(amount) FROM moved
 WHERE figure = %(figure)s AND (%(before)s::bigint IS NULL OR entry < %(before)s)
 GROUP BY entry ORDER BY entry DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Execution:
    """The figures of one budget, in yuan; `lapsed` after the close of its year."""

    planned: Decimal
    reserved: Decimal
    committed: Decimal
    paid: Decimal
    lapsed: Decimal

    @property
    def used(self) -> Decimal:
        return self.reserved + self.committed + self.paid + self.lapsed

    @property
    def available(self) -> Decimal:
        return self.planned - self.used


@dataclass(frozen=True, slots=True)
class Movement:
    """What one ledger entry adds to a figure, in yuan; below 0 where it takes away."""

    entry: LedgerEntry
    amount: Decimal


def execution(budget_ids: Iterable[int]) -> dict[int, Execution]:
    """By budget, in one query however many there are."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED + EXECUTION, {"budgets": list(budget_ids)})
        return {pk: Execution(*figures) for pk, *figures in cursor}


def wholes(budgets: Iterable[Budget]) -> dict[int, int]:
    """By what is set aside for a programme: the open budget of its fund and year that it is within.

    It is counted there; without one, a programme's budget stands alone.
    """
    parts = [one for one in budgets if one.programme_id is not None]
    own = Budget.objects.filter(
        programme=None, opened=True, fund__in={one.fund_id for one in parts}
    )
    found = {(one.fund_id, one.year): one.pk for one in own}
    keyed = {one.pk: found.get((one.fund_id, one.year)) for one in parts}
    return {part: whole for part, whole in keyed.items() if whole is not None}


def behind(
    *, budget_id: int, figure: str, before: int | None = None, most: int = 100
) -> list[Movement]:
    """The movements that a figure is the sum of, the newest first, below the ledger id `before`."""
    asked = {"budgets": [budget_id], "figure": figure, "before": before, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(MOVED + BEHIND, asked)
        rows = list(cursor)
    related = LedgerEntry.objects.select_related("programme", "applicant")
    entries = related.in_bulk([pk for pk, _amount in rows])
    return [Movement(entries[pk], amount) for pk, amount in rows]
