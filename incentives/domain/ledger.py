"""The ledger (台账) read: filtered, added up by stage, and exported line by line as a stream.

The lines and the totals below them come from one statement, so one snapshot: a total is the sum of
the lines above it even while others post.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from applicants.domain.events import record
from applicants.domain.succession import formerly
from applicants.models import City, User
from incentives.domain.exports import BOM, Sheet, SheetCell, write_xlsx
from incentives.domain.ledger_columns import columns
from incentives.domain.ledger_sql import blocks_sql, lines_sql
from incentives.domain.risky_cells import guarded
from incentives.models import LedgerEntry
from incentives.models.ledger import Stage

LINES_A_BLOCK = 128  # what one block holds stays in the nearest cache
PUT_IN_ORDER_IN = "64MB"  # of PostgreSQL's memory, and each of its helpers'; more goes to disk
Lines = Iterator[list[SheetCell]]


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What of the ledger is wanted; None or empty wants all.

    `applicant` is part of a name or a whole credit code; `programme`, `document`, `bureau` and
    `district` are primary keys.
    """

    year: int | None = None
    approval_year: int | None = None
    programme: int | None = None
    document: int | None = None
    bureau: int | None = None
    district: int | None = None
    stage: str = ""
    payer: str = ""
    applicant: str = ""

    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class StageTotal:
    """How many entries of a stage there are and what they add up to, in yuan."""

    stage: Stage
    count: int
    amount: Decimal


def entries(*, cities: Collection[str], wanted: LedgerFilter) -> QuerySet[LedgerEntry]:
    """The newest first."""
    values = wanted.chosen()
    applicant = values.pop("applicant", "")
    if "document" in values:
        values["programme__document"] = values.pop("document")
    rows = LedgerEntry.objects.filter(city__in=cities, **values)
    if applicant:
        named = Q(applicant__name__icontains=applicant) | Q(applicant__uscc=applicant)
        rows = rows.filter(named | Q(applicant__in=formerly(applicant)))
    return rows.order_by("-id")


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


def csv_stream(rows: QuerySet[LedgerEntry]) -> Iterator[bytes]:
    """The lines, oldest first, then the totals: COPY writes them, so memory does not grow.

    The language is the one in force at the call, whenever the blocks are read.
    """
    sql, params = lines_sql(rows)
    heading = ",".join(guarded(column.heading) for column in columns())
    return _copied(f"{BOM}{heading}\r\n".encode(), sql, params)


def _copied(heading: bytes, sql: str, params: list[Any]) -> Iterator[bytes]:
    yield heading
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{PUT_IN_ORDER_IN}'")
        with cursor.copy(f"COPY ({sql}) TO STDOUT CSV", params) as copy:
            while lines := list(islice(copy, LINES_A_BLOCK)):
                yield _ended_as_in_windows(lines)


def _ended_as_in_windows(lines: list[memoryview]) -> bytes:
    """All at once, unless a cell has a line break within, which stays as it is."""
    block = b"".join(lines)
    if block.count(b"\n") == len(lines):
        return block.replace(b"\n", b"\r\n")
    return b"".join(bytes(line).removesuffix(b"\n") + b"\r\n" for line in lines)


def write_ledger_xlsx(
    target: Path, rows: QuerySet[LedgerEntry], *, seen: Callable[[Lines], Lines] = iter
) -> None:
    """The same lines as an XLSX file, a row at a time; each passes through `seen`."""
    headings = [column.heading for column in columns()]
    money = [column.heading for column in columns() if column.kind == "money"]
    write_xlsx(target, [Sheet(_("Ledger"), headings, seen(_lines(rows)), money, fits=True)])


def _lines(rows: QuerySet[LedgerEntry]) -> Lines:
    sql, params = blocks_sql(rows)
    statement = f"COPY ({sql}) TO STDOUT BINARY"  # as it is: nothing escaped and read back
    with connection.cursor() as cursor, cursor.copy(statement, params) as copy:
        copy.set_types(["bytea"])
        for (block,) in copy.rows():
            yield from orjson.loads(block)


def note_export(*, chosen: dict[str, Any], cities: Collection[str], form: str, user: User) -> None:
    """Who took the ledger out, and which part of it: what was chosen, by name."""
    for city in City.objects.filter(pk__in=cities):
        record(
            kind="ledger.exported",
            subject=f"ledger:{city.pk}",
            actor=user,
            city=city,
            data={"format": form, "filter": chosen},
        )
