"""A table that adds something up, as CSV, XLSX and PDF.

Each says what it is of: the PDF under its title, the XLSX on a second sheet, and the CSV below the
table, after an empty line, so that the first line heads the columns and the table is whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import yuan
from incentives.domain.exports import Cell, csv_bytes, xlsx_bytes
from incentives.domain.exports import Sheet as Table
from incentives.presenters.sheet import Sheet, section, sections, table
from reviews.presenters.pdf import pdf_answer, pdf_of

FILES = ("xlsx", "csv", "pdf")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Fact = tuple[str, Cell]  # what it is, and its value


@dataclass(frozen=True, slots=True)
class Report:
    """The columns, counted from 0: `money` those in yuan, `figures` those of numbers, and
    `printed` those that the PDF has."""

    title: str
    subtitle: str
    sheet: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    money: Sequence[int]
    figures: Sequence[int]
    printed: Sequence[int]
    facts: Sequence[Fact] = ()
    wide: bool = False


def answer(report: Report, name: str, form: str) -> HttpResponse:
    """`name` is of letters, digits and hyphens; `form` one of FILES."""
    name = f"{name}-{timezone.localtime():%Y%m%d-%H%M}"
    if form == "pdf":
        return pdf_answer(_pdf(report), name)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Cache-Control": "no-store",
    }
    content = _csv(report) if form == "csv" else _xlsx(report)
    return HttpResponse(content, content_type=TYPES[form], headers=headers)


def _csv(report: Report) -> bytes:
    return csv_bytes(report.heads, [*report.rows, [], *_about(report)])


def _xlsx(report: Report) -> bytes:
    money = [report.heads[at] for at in report.money]
    about = Table(_("About this table"), [_("Item"), _("Content")], _about(report))
    return xlsx_bytes([Table(report.sheet, report.heads, report.rows, money), about])


def _about(report: Report) -> list[Fact]:
    now = timezone.localtime()
    return [(report.title, report.subtitle), _as_of(now), *report.facts]


def _as_of(now: datetime) -> Fact:
    return _("As of"), f"{now:%Y-%m-%d %H:%M:%S}"


def _pdf(report: Report) -> bytes:
    kept = report.printed
    told = [[_text(row[at]) for at in kept] for row in report.rows]
    figures = [at for at, column in enumerate(kept) if column in report.figures]
    found = table("", [report.heads[at] for at in kept], told, figures)
    now = timezone.localtime()
    sheet = Sheet(
        title=report.title,
        subtitle=report.subtitle,
        facts=tuple((label, _text(value)) for label, value in [_as_of(now), *report.facts]),
        sections=sections([section(_("Yuan"), found)]),
        wide=report.wide,
    )
    return pdf_of(sheet, at=now)


def _text(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return yuan(cell)
    return "" if cell is None else str(cell)
