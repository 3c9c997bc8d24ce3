"""A bureau's list, XLSX or CSV, as one table of text: the first sheet, its headings, its rows.

Whatever the cells hold is a value: formulas count as what they last came to, formats not at all.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zipfile import ZipFile

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from applicants.domain.errors import Refused
from applicants.domain.uploads import Checked, check
from applicants.domain.uploads.names import extension

MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_CELLS = 10_000_000  # of the whole area of a sheet, empty cells too: it is laid out in memory
DELIMITERS = (",", ";", "\t")
EXACT = 10**15  # from here on a spreadsheet no longer keeps every digit of a number
PLACE = re.compile(rb"""\br=["']([A-Z]{1,7})?(\d{1,10})["']""")


@dataclass(frozen=True)
class Table:
    """Headings, and rows with the number that each has in the file; every cell is text."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]


def check_list(upload: "UploadedFile[bytes]") -> Checked:
    """As every upload is checked, of which only tables are let in. Raises Refused on `file`."""
    _reader(upload.name or "")
    return check(upload)


def read_table(name: str, content: bytes) -> Table:
    """The table of a file that `check_list` has let in.

    Raises Refused on the field `file`: too large, no table, no headings.
    """
    reader = _reader(name)
    filled = list(_filled(reader(content)))
    if len(filled) < 2:
        raise _refused(_("The list is empty: it needs a line of headings and rows below it."))
    (_first, headings), *rows = filled
    return Table(_shortened(headings), rows)


def _reader(name: str) -> Callable[[bytes], Iterator[tuple[int, list[str]]]]:
    found = {"xlsx": _xlsx_rows, "csv": _csv_rows}.get(extension(name))
    if found is None:
        raise _refused(_("Upload the list as XLSX or CSV."))
    return found


def _filled(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    count = 0
    for number, row in rows:
        if any(row):
            count += 1
            yield number, row
        if count > MOST_ROWS + 1:
            raise _refused(_("The list has more than %s rows; split it.") % f"{MOST_ROWS:,}")


def _shortened(headings: list[str]) -> list[str]:
    """Without the empty columns at the end."""
    width = max(place for place, heading in enumerate(headings, 1) if heading)
    return headings[:width]


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    _check_size(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise _refused(_("The workbook cannot be read; save it as XLSX again.")) from error
    for number, row in enumerate(rows, 1):
        yield number, [cell_text(cell) for cell in row]


def _check_size(content: bytes) -> None:
    """A cell far out makes a workbook of a few bytes huge once it is opened; so look before."""
    with ZipFile(io.BytesIO(content)) as archive:
        for sheet in archive.namelist():
            if sheet.startswith("xl/worksheets/"):
                _check_sheet(archive.read(sheet))


def _check_sheet(xml: bytes) -> None:
    rows = columns = 1
    for place in PLACE.finditer(xml):
        rows = max(rows, int(place[2]))
        columns = max(columns, _column(place[1] or b""))
    if columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        told = {"rows": f"{rows:,}", "columns": f"{columns:,}"}
        raise _refused(
            _(
                "A sheet reaches to row %(rows)s and column %(columns)s. "
                "Copy the list alone into a new workbook."
            )
            % told
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def cell_text(cell: object) -> str:
    """A cell as a person would type its value: no float, no format, no formula."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()


def _number(cell: float) -> str:
    """With the 15 digits that a spreadsheet shows, so that sums do not end in …0000001."""
    if not abs(cell) < EXACT:
        return repr(cell)
    return format(Decimal(f"{cell:.15g}"), "f")


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for row in lines:
            yield lines.line_num, [_unmarked(cell.strip()) for cell in row]
    except csv.Error as error:
        told = _("Line %s of the list cannot be read; save it as CSV again.") % lines.line_num
        raise _refused(told) from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(_("The text is neither UTF-8 nor GB18030; save the table as “CSV UTF-8”."))


def _delimiter(text: str) -> str:
    """What stands most often in the first line that holds anything."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _unmarked(cell: str) -> str:
    """An apostrophe in front only marks a cell as text."""
    return cell.removeprefix("'")


def _refused(told: str) -> Refused:
    return Refused({"file": told})
