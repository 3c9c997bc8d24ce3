"""History, and what no code of ours can stop: the owner changing it with our triggers off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from applicants.domain.events import record
from incentives.domain.sealing import verify_all
from tests.incentives.factories import qingdao, reserve

GUARDED = [
    "incentives_ledgerentry",
    "incentives_counterentry",
    "applicants_event",
    "applicants_chainlink",
    "applicants_chainanchor",
]


def some_history(events: int = 20, awards: int = 5) -> None:
    for number in range(awards):
        reserve(f"{100 + number}.00")
    for number in range(events):
        record(kind="test.seen", subject=f"case {number}", actor=None, city=qingdao())
        record(kind="test.seen", subject=f"system {number}", actor=None, data={"n": number})


def behind(owner_url: str, sql: str, *values: Any) -> None:
    with untied(owner_url) as owner:
        owner.execute(sql, values)


@contextmanager
def untied(owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for table in GUARDED:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield owner
        for table in GUARDED:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def found() -> list[tuple[str, int, str]]:
    return [(fault.chain, fault.row, fault.what) for fault in verify_all()]
