"""Tables as CSV and XLSX: money exact to the fen, and no cell that can act as a formula.

XLSX cells are typed, so text stays text. A CSV has no types: there, text that a spreadsheet would
calculate (it starts with = + - @, full-width too, after any blanks) or would read as a number or a
date (account numbers, codes) gets one apostrophe in front. Text that starts with an apostrophe gets
another, so taking away one apostrophe always gives back what stands in the database.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from rustpy_xlsxwriter import FastExcel, Format

from incentives.domain.risky_cells import guarded

Cell = str | int | Decimal | date | None
SheetCell = Cell | float
Fact = tuple[str, Cell]  # what it is, and its value
BOM = "\ufeff"  # without it Excel takes a CSV for the local code page and garbles Chinese
BLOCK = 64 * 1024
# A spreadsheet keeps 15 digits of a number: below this every fen is kept, from here on it is text.
NUMBERS_END = Decimal("10000000000000")
LONGEST_CELL = 32767
ROWS_A_SHEET = 1_048_576  # the heading among them


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name (31 characters at most), headings, rows, and which columns are yuan.

    `fits`: the cells are as `xlsx_cell` leaves them; below NUMBERS_END an amount may then be the
    float that a sheet holds of it anyway.
    """

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[SheetCell]]
    money: Sequence[str] = ()
    fits: bool = False


def csv_cell(value: Cell) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else "" if value is None else str(value)


def csv_blocks(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A CSV (UTF-8 with BOM, CRLF) in blocks of some 64 KiB, holding no more than one of them."""
    block = io.StringIO(newline="")
    writer = csv.writer(block)
    block.write(BOM)
    writer.writerow([guarded(heading) for heading in headings])
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
        if block.tell() >= BLOCK:
            yield block.getvalue().encode()
            block.seek(0)
            block.truncate()
    yield block.getvalue().encode()


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    return b"".join(csv_blocks(headings, rows))


def xlsx_cell(value: SheetCell) -> SheetCell:
    if isinstance(value, Decimal):
        return value if abs(value) < NUMBERS_END else f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return value[:LONGEST_CELL] if isinstance(value, str) else value


def write_xlsx(target: Path | BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Write the sheets one row at a time; the rows may come from a generator."""
    book = FastExcel(target).format(bold_headers=True).freeze(row=1)
    yuan = Format().set_num_format("#,##0.00")
    for sheet in sheets:
        formats = dict.fromkeys(sheet.money, yuan)
        book = book.sheet(sheet.name, _records(sheet), column_formats=formats)
    book.save()


def _records(sheet: Sheet) -> Iterator[dict[str, SheetCell]]:
    for row in sheet.rows:
        cells = row if sheet.fits else map(xlsx_cell, row)
        yield dict(zip(sheet.headings, cells, strict=True))


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    target = io.BytesIO()
    write_xlsx(target, sheets)
    return target.getvalue()
