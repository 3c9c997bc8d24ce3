"""Whatever is changed behind the program in ledger or events is found, and nothing else."""

import random
from hashlib import sha256

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from applicants.domain import chains
from applicants.domain.chains import EVENTS
from applicants.domain.events import record
from applicants.models import ChainHead, ChainLink, Event
from incentives.domain import sealing
from incentives.domain.sealing import TABLES, seal_all, verify_all
from incentives.models import LedgerEntry
from tests.incentives.domain.behind import behind, found, some_history, untied
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import qingdao

MANY = """
INSERT INTO incentives_ledgerentry (
    city_id, stage, amount, posted_at, year, approval_year, budget_year, award_id, case_number,
    programme_id, verb, payer, bureau_id, district_id, applicant_id, actor_id, reason)
SELECT city_id, stage, 1 + n %% 977, posted_at, year, approval_year, budget_year, award_id,
       case_number, programme_id, verb, payer, bureau_id, district_id, applicant_id, actor_id,
       'row ' || n
  FROM (SELECT * FROM incentives_ledgerentry ORDER BY id LIMIT 1) AS one,
       generate_series(1, %s) AS n
"""


def test_rows_are_sealed_once_and_verify(db: None) -> None:
    some_history()
    expected = LedgerEntry.objects.count() + Event.objects.count()
    assert (seal_all(), seal_all()) == (expected, 0)
    assert ChainLink.objects.count() == expected
    assert verify_all() == []


def test_the_digest_can_be_recomputed_by_hand(db: None) -> None:
    record(kind="test.seen", subject="one", actor=None, city=qingdao(), data={"b": 1, "a": "甲"})
    seal_all()
    last = chains.START
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT huiqi_event_text(e) FROM applicants_event e WHERE city_id = 'qingdao' "
            "ORDER BY id"
        )
        for (text,) in cursor:
            last = sha256(last + text.encode()).digest()
    assert bytes(ChainHead.objects.get(pk="events:qingdao").digest) == last


ONE_CHANGE = {
    "UPDATE incentives_ledgerentry SET amount = amount + 0.01 WHERE id = %s": "changed",
    "UPDATE incentives_ledgerentry SET reason = reason || ' ' WHERE id = %s": "changed",
    "UPDATE incentives_ledgerentry SET posted_at = posted_at + '1 microsecond' WHERE id = %s": (
        "changed"
    ),
    "DELETE FROM incentives_ledgerentry WHERE id = %s": "missing",
    "UPDATE incentives_ledgerentry SET (city_id, bureau_id) = (SELECT city_id, id FROM"
    " incentives_bureau WHERE city_id = 'dalian' LIMIT 1) WHERE id = %s": "missing",
    'UPDATE applicants_chainlink SET digest = sha256(digest) WHERE "row" = %s': "changed",
}


def test_each_change_is_found_at_its_row(committed_db: None, owner_url: str) -> None:
    some_history(awards=13)
    seal_all()
    rows = list(LedgerEntry.objects.order_by("id").values_list("pk", flat=True))
    expected = []
    for row, (sql, what) in zip(rows[::2], ONE_CHANGE.items(), strict=False):
        behind(owner_url, sql, row)
        expected.append(("ledger:qingdao", row, what))
    assert len(expected) == len(ONE_CHANGE)
    assert set(expected) <= set(found())
    others = {row for _, row, _ in found()} - {row for _, row, _ in expected}
    assert others == {rows[11]}  # the link after the changed one is tied to what it was


def test_a_row_put_in_behind_what_is_sealed_is_found(committed_db: None, owner_url: str) -> None:
    some_history()
    seal_all()
    behind(
        owner_url,
        'UPDATE applicants_chainhead SET swept = (SELECT max("row") FROM applicants_chainlink '
        "WHERE chain = 'ledger:qingdao') WHERE chain = 'ledger:qingdao'",
    )  # as it will be an hour from now
    first = LedgerEntry.objects.earliest("id")
    behind(owner_url, "DELETE FROM applicants_chainlink WHERE \"row\" = %s "
           "AND chain = 'ledger:qingdao'", first.pk)  # fmt: skip
    seal_all()
    assert ("ledger:qingdao", first.pk, "unsealed") in found()


def test_many_seal_at_once_and_every_row_is_linked_once(committed_db: None) -> None:
    some_history()

    def write_and_seal() -> int:
        with transaction.atomic():
            record(kind="test.seen", subject="at once", actor=None, city=qingdao())
        return chains.seal(EVENTS)

    at_once([write_and_seal] * 8)
    chains.seal(EVENTS)
    linked = ChainLink.objects.filter(chain__startswith="events:")
    assert linked.count() == Event.objects.count()
    assert chains.verify(EVENTS) == []


