"""The statement of the ledger as a page, XLSX, CSV and PDF; a part of the ledger's desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from incentives.domain import statement
from incentives.domain.exports import Cell
from incentives.domain.statement import GROUPS, STAGES, Line
from incentives.models import LedgerEntry
from reviews.admin.table_files import Fact, Report, answer

SHOWN = 200  # lines of the page; the files have all
NOTES: dict[str, Any] = {
    "size": _l(
        "The size is the one of a bureau's list in the register of titles (enterprise-size) on the "
        "day of approval; nothing is worked out where no list says it."
    )
}


class ByForm(forms.Form):
    by = forms.ChoiceField(
        label=_l("Added up by"),
        choices=[(key, group.words) for key, group in GROUPS.items()],
        initial="programme",
    )


@dataclass(frozen=True, slots=True)
class Table:
    """The entries that are added up, by which key of GROUPS, and of which stage alone, if of one.

    What a case has cost in the end is known from all its stages only.
    """

    rows: QuerySet[LedgerEntry]
    by: str
    stage: str = ""

    def lines(self) -> tuple[list[Line], Line]:
        """The lines and the total below them."""
        found = statement.statement(self.rows, self.by)
        cases = statement.cases_of(self.rows)
        return found, statement.total(found, cases=cases, label=_("Total"))

    def headings(self) -> list[str]:
        stages = [str(stage.label) for stage in STAGES]
        cost = [] if self.stage else [_("Cost in the end")]
        return [str(GROUPS[self.by].words), _("Cases"), *stages, *cost]

    def cells(self, line: Line) -> list[Cell]:
        cost = [] if self.stage else [line.cost]
        return [line.label, line.cases, *(line.amounts[stage] for stage in STAGES), *cost]


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
    leading = {}
    for stage in STAGES:
        behind["stage"] = stage.value
        leading[stage] = behind.urlencode()
    return [
        Figure(line.label),
        Figure(line.cases, of_all),
        *(
            Figure(line.amounts[stage], leading[stage] if line.amounts[stage] else "")
            for stage in STAGES
        ),
        *([] if table.stage else [Figure(line.cost, of_all)]),
    ]


def file_of(table: Table, form: str, *, facts: Sequence[Fact], name: str) -> HttpResponse:
    """Of all lines, as `csv`, `xlsx` or `pdf`; the PDF without columns that have nothing.

    `facts` say what it is a statement of, and so does the file's `name`.
    """
    found, last = table.lines()
    heads, rows = table.headings(), [table.cells(line) for line in [*found, last]]
    counting = [(_("Counting"), str(NOTES[table.by]))] if table.by in NOTES else []
    report = Report(
        title=_("Statement of the ledger"),
        subtitle=_("Added up by: %s") % GROUPS[table.by].words,
        sheet=_("Statement"),
        heads=heads,
        rows=rows,
        money=range(2, len(heads)),
        figures=range(1, len(heads)),
        facts=[*facts, *counting],
        printed=[0, 1, *(at for at in range(2, len(heads)) if any(row[at] for row in rows))],
    )
    return answer(report, f"statement-{name}-{table.by}", form)
