"""Sealing goes on while the chains are verified, and catches up when it has fallen behind."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from applicants.domain import chains
from applicants.domain.chains import EVENTS
from applicants.domain.events import record
from applicants.models import ChainHead, Event
from incentives.domain.sealing import LEDGER, seal_all
from tests.incentives.domain.behind import behind, found, some_history
from tests.incentives.factories import qingdao, reserve

links = chains._links


def one_more() -> None:
    record(kind="test.seen", subject="meanwhile", actor=None, city=qingdao())
    chains.seal_city(EVENTS, "qingdao")


def test_what_is_sealed_while_the_links_are_read_is_no_fault(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def growing(*given: Any) -> Iterator[Any]:
        one_more()
        yield from links(*given)
        one_more()

    some_history()
    seal_all()
    monkeypatch.setattr(chains, "_links", growing)
    assert list(chains.verify_city(EVENTS, "qingdao")) == []


@pytest.mark.parametrize(
    "change",
    [
        (
            "UPDATE applicants_chainhead h SET number = h.number - 1, digest = c.digest "
            "FROM applicants_chainlink c WHERE c.chain = h.chain AND c.number = h.number - 1 "
            "AND h.chain = 'events:qingdao'"
        ),
        "UPDATE applicants_chainhead SET number = number + 1 WHERE chain = 'events:qingdao'",
        "UPDATE applicants_chainhead SET digest = '' WHERE chain = 'events:qingdao'",
        "DELETE FROM applicants_chainhead WHERE chain = 'events:qingdao'",
    ],
)
def test_a_head_that_is_not_the_end_of_its_chain_is_found(
    committed_db: None, owner_url: str, change: str
) -> None:
    some_history()
    seal_all()
    behind(owner_url, change)
    assert found() == [("events:qingdao", 0, "cut")]


def seal_block(function: str, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}('qingdao', %s)", [most])
        sealed: int = cursor.fetchone()[0]
    return sealed


@pytest.mark.parametrize("table", [LEDGER, EVENTS])
def test_rows_that_did_not_fit_into_a_block_are_sealed_in_the_next(
    committed_db: None, owner_url: str, table: chains.Sealed
) -> None:
    """Also where the sweep is due just then: everything newest is noted an hour before."""
    some_history(events=12, awards=12)
    chain = f"{table.prefix}:qingdao"
    seal_block(table.seal, 1)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "UPDATE applicants_chainhead SET looked_at = now() - interval '2 hours', "
            f"passing = (SELECT max(id) FROM {table.table}) WHERE chain = %s",
            [chain],
        )
    assert seal_block(table.seal, 4) == 4
    assert ChainHead.objects.get(pk=chain).swept == 0
    seal_all()
    assert ChainHead.objects.get(pk=chain).swept > 0
    reserve("1.00")
    seal_all()
    assert found() == []


def test_what_is_swept_never_goes_back(committed_db: None, owner_url: str) -> None:
    some_history()
    marks = []
    for _hour in range(4):
        record(kind="test.seen", subject="an hour later", actor=None, city=qingdao())
        for most in (1, 5000):
            behind(owner_url, "UPDATE applicants_chainhead SET looked_at = now() - interval '2 h'")
            seal_block("huiqi_seal_events", most)
            head = ChainHead.objects.get(pk="events:qingdao")
            marks.append((head.swept, head.passing))
    assert marks == sorted(marks)
    assert marks[-1][1] == Event.objects.latest("id").pk
