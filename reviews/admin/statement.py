"""The statement of the ledger as a page, XLSX, CSV and PDF; a part of the ledger's desk."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.templatetags.huiqi import yuan
from incentives.domain import statement
from incentives.domain.exports import Cell, csv_bytes, write_xlsx
from incentives.domain.exports import Sheet as Table
from incentives.domain.statement import GROUPS, STAGES, Line
from incentives.presenters.sheet import Sheet, section, sections, table
from reviews.presenters.pdf import pdf_answer, pdf_of

SHOWN = 200  # lines of the page; the files have all
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        "more": max(len(found) - SHOWN, 0),
    }


def headings(by: str) -> list[str]:
    stages = [str(stage.label) for stage in STAGES]
    return [str(GROUPS[by].words), _("Cases"), *stages, _("Cost in the end")]


def cells(line: Line) -> list[Cell]:
    return [line.label, line.cases, *(line.amounts[stage] for stage in STAGES), line.cost]


def file_of(rows: Any, by: str, form: str) -> HttpResponse:
    """Of all lines, as `csv`, `xlsx` or `pdf`."""
    found, last = lines_of(rows, by)
    table_rows = [cells(line) for line in (*found, last)]
    name = f"statement-{by}-{timezone.localtime():%Y%m%d-%H%M}"
    if form == "pdf":
        return pdf_answer(_pdf(by, table_rows), name)
    kind, content = MADE[form](headings(by), table_rows)
    return HttpResponse(
        content,
        content_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{form}"',
            "Cache-Control": "no-store",
        },
    )


def _csv(heads: list[str], rows: Sequence[Sequence[Cell]]) -> tuple[str, bytes]:
    return "text/csv; charset=utf-8", csv_bytes(heads, rows)


def _xlsx(heads: list[str], rows: Sequence[Sequence[Cell]]) -> tuple[str, bytes]:
    book = BytesIO()
    write_xlsx(book, [Table(_("Statement"), heads, rows, heads[2:])])
    return XLSX, book.getvalue()


MADE = {"csv": _csv, "xlsx": _xlsx}


def _pdf(by: str, rows: Sequence[Sequence[Cell]]) -> bytes:
    """Without the columns that add up to nothing, so that a page holds the others."""
    heads = headings(by)
    kept = [0, 1, *(at for at in range(2, len(heads)) if rows[-1][at])]
    told = [[_text(row[at]) for at in kept] for row in rows]
    found = table("", [heads[at] for at in kept], told, range(1, len(kept)))
    now = timezone.localtime()
    sheet = Sheet(
        title=_("Statement of the ledger"),
        subtitle=str(GROUPS[by].words),
        facts=((_("As of"), f"{now:%Y-%m-%d %H:%M:%S}"),),
        sections=sections([section(_("Yuan"), found)]),
    )
    return pdf_of(sheet, at=now)


def _text(cell: Cell) -> str:
    return yuan(cell) if not isinstance(cell, str | int | None) else str(cell)
