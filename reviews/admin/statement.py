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
STANDING = 7  # columns that a page of paper has room for; more lie across
NOTES: dict[str, Any] = {
    "size": _l(
        "The size is the one of a bureau's list in the register of titles (enterprise-size) on the "
        "day of approval; nothing is worked out where no list says it."
    ),
    "clause": _l(
        "In force since: the day that the clause or its document prints, else the one from which "
        "its first version applies, else the one on which the document was issued."
    ),
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
        since = [_("In force since")] if self.by == "clause" else []
        stages = [str(stage.label) for stage in STAGES]
        cost = [] if self.stage else [_("Cost in the end")]
        return [str(GROUPS[self.by].words), *since, _("Cases"), *stages, *cost]

    def cells(self, line: Line) -> list[Cell]:
        since = [line.since] if self.by == "clause" else []
        cost = [] if self.stage else [line.cost]
        amounts = (line.amounts[stage] for stage in STAGES)
        return [line.label, *since, line.cases, *amounts, *cost]

    @property
    def first(self) -> int:
        """Where the figures begin: with how many cases, then yuan."""
        return 2 if self.by == "clause" else 1


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


def file_of(table: Table, form: str, *, facts: Sequence[Fact], name: str) -> HttpResponse:
    """Of all lines, as `csv`, `xlsx` or `pdf`; the PDF without columns that have nothing.

    `facts` say what it is a statement of, and so does the file's `name`.
    """
    found, last = table.lines()
    first = table.first
    heads, rows = table.headings(), [table.cells(line) for line in [*found, last]]
    printed = [at for at in range(len(heads)) if at <= first or any(row[at] for row in rows)]
    counting = [(_("Counting"), str(NOTES[table.by]))] if table.by in NOTES else []
    report = Report(
        title=_("Statement of the ledger"),
        subtitle=_("Added up by: %s") % GROUPS[table.by].words,
        sheet=_("Statement"),
        heads=heads,
        rows=rows,
        money=range(first + 1, len(heads)),
        figures=range(first, len(heads)),
        facts=[*facts, *counting],
        printed=printed,
        wide=len(printed) > STANDING,
    )
    return answer(report, f"statement-{name}-{table.by}", form)
