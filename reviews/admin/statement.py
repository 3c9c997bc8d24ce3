"""The statement of the ledger as a page; a part of the ledger's desk."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _l

from incentives.domain.exports import Cell
from incentives.domain.statement import GROUPS, STAGES, Line
from reviews.presenters.statement import NOTES, Table

SHOWN = 200  # lines of the page; the files have all


class ByForm(forms.Form):
    by = forms.ChoiceField(
        label=_l("Added up by"),
        choices=[(key, group.words) for key, group in GROUPS.items()],
        initial="programme",
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell of the page; `entries` asks the ledger for what is behind it, if there is anything."""

    value: Cell
    entries: str = ""

    @property
    def in_yuan(self) -> bool:
        return isinstance(self.value, Decimal)


def context(table: Table, asked: QueryDict) -> dict[str, Any]:
    """`asked` is what the page was asked for: the filter of the ledger, and by what to add up."""
    found, last = table.lines()
    return {
        "heads": table.headings(),
        "lines": [_figures(table, line, asked) for line in found[:SHOWN]],
        "last": _figures(table, last, asked),
        "note": NOTES.get(table.by, ""),
        "more": max(len(found) - SHOWN, 0),
    }


def _figures(table: Table, line: Line, asked: QueryDict) -> list[Figure]:
    """Cases and cost lead to all stages of the line, an amount to its own."""
    behind = asked.copy()
    behind.pop("by", None)
    for name, value in line.group.items():
        behind[name] = str(value)
    of_all = behind.urlencode()
    leading = [""] * table.first + [of_all]
    for stage in STAGES:
        behind["stage"] = stage.value
        leading.append(behind.urlencode() if line.amounts[stage] else "")
    leading.append(of_all)
    return [Figure(*found) for found in zip(table.cells(line), leading, strict=False)]
