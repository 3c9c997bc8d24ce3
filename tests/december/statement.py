"""The statement that December ends with, and whatever in it does not add up."""

from collections.abc import Iterator
from dataclasses import dataclass

from incentives.models import Budget, YearClose
from tests.december import equations, reading, sharing
from tests.december.books import IN_ALL, Books, yuan
from tests.december.equations import Equation

STAGES = ("reserved", "released", "committed", "paid", "returned", "recovered", "written off")
HEADINGS = ("", "asked", *STAGES, "lapsed", "carried")


@dataclass(frozen=True)
class Statement:
    """Lines of figures in fen, one for each programme and one for all; and every equation."""

    lines: dict[str, list[int]]
    equations: list[Equation]

    @property
    def differences(self) -> list[str]:
        return [str(one) for one in self.equations if not one.holds]

    def text(self) -> str:
        cells = [list(HEADINGS)] + [
            [name, *map(yuan, figures)] for name, figures in self.lines.items()
        ]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        )


def made(run: Books, close: YearClose) -> Statement:
    """From the database as it is now, against what the run was told."""
    ledger, rows, budgets = reading.ledger(), reading.rows(), reading.budgets(close)
    keys = _keys(close)
    codes = [code for code in keys if not code.startswith("budget:")]
    lines = {code: _figures(code, run, ledger, budgets, [keys[code]]) for code in codes}
    every = [keys[code] for code in codes]
    lines[IN_ALL] = _figures(IN_ALL, run, ledger, budgets, every)
    found = equations.of_programmes(run, ledger, rows, codes)
    found += equations.of_budgets(run, budgets, keys.values())
    found += sharing.computed_again(close.year)
    found += _added_up(lines)
    return Statement(lines, found)


def _keys(close: YearClose) -> dict[str, str]:
    """The key of each programme's budget by its code; a fund's own stands under its key."""
    budgets = Budget.objects.filter(year=close.year, fund__city=close.city_id, opened=True)
    rows = budgets.select_related("programme").order_by("programme__code")
    return {one.programme.code if one.programme else one.key: one.key for one in rows}


def _figures(code: str, run: Books, ledger: Books, budgets: Books, keys: list[str]) -> list[int]:
    left = [sum(budgets.of(key, figure) for key in keys) for figure in ("lapsed", "carried over")]
    return [run.of(code, "asked"), *(ledger.of(code, stage) for stage in STAGES), *left]


def _added_up(lines: dict[str, list[int]]) -> Iterator[Equation]:
    """The last line is the sum of the others."""
    *columns, total = lines.values()
    for place, heading in enumerate(HEADINGS[1:]):
        added = sum(line[place] for line in columns)
        yield Equation(IN_ALL, (heading, total[place]), ("its column added up", added))
