"""The targets as a table to download: a line each, and in XLSX every value that was reached."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from incentives.domain.exports import BOM, Cell, Sheet, xlsx_bytes
from incentives.domain.risky_cells import guarded
from incentives.domain.targets import Progress
from incentives.policy.scalars import trim


def headings() -> list[str]:
    return [
        _("City"),
        _("Document"),
        _("Section"),
        _("Code"),
        _("Target"),
        _("Unit"),
        _("Kind"),
        _("Baseline"),
        _("Baseline year"),
        _("Compared by"),
        _("Target value"),
        _("End of the range"),
        _("As printed"),
        _("Target year"),
        _("Newest value"),
        _("Year of the value"),
        _("As of"),
        _("Source"),
        _("Per cent of the way"),
        _("State"),
        _("Responsible bureau"),
        _("Printed sentence"),
    ]


def rows(found: Iterable[Progress]) -> Iterator[list[Cell]]:
    for one in found:
        target, point = one.target, one.point
        yield [
            target.city.name,
            target.document.title,
            target.section,
            target.code,
            target.name,
            target.unit,
            target.attribute,
            target.baseline,
            target.baseline_year,
            target.operator,
            target.value,
            target.value_to,
            target.wording,
            target.year,
            point.value if point else None,
            point.year if point else None,
            point.as_of.isoformat() if point else None,
            point.source or _("counted") if point else None,
            None if one.share is None else (one.share * 100).quantize(Decimal("0.1")),
            str(one.state.label),
            str(target.bureau or ""),
            target.quote,
        ]


def csv_lines(found: Iterable[Progress]) -> Iterator[bytes]:
    """UTF-8 with BOM. Numbers are written whole, without zeros behind.

    The language is the one in force at the call, whenever the lines are read.
    """
    lines = [BOM + _line(headings()), *map(_line, rows(found))]
    return (line.encode() for line in lines)


def _line(cells: Sequence[Cell]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([_written(cell) for cell in cells])
    return line.getvalue()


def _written(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{trim(cell):f}"
    return guarded(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def xlsx(found: Sequence[Progress]) -> bytes:
    values = [_("Code"), _("Target"), _("Year"), _("Value"), _("Unit"), _("As of"), _("Source")]
    return xlsx_bytes(
        [Sheet(_("Targets"), headings(), rows(found)), Sheet(_("Values"), values, _values(found))]
    )


def _values(found: Iterable[Progress]) -> Iterator[list[Cell]]:
    for one in found:
        for point in one.points:
            yield [
                one.target.code,
                one.target.name,
                point.year,
                point.value,
                one.target.unit,
                point.as_of.isoformat(),
                point.source or _("counted"),
            ]
