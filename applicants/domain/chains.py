"""History sealed into hash chains, one per city and table, verified and anchored outside.

Sealing follows the commit by a minute: chaining inside the transaction would make one hot row of
the whole city. What a chain cannot show, a row added by hand with the next id, the reconciliation
of ledger, awards and counters shows; what is cut off its end, the anchors show.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from applicants.models import ChainAnchor, ChainHead, City

START = bytes(32)
AT_ONCE = 5000
GRACE = timedelta(hours=1)  # a row older than this that is in no link was put in behind


class Sealed(NamedTuple):
    """A table with chains: their prefix, the table, its time, and the two functions for it."""

    prefix: str
    table: str
    time: str
    text: str
    seal: str


EVENTS = Sealed("events", "applicants_event", "at", "huiqi_event_text", "huiqi_seal_events")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain: at which link, about which row (0: none), and how."""

    chain: str
    number: int
    row: int
    what: str  # changed | missing | gap | unsealed | cut | anchor


def cities(table: Sealed) -> list[str | None]:
    """Each city has a chain of its own; events of no city have one too."""
    codes: list[str | None] = list(City.objects.order_by("pk").values_list("pk", flat=True))
    return [*codes, None] if table == EVENTS else codes


def name_of(table: Sealed, city: str | None) -> str:
    return f"{table.prefix}:{city or ''}"


def seal(table: Sealed) -> int:
    """Link every committed row that is in no chain yet; how many. Safe at any time, by many."""
    return sum(_seal_city(table, city) for city in cities(table))


def _seal_city(table: Sealed, city: str | None) -> int:
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
    chain = name_of(table, city)
    end = ChainHead.objects.filter(pk=chain).first()
    last, number = START, 0
    for number_found, row, digest, text in _links(table, chain, city):
        if number_found != number + 1:
            yield Fault(chain, number + 1, 0, "gap")
        elif text is None:
            yield Fault(chain, number_found, row, "missing")
        elif sha256(last + text.encode()).digest() != digest:
            yield Fault(chain, number_found, row, "changed")
        last, number = digest, number_found
    if end and (end.number, bytes(end.digest)) != (number, last):
        yield Fault(chain, number, 0, "cut")
    yield from _beyond_anchors(chain)
    yield from (Fault(chain, 0, row, "unsealed") for row in _unsealed(table, chain, city))


def _links(table: Sealed, chain: str, city: str | None) -> Iterator[tuple[int, int, bytes, str]]:
    sql = f"""
        SELECT c.number, c."row", c.digest,
               CASE WHEN t.id IS NULL THEN NULL ELSE {table.text}(t) END
          FROM applicants_chainlink c
          LEFT JOIN {table.table} t ON t.id = c."row" AND t.city_id IS NOT DISTINCT FROM %s
         WHERE c.chain = %s ORDER BY c.number
    """  # noqa: S608 # names of our own
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, [city, chain])
        while some := cursor.fetchmany(2000):
            for number, row, digest, text in some:
                yield number, row, bytes(digest), text


def _unsealed(table: Sealed, chain: str, city: str | None) -> list[int]:
    sql = f"""
        SELECT t.id FROM {table.table} t
         WHERE t.city_id IS NOT DISTINCT FROM %s
           AND (t.{table.time} < %s OR t.id <= coalesce(
                (SELECT swept FROM applicants_chainhead WHERE chain = %s), 0))
           AND NOT EXISTS (SELECT 1 FROM applicants_chainlink c
                            WHERE c.chain = %s AND c."row" = t.id)
         ORDER BY t.id
    """  # noqa: S608 # names of our own
    with connection.cursor() as cursor:
        cursor.execute(sql, [city, timezone.now() - GRACE, chain, chain])
        return [row for (row,) in cursor]


def _beyond_anchors(chain: str) -> Iterator[Fault]:
    sql = """
        SELECT a.number FROM applicants_chainanchor a
          LEFT JOIN applicants_chainlink c ON c.chain = a.chain AND c.number = a.number
         WHERE a.chain = %s AND a.number > 0 AND c.digest IS DISTINCT FROM a.digest
         ORDER BY a.number
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [chain])
        yield from (Fault(chain, number, 0, "anchor") for (number,) in cursor)


@transaction.atomic
def anchor(day: date) -> Path:
    """Note where each chain stands at the end of `day` and write it out as a file.

    The file is for keeping elsewhere (ANCHOR_ROOT may be a mounted disk that is written once):
    whoever rewrites the database with all its digests cannot rewrite what has left the house.
    """
    ChainAnchor.objects.bulk_create(
        [
            ChainAnchor(chain=head.pk, day=day, number=head.number, digest=head.digest)
            for head in heads()
        ],
        ignore_conflicts=True,
    )
    kept = ChainAnchor.objects.filter(day=day).order_by("chain")
    path = Path(settings.ANCHOR_ROOT) / f"{day:%Y}" / f"huiqi-digest-{day:%Y-%m-%d}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(json.dumps([told(one) for one in kept], indent=1) + "\n", encoding="utf-8")
    return path


def told(one: ChainAnchor) -> dict[str, str | int]:
    return {
        "chain": one.chain,
        "day": one.day.isoformat(),
        "number": one.number,
        "sha256": bytes(one.digest).hex(),
    }


def against(file: Path) -> list[Fault]:
    """The links that are not as a file says that left the house before."""
    faults = []
    for kept in json.loads(file.read_text(encoding="utf-8")):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT digest FROM applicants_chainlink WHERE chain = %s AND number = %s",
                [kept["chain"], kept["number"]],
            )
            found = cursor.fetchone()
        if kept["number"] and (found is None or bytes(found[0]).hex() != kept["sha256"]):
            faults.append(Fault(kept["chain"], kept["number"], 0, "anchor"))
    return faults


def heads() -> list[ChainHead]:
    return list(ChainHead.objects.order_by("pk"))
