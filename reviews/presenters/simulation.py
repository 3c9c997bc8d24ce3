"""A kept simulation as its page shows it: tables, and bars drawn to one scale."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from reviews.models import Simulation

BAR, ROW = 340, 60  # about as wide as a small screen, so that the words stay readable


@dataclass(frozen=True)
class Bar:
    """Two bars of one group; lengths and places are in the units of the drawing."""

    label: str
    y: int
    before: float
    after: float
    before_said: str
    after_said: str


@dataclass(frozen=True)
class Table:
    title: str
    rows: Sequence[tuple[str, dict[str, Any]]]

    @property
    def bars(self) -> list[Bar]:
        most = max((Decimal(row[side]) for _n, row in self.rows for side in SIDES), default=0)
        return [
            Bar(
                label,
                place * ROW,
                length(row["before"], most),
                length(row["after"], most),
                yuan(row["before"]),
                yuan(row["after"]),
            )
            for place, (label, row) in enumerate(self.rows)
        ]

    @property
    def height(self) -> int:
        return len(self.rows) * ROW

    @property
    def said(self) -> str:
        """The chart in words, for those who do not see it."""
        return "; ".join(f"{bar.label}: {bar.before_said} → {bar.after_said}" for bar in self.bars)


SIDES = ("before", "after")


def length(amount: str, most: Decimal | int) -> float:
    return float(round(Decimal(amount) / most * BAR, 1)) if most else 0.0


class SimulationTold:
    """The tables of a simulation; amounts stay text in yuan."""

    width = BAR

    def __init__(self, kept: Simulation) -> None:
        self.data: dict[str, Any] = json.loads(kept.told)

    @property
    def summary(self) -> list[tuple[str, dict[str, Any]]]:
        names = {
            "total": _("all cases"),
            "winners": _("receive more"),
            "losers": _("receive less"),
        }
        return [(said, self.data[name]) for name, said in names.items()]

    @property
    def tables(self) -> list[Table]:
        titles = {
            "by_year": _("By year of approval"),
            "by_district": _("By district"),
            "by_size": _("By size or kind of applicant"),
        }
        return [
            Table(said, [(pick(row["label"]), row) for row in self.data[name]])
            for name, said in titles.items()
        ]

    @property
    def cases(self) -> list[dict[str, Any]]:
        return list(self.data["cases"])

    @property
    def unread(self) -> list[dict[str, Any]]:
        return list(self.data["unread"])

    @property
    def budgets(self) -> list[tuple[str, dict[str, Any]]]:
        found = self.data.get("budget")
        if not found:
            return []
        return [(_("first come"), found["first_come"]), (_("pro rata"), found["pro_rata"])]

    @property
    def budget(self) -> str:
        return str(self.data.get("budget", {}).get("limit", ""))
