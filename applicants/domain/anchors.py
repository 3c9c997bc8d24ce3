"""Daily digests: where each chain stood at the end of a day, noted here and written out as files.

A file is for keeping elsewhere (ANCHOR_ROOT may be a mounted disk that is written once): whoever
rewrites the database with all its digests cannot rewrite what has left the house.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from applicants.domain.chains import OVER, START, Fault

LATELY = 30  # days; a file of before may have been taken elsewhere
NAME = "huiqi-digest-{day}.json"
UNREADABLE = (OSError, ValueError, KeyError, TypeError)


class End(NamedTuple):
    """Where a chain stood: after how many links, and the last one's digest."""

    chain: str
    day: str
    number: int
    digest: bytes


def anchor() -> Path:
    """Note where each chain stands, for the day that is over, and write it out as a file, once.

    What is noted stays when the file cannot be written; then a later call writes the file.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT ({OVER})::text")
        day: str = cursor.fetchone()[0]
        cursor.execute("SELECT chain, number, digest FROM huiqi_anchor()")
        ends = [End(chain, day, number, bytes(digest)) for chain, number, digest in cursor]
    path = settings.ANCHOR_ROOT / day[:4] / NAME.format(day=day)
    if not path.exists():
        _write(path, _text(ends))
    return path


def _text(ends: list[End]) -> str:
    told = [
        {"chain": one.chain, "day": one.day, "number": one.number, "sha256": one.digest.hex()}
        for one in ends
    ]
    return json.dumps(told, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    """The whole file or none, whatever happens meanwhile to disk and power."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = NamedTemporaryFile(  # noqa: SIM115  # it lives on under another name
        "w", encoding="utf-8", dir=path.parent, prefix=".", delete=False
    )
    try:
        with part:
            part.write(text)
            part.flush()
            os.fchmod(part.fileno(), 0o644)  # no secret: it is there to be taken elsewhere
            os.fsync(part.fileno())
        os.replace(part.name, path)
    except OSError:
        Path(part.name).unlink()
        raise
    _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def faults() -> list[Fault]:
    """What is wrong with the files that are there, and the days of late that have none."""
    files = dict(_files())
    missing = [Fault(_named(day), 0, 0, "no_digest") for day in _expected() if day not in files]
    return [*missing, *_faults_of(files)]


def _files() -> Iterator[tuple[str, Path]]:
    """By day, the earliest first."""
    begin, end = NAME.split("{day}")
    for path in sorted(settings.ANCHOR_ROOT.glob("*/" + NAME.format(day="*"))):
        yield path.name.removeprefix(begin).removesuffix(end), path


def _expected() -> list[str]:
    sql = f"""
        SELECT day::text FROM applicants_chainanchor WHERE day BETWEEN {OVER} - %s AND {OVER}
         UNION
        SELECT ({OVER})::text WHERE EXISTS (SELECT 1 FROM applicants_chainlink)
         ORDER BY 1
    """  # noqa: S608  # a text of our own
    with connection.cursor() as cursor:
        cursor.execute(sql, [LATELY])
        return [day for (day,) in cursor]


def _faults_of(files: dict[str, Path]) -> Iterator[Fault]:
    """No file may differ from the chains, fall behind the one before it or leave out a chain."""
    before: dict[str, int] = {}
    for day, path in files.items():
        try:
            ends = _read(path)
        except UNREADABLE:
            yield Fault(_named(day), 0, 0, "bad_digest")
            continue
        yield from _off_chain(ends)
        now = {one.chain: one.number for one in ends}
        behind = any(now.get(chain, -1) < number for chain, number in before.items())
        if behind or {one.day for one in ends} - {day}:
            yield Fault(_named(day), 0, 0, "bad_digest")
        before |= now


def _named(day: str) -> str:
    return f"digest:{day}"


def _read(path: Path) -> list[End]:
    return [
        End(one["chain"], one["day"], int(one["number"]), bytes.fromhex(one["sha256"]))
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]


def against(file: Path) -> list[Fault]:
    """The links that are not as a file says that left the house before."""
    return list(_off_chain(_read(file)))


def _off_chain(ends: list[End]) -> Iterator[Fault]:
    sql = """
        SELECT k.chain, k.number, c.digest
          FROM unnest(%s::text[], %s::bigint[]) AS k(chain, number)
          LEFT JOIN applicants_chainlink c ON c.chain = k.chain AND c.number = k.number
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [[one.chain for one in ends], [one.number for one in ends]])
        found = {(chain, number): digest and bytes(digest) for chain, number, digest in cursor}
    for one in ends:
        if (found[one.chain, one.number] if one.number else START) != one.digest:
            yield Fault(one.chain, one.number, 0, "anchor")