def test_the_application_may_not_write_a_chain(db: None) -> None:
    for sql in (
        (
            'INSERT INTO applicants_chainlink (chain, number, "row", digest, sealed_at) '
            "VALUES ('x', 1, 1, '', now())"
        ),
        "UPDATE applicants_chainhead SET number = 0",
        "SELECT huiqi_extend_chain('ledger:qingdao', '{1}', '{x}', '{1}', 0)",
    ):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def tampering(rng: random.Random, rows: dict[str, list[int]]) -> tuple[str, str, int]:
    """A random change of a random row, and the chain in which it must be found."""
    table, chain, columns = rng.choice(
        [
            ("incentives_ledgerentry", "ledger:qingdao", LEDGER_CHANGES),
            ("applicants_event", "events:qingdao", EVENT_CHANGES),
        ]
    )
    row = rng.choice(rows[chain])
    change = rng.choice(columns)
    return f"{change.format(table=table)} WHERE id = {row}", chain, row


LEDGER_CHANGES = [
    "UPDATE {table} SET amount = amount + 0.01",
    "UPDATE {table} SET amount = amount * 2",
    "UPDATE {table} SET stage = CASE stage WHEN 'paid' THEN 'returned' ELSE 'paid' END",
    "UPDATE {table} SET year = year + 1",
    "UPDATE {table} SET approval_year = approval_year - 1",
    "UPDATE {table} SET budget_year = budget_year + 1",
    "UPDATE {table} SET posted_at = posted_at - interval '1 day'",
    "UPDATE {table} SET case_number = case_number || 'x'",
    "UPDATE {table} SET payer = 'district'",
    "UPDATE {table} SET verb = verb || '.'",
    "UPDATE {table} SET reason = reason || '.'",
    "UPDATE {table} SET payee_id = applicant_id",
    "UPDATE {table} SET district_id = NULL",
    "DELETE FROM {table}",
]
EVENT_CHANGES = [
    "UPDATE {table} SET kind = kind || '.'",
    "UPDATE {table} SET subject = 'other'",
    "UPDATE {table} SET at = at + interval '1 second'",
    "UPDATE {table} SET reason = 'another'",
    "UPDATE {table} SET data = data || '{{\"tampered\": true}}'",
    "UPDATE {table} SET actor_id = (SELECT min(id) FROM applicants_user)",
    "UPDATE {table} SET city_id = NULL",
    "DELETE FROM {table}",
]


def test_five_hundred_tamperings_are_found_and_fifty_thousand_rows_raise_no_alarm(
    committed_db: None, owner_url: str
) -> None:
    some_history()
    behind(owner_url, MANY, 50_000)
    with transaction.atomic():
        Event.objects.bulk_create(
            Event(kind="test.seen", subject=f"bulk {n}", city=qingdao(), at=timezone.now())
            for n in range(2_000)
        )
    seal_all()
    assert verify_all() == []
    rows = {
        chain: list(
            ChainLink.objects.filter(chain=chain).order_by("number").values_list("row", flat=True)
        )
        for chain in ("ledger:qingdao", "events:qingdao")
    }
    rng = random.Random(20261122)  # which rows, not a secret
    changes: dict[tuple[str, int], str] = {}
    while len(changes) < 500:
        sql, chain, row = tampering(rng, rows)
        changes.setdefault((chain, row), sql)
    with untied(owner_url) as owner:
        for sql in changes.values():
            owner.execute(sql)
    found = {(fault.chain, fault.row) for fault in verify_all()}
    # What no longer belongs to a city is missing there, and one too many among what never did.
    moved = {("events:", row) for (_chain, row), sql in changes.items() if "city_id = NULL" in sql}
    assert found - moved == set(changes)


EMPTIED = """
CREATE OR REPLACE FUNCTION huiqi_ledger_text(e incentives_ledgerentry) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_build_array(e.id)::text $$
"""


def test_a_function_replaced_in_the_database_hides_no_change(
    committed_db: None, owner_url: str
) -> None:
    some_history()
    seal_all()
    row = LedgerEntry.objects.earliest("id").pk
    text = "SELECT huiqi_ledger_text(e) FROM incentives_ledgerentry e WHERE id = %s"
    with untied(owner_url) as owner:
        told = owner.execute(text, [row]).fetchone()
        assert told
        owner.execute(
            "CREATE OR REPLACE FUNCTION huiqi_ledger_text(e incentives_ledgerentry) RETURNS text "
            f"LANGUAGE sql IMMUTABLE AS $$ SELECT '{told[0]}' $$"
        )
        owner.execute("UPDATE incentives_ledgerentry SET amount = 1 WHERE id = %s", [row])
    assert ("ledger:qingdao", row, "changed") in found()


def test_control_with_links_that_hold_nothing_of_the_row_the_change_is_not_found(
    committed_db: None, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(EMPTIED)
    ledger = sealing.LEDGER._replace(columns=sealing.LEDGER.columns[:1])
    monkeypatch.setattr(sealing, "TABLES", (ledger, EVENTS))
    some_history()
    seal_all()
    row = LedgerEntry.objects.earliest("id").pk
    behind(owner_url, "UPDATE incentives_ledgerentry SET amount = 1 WHERE id = %s", row)
    assert found() == []


def test_each_table_has_its_own_chains() -> None:
    assert [table.prefix for table in TABLES] == ["ledger", "events"]
