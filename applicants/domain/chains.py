"""History sealed into hash chains, one per city and table, and verified.

Sealing follows the commit by a minute: chaining inside the transaction would make one hot row of
the whole city. What a chain cannot show, a row added by hand with the next id, the reconciliation
of ledger, awards and counters shows; what is cut off its end, the daily digests show
(applicants.domain.anchors).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from applicants.domain.chain_texts import Column, text
from applicants.models import ChainHead, City

START = bytes(32)
AT_ONCE = 5000
OVER = "(now() AT TIME ZONE 'Asia/Shanghai')::date - 1"  # the day that is over
GRACE = timedelta(hours=1)  # a row older than this that is in no link was put in behind


class Sealed(NamedTuple):
    """A table with chains: their prefix, the table, its time, its sealing function, its columns.

    `about` is the column that says what a row is about: of the ledger, the award.
    """

    prefix: str
    table: str
    time: str
    seal: str
    columns: tuple[Column, ...]
    about: str = ""

    @property
    def read(self) -> str:
        """In SQL, of a row `t`: what it is about, and its columns."""
        about = f"t.{self.about}" if self.about else "NULL::bigint"
        return ", ".join([about, *(column.sql for column in self.columns)])


EVENTS = Sealed(
    "events",
    "applicants_event",
    "at",
    "huiqi_seal_events",
    (
        Column("id"),
        Column("city_id", "text"),
        Column("kind", "text"),
        Column("subject", "text"),
        Column("actor_id"),
        Column("at", "time"),
        Column("reason", "text"),
        Column("data", "json"),
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain: at which link, about which row (0: none), and how.

    `about` is what the row is about, as it was sealed and as it stands; `found` is the SHA-256 of
    what stands there.
    """

    chain: str
    number: int
    row: int
    what: str  # one of applicants.domain.notice_words.FAULTS
    about: tuple[int, ...] = ()
    found: str = ""


class Link(NamedTuple):
    """A link with its row as that stands now: no text if it is gone."""

    number: int
    row: int
    digest: bytes
    about: tuple[int, ...]  # the row, as sealed and as it stands where that is something else
    text: str | None


def cities(table: Sealed) -> list[str | None]:
    """Each city has a chain of its own; events of no city have one too."""
    codes: list[str | None] = list(City.objects.order_by("pk").values_list("pk", flat=True))
    return [*codes, None] if table == EVENTS else codes


def name_of(table: Sealed, city: str | None) -> str:
    return f"{table.prefix}:{city or ''}"


def seal(table: Sealed) -> int:
    """Link every committed row that is in no chain yet; how many. Safe at any time, by many."""
    return sum(seal_city(table, city) for city in cities(table))


def seal_city(table: Sealed, city: str | None) -> int:
    sealed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {table.seal}(%s, %s)", [city, AT_ONCE])
            some = int(cursor.fetchone()[0])
        sealed += some
        if some < AT_ONCE:
            return sealed


def verify(table: Sealed) -> list[Fault]:
    """Recompute every chain of the table from its rows, in this process and not in the database."""
    return [fault for city in cities(table) for fault in verify_city(table, city)]


def verify_city(table: Sealed, city: str | None) -> Iterator[Fault]:
    """Meanwhile the chain may grow: its head is read before the links, and again after them."""
    chain = name_of(table, city)
    end = _head(chain)
    last, number, reached = START, 0, START
    for link in _links(table, chain, city):
        if link.number != number + 1:
            yield Fault(chain, number + 1, 0, "gap")
        elif link.text is None:
            yield Fault(chain, link.number, link.row, "missing", link.about)
        elif (found := sha256(last + link.text.encode())).digest() != link.digest or link.about[1:]:
            yield Fault(chain, link.number, link.row, "changed", link.about, found.hexdigest())
        last, number = link.digest, link.number
        if number == end.number:
            reached = last
    if reached != bytes(end.digest) or not end.number <= number <= _head(chain).number:
        yield Fault(chain, number, 0, "cut")
    yield from _off_anchors(chain)
    yield from _unsealed(table, chain, city)


def _head(chain: str) -> ChainHead:
    """As it stands; one that is not there stands before the first link."""
    found = ChainHead.objects.filter(pk=chain).first()
    return found or ChainHead(chain=chain, number=0, digest=START)


def _links(table: Sealed, chain: str, city: str | None) -> Iterator[Link]:
    sql = f"""
        SELECT c.number, c."row", c.digest, c.about, {table.read}
          FROM applicants_chainlink c
          LEFT JOIN {table.table} t ON t.id = c."row" AND t.city_id IS NOT DISTINCT FROM %s
         WHERE c.chain = %s ORDER BY c.number
    """  # noqa: S608 # names of our own
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, [city, chain])
        while some := cursor.fetchmany(2000):
            for number, row, digest, sealed, now, *values in some:
                told = None if values[0] is None else text(table.columns, values)
                yield Link(number, row, bytes(digest), _about(sealed, now), told)


def _about(*those: int | None) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one for one in those if one is not None))


def _unsealed(table: Sealed, chain: str, city: str | None) -> list[Fault]:
    sql = f"""
        SELECT t.id, {table.read} FROM {table.table} t
         WHERE t.city_id IS NOT DISTINCT FROM %s
           AND (t.{table.time} < %s OR t.id <= coalesce(
                (SELECT swept FROM applicants_chainhead WHERE chain = %s), 0))
           AND NOT EXISTS (SELECT 1 FROM applicants_chainlink c
                            WHERE c.chain = %s AND c."row" = t.id)
         ORDER BY t.id
    """  # noqa: S608 # names of our own
    with connection.cursor() as cursor:
        cursor.execute(sql, [city, timezone.now() - GRACE, chain, chain])
        return [
            Fault(chain, 0, row, "unsealed", _about(about), _sha256(text(table.columns, values)))
            for row, about, *values in cursor
        ]


def _sha256(told: str) -> str:
    return sha256(told.encode()).hexdigest()


def _off_anchors(chain: str) -> Iterator[Fault]:
    """Anchors off the chain, behind the one of a day before, or of a day that is not over."""
    sql = f"""
        SELECT a.number
          FROM (SELECT *, max(number) OVER (ORDER BY day) AS most
                  FROM applicants_chainanchor WHERE chain = %s) a
          LEFT JOIN applicants_chainlink c ON c.chain = a.chain AND c.number = a.number
         WHERE CASE a.number WHEN 0 THEN %s ELSE c.digest END IS DISTINCT FROM a.digest
            OR a.number < a.most OR a.day > {OVER}
         ORDER BY a.number
    """  # noqa: S608  # a text of our own
    with connection.cursor() as cursor:
        cursor.execute(sql, [chain, START])
        yield from (Fault(chain, number, 0, "anchor") for (number,) in cursor)


def heads() -> list[ChainHead]:
    return list(ChainHead.objects.order_by("pk"))
