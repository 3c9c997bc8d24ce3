"""A table that adds something up, as CSV, XLSX and PDF.

Each says what it is of: the PDF under its title, the XLSX on a second sheet, and the CSV below the
table, after an empty line, so that the first line heads the columns and the table is whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import yuan
from incentives.domain.exports import Cell, Fact, csv_blocks, write_xlsx
from incentives.domain.exports import Sheet as Table
from incentives.domain.ledger import Seen
from incentives.presenters.sheet import Sheet, section, sections, table
from reviews.presenters.pdf import pdf_of

FILES = ("xlsx", "csv", "pdf")


@dataclass(frozen=True, slots=True)
class Report:
    """`lines` are the rows without those that add up. The columns, counted from 0: `money` those
    in yuan, `figures` those of numbers, and `printed` those that the PDF has."""

    title: str
    subtitle: str
    sheet: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    lines: int
    money: Sequence[int]
    figures: Sequence[int]
    printed: Sequence[int]
    facts: Sequence[Fact] = ()
    wide: bool = False


def write(report: Report, form: str, target: Path, seen: Seen) -> None:
    """`form` is one of FILES; `seen` is told of each line, those that add up among them."""
    if form == "pdf":
        target.write_bytes(_pdf(report))
        seen(report.lines)
        return
    rows = _told(report.rows, seen)
    if form == "csv":
        with open(target, "wb") as file:
            file.writelines(csv_blocks(report.heads, chain(rows, [[]], _about(report))))
        return
    money = [report.heads[at] for at in report.money]
    about = Table(_("About this table"), [_("Item"), _("Content")], _about(report))
    write_xlsx(target, [Table(report.sheet, report.heads, rows, money), about])


def _told(rows: Iterable[Sequence[Cell]], seen: Seen) -> Iterator[Sequence[Cell]]:
    for row in rows:
        yield row
        seen(1)


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
