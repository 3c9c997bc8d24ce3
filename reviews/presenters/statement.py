"""The statement of the ledger as a table, and its files: all lines, and the total below them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from incentives.domain import ledger, statement
from incentives.domain.export_kinds import cities_of
from incentives.domain.exports import Cell
from incentives.domain.ledger_filter import LedgerFilter
from incentives.domain.statement import GROUPS, STAGES, Line
from incentives.models import Export, LedgerEntry
from reviews.presenters.table_files import Report

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


def table_of(cities: Collection[str], wanted: Mapping[str, Any]) -> Table:
    """`wanted` says by what to add up, beside the filter of the ledger."""
    chosen = LedgerFilter(**{name: value for name, value in wanted.items() if name != "by"})
    return Table(ledger.entries(cities=cities, wanted=chosen), wanted["by"], chosen.stage)


def rows(cities: Collection[str], wanted: Mapping[str, Any]) -> QuerySet[Any, Any]:
    """One for each line of the file."""
    table = table_of(cities, wanted)
    return statement.groups(table.rows, table.by).distinct()


def report_of(export: Export) -> Report:
    """Of all lines; the PDF without columns that have nothing."""
    table = table_of(cities_of(export), export.wanted)
    found, last = table.lines()
    first = table.first
    heads, rows = table.headings(), [table.cells(line) for line in [*found, last]]
    printed = [at for at in range(len(heads)) if at <= first or any(row[at] for row in rows)]
    counting = [(_("Counting"), str(NOTES[table.by]))] if table.by in NOTES else []
    return Report(
        title=_("Statement of the ledger"),
        subtitle=_("Added up by: %s") % GROUPS[table.by].words,
        sheet=_("Statement"),
        heads=heads,
        rows=rows,
        lines=len(found),
        money=range(first + 1, len(heads)),
        figures=range(first, len(heads)),
        facts=[*((label, value) for label, value in export.told), *counting],
        printed=printed,
        wide=len(printed) > STANDING,
    )
