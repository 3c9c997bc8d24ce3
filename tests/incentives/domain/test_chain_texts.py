"""What verification builds of a row's columns is to the byte what the database seals."""

import random
import string
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from applicants.domain.chain_texts import text
from applicants.domain.chains import EVENTS, Sealed
from applicants.models import Event
from incentives.domain.sealing import LEDGER
from incentives.models import LedgerEntry
from incentives.models.ledger import Stage
from tests.factories import make_user
from tests.incentives.domain.behind import untied
from tests.incentives.factories import qingdao, reserve

STRANGE = [
    "",
    " ",
    'a "quoted" \\ back\\u0041slash/',
    "\b\f\n\r\t\x01\x1f\x7f\x80\u2028\u2029",
    "惠企 é e\u0301 𠮷 🏙️ \ufeff\ufffe",
    "</script> & ' %s {0} $$",
]
NUMBERS: list[Any] = [0, -1, 2**63, 1.5, 1e300, 1e-7, -0.0, True, None]
COPY = """
INSERT INTO incentives_ledgerentry (
    city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id, case_number,
    programme_id, verb, payer, bureau_id, district_id, applicant_id, payee_id, actor_id, reason)
SELECT city_id, %s, %s, %s, year, approval_year, budget_year, award_id, %s, programme_id, %s, %s,
       bureau_id, CASE WHEN %s THEN NULL ELSE district_id END, applicant_id,
       CASE WHEN %s THEN NULL ELSE applicant_id END, actor_id, %s
  FROM incentives_ledgerentry ORDER BY id LIMIT 1
"""
TIMES = ["1969-12-31 23:59:59.999999+00", "2026-01-01 00:00:00+08", "2026-12-31 23:59:59.5+08",
         "1900-01-01 00:00:00+08", "9999-12-31 00:00:00+00", "infinity", "-infinity"]  # fmt: skip


def texts(table: Sealed, function: str) -> list[tuple[str, str]]:
    """Of each row: as the database builds it, as this process does."""
    columns = ", ".join(column.sql for column in table.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(t), {columns} FROM {table.table} t ORDER BY t.id")
        return [(told, text(table.columns, values)) for told, *values in cursor]


def strange(rng: random.Random, length: int = 12) -> str:
    anything = string.printable + "".join(STRANGE)
    return rng.choice([*STRANGE, "".join(rng.choices(anything, k=length))])


def nested(rng: random.Random, depth: int = 3) -> Any:
    kind = rng.randrange(4) if depth else 3
    if kind == 0:
        return [nested(rng, depth - 1) for _ in range(rng.randrange(3))]
    if kind == 1:
        return {strange(rng): nested(rng, depth - 1) for _ in range(rng.randrange(4))}
    return rng.choice([*NUMBERS, strange(rng)])


def test_events_of_any_kind(committed_db: None, owner_url: str) -> None:
    rng = random.Random(3)  # which rows, not a secret
    actors, cities = [None, make_user()], [None, qingdao()]
    Event.objects.bulk_create(
        Event(
            kind=strange(rng),
            subject=strange(rng),
            reason=strange(rng, 200),
            actor=rng.choice(actors),
            city=rng.choice(cities),
            at=timezone.now(),
            data=[nested(rng)],
        )
        for _ in range(2_000)
    )
    with untied(owner_url) as owner:
        for moment in TIMES:
            owner.execute(
                "UPDATE applicants_event SET at = %s, data = '[1.50, 1e400, -0.0, 0E-5]' WHERE id "
                "= (SELECT id FROM applicants_event WHERE at > now() - interval '1 day' LIMIT 1)",
                [moment],
            )
    for told, built in texts(EVENTS, "huiqi_event_text"):
        assert told == built


@pytest.mark.parametrize("stage", Stage)
def test_ledger_rows_of_any_kind(committed_db: None, owner_url: str, stage: Stage) -> None:
    rng = random.Random(stage)
    reserve("100.00")
    with untied(owner_url) as owner:
        for number in range(40):
            put(owner, rng, stage, TIMES[number % len(TIMES)])
    assert LedgerEntry.objects.count() == 41
    for told, built in texts(LEDGER, "huiqi_ledger_text"):
        assert told == built


def put(owner: psycopg.Connection, rng: random.Random, stage: str, moment: str) -> None:
    amount = Decimal(rng.choice([1, 10, 12_345, 10**15, rng.randrange(1, 10**16)])).scaleb(-2)
    words = [strange(rng)[:20] for _ in range(3)]
    flags = [rng.random() < 0.5 for _ in range(2)]
    owner.execute(COPY, [stage, amount, moment, *words, *flags, strange(rng, 300)])
