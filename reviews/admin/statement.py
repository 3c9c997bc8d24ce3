"""The statement of the ledger as a page, XLSX, CSV and PDF; a part of the ledger's desk."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from incentives.domain import statement
from incentives.domain.exports import Cell
from incentives.domain.statement import GROUPS, STAGES, Line
from reviews.admin.table_files import Report, answer

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


def lines_of(rows: Any, by: str) -> tuple[list[Line], Line]:
    """The lines and the total below them."""
    found = statement.statement(rows, by)
    return found, statement.total(found, cases=statement.cases_of(rows), label=_("Total"))


def context(rows: Any, by: str) -> dict[str, Any]:
    found, last = lines_of(rows, by)
    return {
        "heads": headings(by),
        "lines": [cells(line) for line in found[:SHOWN]],
        "last": cells(last),
        "note": NOTES.get(by, ""),
        "more": max(len(found) - SHOWN, 0),
    }


def headings(by: str) -> list[str]:
    stages = [str(stage.label) for stage in STAGES]
    return [str(GROUPS[by].words), _("Cases"), *stages, _("Cost in the end")]


def cells(line: Line) -> list[Cell]:
    return [line.label, line.cases, *(line.amounts[stage] for stage in STAGES), line.cost]


def file_of(rows: Any, by: str, form: str) -> HttpResponse:
    """Of all lines, as `csv`, `xlsx` or `pdf`; the PDF without columns that add up to nothing."""
    found, last = lines_of(rows, by)
    heads, end = headings(by), cells(last)
    report = Report(
        title=_("Statement of the ledger"),
        subtitle=str(GROUPS[by].words),
        sheet=_("Statement"),
        heads=heads,
        rows=[*map(cells, found), end],
        money=range(2, len(heads)),
        figures=range(1, len(heads)),
        facts=[(_("Counting"), str(NOTES[by]))] if by in NOTES else [],
        printed=[0, 1, *(at for at in range(2, len(heads)) if end[at])],
    )
    return answer(report, f"statement-{by}", form)
