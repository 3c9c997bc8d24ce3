"""The ledger (台账) read: filtered, added up by stage, and exported line by line as a stream.

The lines and the totals below them come from one statement, so one snapshot: a total is the sum of
the lines above it even while others post.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from incentives.domain.exports import BOM, ROWS_A_SHEET, Sheet, SheetCell, write_xlsx
from incentives.domain.ledger_columns import columns
from incentives.domain.ledger_filter import LedgerFilter, narrowed
from incentives.domain.ledger_sql import blocks_sql, lines_sql
from incentives.domain.risky_cells import guarded
from incentives.models import LedgerEntry
from incentives.models.ledger import Stage

LINES_A_SHEET = ROWS_A_SHEET - 1 - len(Stage) - 1  # so that the totals fit below the last
LINES_A_BLOCK = 128  # what one block holds stays in the nearest cache
PUT_IN_ORDER_IN = "64MB"  # of PostgreSQL's memory, and each of its helpers'; more goes to disk
Lines = Iterator[list[SheetCell]]
Seen = Callable[[int], None]  # told of each block how many lines it had


def _unseen(_lines: int) -> None:
    """Nobody follows how far it is."""


@dataclass(frozen=True, slots=True)
class StageTotal:
    """How many entries of a stage there are and what they add up to, in yuan."""

    stage: Stage
    count: int
    amount: Decimal


def entries(*, cities: Collection[str], wanted: LedgerFilter) -> QuerySet[LedgerEntry]:
    """The newest first."""
    return narrowed(LedgerEntry.objects.filter(city__in=cities), wanted).order_by("-id")


def more_than(rows: QuerySet[LedgerEntry], many: int) -> bool:
    """Without counting further than that."""
    return rows.order_by()[: many + 1].count() > many


def totals(rows: QuerySet[LedgerEntry]) -> list[StageTotal]:
    found = rows.order_by().values("stage").annotate(count=Count("pk"), amount=Sum("amount"))
    by_stage = {row["stage"]: row for row in found}
    return [
        StageTotal(stage, by_stage[stage]["count"], by_stage[stage]["amount"])
        for stage in Stage
        if stage in by_stage
    ]


def csv_stream(rows: QuerySet[LedgerEntry], *, seen: Seen = _unseen) -> Iterator[bytes]:
    """The lines, oldest first, then the totals: COPY writes them, so memory does not grow.

    The language is the one in force at the call, whenever the blocks are read. `seen` is not told
    of the totals.
    """
    sql, params = lines_sql(rows)
    heading = ",".join(guarded(column.heading) for column in columns())
    return _copied(f"{BOM}{heading}\r\n".encode(), sql, params, seen)


def _copied(heading: bytes, sql: str, params: list[Any], seen: Seen) -> Iterator[bytes]:
    yield heading
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{PUT_IN_ORDER_IN}'")
        with cursor.copy(f"COPY ({sql}) TO STDOUT CSV", params) as copy:
            while lines := list(islice(copy, LINES_A_BLOCK)):
                yield _ended_as_in_windows(lines)
                seen(len(lines) if _posted(lines[-1]) else sum(map(_posted, lines)))


def _posted(line: memoryview) -> bool:
    """Whether it is of the ledger: it begins with its time, and a total with a word."""
    return bytes(line[:1]).isdigit()


def _ended_as_in_windows(lines: list[memoryview]) -> bytes:
    """All at once, unless a cell has a line break within, which stays as it is."""
    block = b"".join(lines)
    if block.count(b"\n") == len(lines):
        return block.replace(b"\n", b"\r\n")
    return b"".join(bytes(line).removesuffix(b"\n") + b"\r\n" for line in lines)


def write_ledger_xlsx(target: Path, rows: QuerySet[LedgerEntry], *, seen: Seen = _unseen) -> int:
    """The same lines as an XLSX file, a row at a time; how many lines of the ledger it holds."""
    headings = [column.heading for column in columns()]
    money = [column.heading for column in columns() if column.kind == "money"]
    with _blocks(rows) as (many, blocks):
        lines = _lines(blocks, seen)
        parts = _parted(lines, many)
        names = [_("Ledger"), *(f"{_('Ledger')} {at}" for at in range(2, len(parts) + 1))]
        sheets = [
            Sheet(name, headings, part, money, fits=True)
            for name, part in zip(names, parts, strict=True)
        ]
        write_xlsx(target, sheets)
    return many


def _parted(lines: Lines, many: int) -> list[Lines]:
    """A part a sheet, to be read one after the other; the last has the totals too."""
    full = max(many - 1, 0) // LINES_A_SHEET
    return [*(islice(lines, LINES_A_SHEET) for _sheet in range(full)), lines]


@contextmanager
def _blocks(rows: QuerySet[LedgerEntry]) -> Iterator[tuple[int, Iterator[bytes]]]:
    """How many lines there are, and these as JSON, some at a time."""
    sql, params = blocks_sql(rows)
    statement = f"COPY ({sql}) TO STDOUT BINARY"  # as it is: nothing escaped and read back
    with connection.cursor() as cursor, cursor.copy(statement, params) as copy:
        copy.set_types(["bytea"])
        blocks = (block for (block,) in copy.rows())
        yield orjson.loads(next(blocks)), blocks


def _lines(blocks: Iterator[bytes], seen: Seen = _unseen) -> Lines:
    for block in blocks:
        lines = orjson.loads(block)
        yield from lines
        seen(len(lines))
