"""An outlook decided: asks read in their order by blocks, granted one by one, and written down.

Blocks are read as arrays, one a column, and written by COPY: a row costs what its arithmetic costs.
While the database writes one block the next is decided, and the one after read on a connection of
its own.
"""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

import polars as pl
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from incentives.domain.in_order import Books
from reviews.domain.outlook_limits import books, yuan
from reviews.models import Outlook
from reviews.models.outlook import OutlookState

T = TypeVar("T")
Asks = tuple[list[int], list[int], list[int], list[list[int]]]  # cases, versions, fen, own limits
BLOCK = 50_000
WIDTH = "SELECT coalesce(max(cardinality(limits)), 0) FROM reviews_outlookask WHERE city_id = %s"
READ = """
SELECT {columns}, max(since)
  FROM (SELECT application_id, version_id, fen, limits, since FROM reviews_outlookask
         WHERE city_id = %(city)s AND {after}
         ORDER BY since, application_id LIMIT %(block)s) AS t
"""
WRITE = """
COPY reviews_outlookdecision (outlook_id, place, application_id, asked, granted, limited_by_id)
FROM STDIN (FORMAT csv)
"""


@dataclass(slots=True)
class Short:
    """What one limit leaves too little for: how many cases, by how much (fen), and the first."""

    cases: int = 0
    fen: int = 0
    place: int = 0
    case: int = 0


@dataclass(slots=True)
class Tally:
    cases: int = 0
    asked: int = 0
    granted: int = 0
    by_version: dict[int, int] = field(default_factory=dict)
    by_limit: dict[int, Short] = field(default_factory=dict)

    def add(self, block: pl.DataFrame, watched: list[int]) -> None:
        self.cases += block.height
        self.asked += int(block["asked"].sum())
        self.granted += int(block["granted"].sum())
        asked = block.group_by("version").agg(pl.col("asked").sum())
        for version, fen in asked.iter_rows():
            self.by_version[version] = self.by_version.get(version, 0) + fen
        for number, *more in _cut_short(block.filter(pl.col("limit").is_in(watched))).iter_rows():
            short = self.by_limit.setdefault(number, Short(0, 0, *more[2:]))
            short.cases += more[0]
            short.fen += more[1]


def _cut_short(block: pl.DataFrame) -> pl.DataFrame:
    return block.group_by("limit").agg(
        pl.len(), (pl.col("asked") - pl.col("granted")).sum(), pl.first("place"), pl.first("case")
    )


@contextmanager
def one_moment() -> Iterator[BaseDatabaseWrapper | None]:
    """A transaction of one snapshot, and a connection that reads as of the same.

    None within a transaction that has begun: what it wrote is seen by no other connection.
    """
    if connection.in_atomic_block:
        yield None
        return
    reading = connection.copy()
    reading.inc_thread_sharing()
    try:
        with transaction.atomic(), connection.cursor() as ours, reading.cursor() as theirs:
            ours.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            ours.execute("SELECT pg_export_snapshot()")
            theirs.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            theirs.execute("SET TRANSACTION SNAPSHOT %s", ours.fetchone())
            yield reading
    finally:
        reading.close()


def decide(outlook: Outlook, reading: BaseDatabaseWrapper | None) -> None:
    """Within `one_moment`, which gives `reading`: the decisions, what they sum to, and the end."""
    at_once: Callable[[Iterator[Any]], AbstractContextManager[Iterator[Any]]]
    at_once = _ahead if reading else nullcontext
    tally = Tally()
    with at_once(_asks(outlook.city_id, reading or connection)) as asks:
        found = books(outlook.city_id, outlook.year)
        shared = [number for number, one in found.limits.items() if one.kind in ("pool", "budget")]
        before = {number: found.rooms[number] for number in shared}
        decided = _tallied(_decided(asks, found), tally, shared, outlook.pk)
        with at_once(decided) as contents:
            for content in contents:
                _write(content)
    outlook.cases, outlook.state = tally.cases, OutlookState.DONE
    outlook.asked, outlook.granted = yuan(tally.asked), yuan(tally.granted)
    outlook.limits = [_told(number, found, before[number], tally) for number in shared]
    outlook.done_at = timezone.now()
    outlook.save()


@contextmanager
def _ahead(blocks: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same, each made while the one before is in use; the first is begun at once."""

    def in_turn(following: Future[T | None]) -> Iterator[T]:
        while (block := following.result()) is not None:
            following = pool.submit(next, blocks, None)
            yield block

    with ThreadPoolExecutor(1) as pool:
        yield in_turn(pool.submit(next, blocks, None))


def _asks(city: str, reading: BaseDatabaseWrapper) -> Iterator[Asks]:
    given: dict[str, Any] = {"city": city, "block": BLOCK, "since": None, "last": 0}
    with reading.cursor() as cursor:
        cursor.execute(WIDTH, [city])
        [width] = cursor.fetchone()
        names = ["application_id", "version_id", "fen"]
        names += [f"coalesce(limits[{number}], 0)" for number in range(1, width + 1)]
        columns = ", ".join(f"array_agg({name})" for name in names)
        while True:
            after = "(since, application_id) > (%(since)s, %(last)s)" if given["since"] else "true"
            cursor.execute(READ.format(columns=columns, after=after), given)
            cases, versions, asked, *limits, since = cursor.fetchone()
            if cases is None:
                return
            given |= {"since": since, "last": cases[-1]}
            yield cases, versions, asked, limits


def _decided(asks: Iterator[Asks], found: Books) -> Iterator[pl.DataFrame]:
    """Each a table: place, case, version, asked, granted, limit (null where nothing limits)."""
    place = 1
    for cases, versions, asked, limits in asks:
        own = zip(*limits, strict=True) if limits else [()] * len(cases)
        granted, limited = found.grant(cases, versions, asked, own)
        yield pl.DataFrame(
            {
                "place": range(place, place + len(cases)),
                "case": cases,
                "version": versions,
                "asked": asked,
                "granted": granted,
                "limit": limited,
            }
        ).with_columns(pl.col("limit").replace(0, None))
        place += len(cases)


def _tallied(
    blocks: Iterator[pl.DataFrame], tally: Tally, watched: list[int], outlook_id: int
) -> Iterator[bytes]:
    """Each counted, and as the rows to be written: whoever waits for the database does no more."""
    for block in blocks:
        tally.add(block, watched)
        content = io.BytesIO()
        block.select(
            pl.lit(outlook_id).alias("outlook"), "place", "case", "asked", "granted", "limit"
        ).write_csv(content, include_header=False)
        yield content.getvalue()


def _write(content: bytes) -> None:
    with connection.connection.cursor() as cursor, cursor.copy(WRITE) as copy:
        copy.write(content)


def _told(number: int, found: Books, before: int, tally: Tally) -> dict[str, Any]:
    """What a budget or pool has left, what is asked of it, what it would grant, who gets less."""
    limit, short = found.limits[number], tally.by_limit.get(number)
    asked = sum(
        int(fen * one.shares[one.city]) if one.shares else fen
        for version, fen in tally.by_version.items()
        if number in (one := found.standing[version]).limits
    )
    return {
        "key": limit.key,
        "kind": limit.kind,
        "room": str(yuan(before)),
        "asked": str(yuan(asked)),
        "granted": str(yuan(before - found.rooms[number])),
        "short": short.cases if short else 0,
        "first": short and short.case,
        "place": short and short.place,
    }
