"""A small December in the suite: it adds up, and one fen that is changed behind it is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from incentives.models import LedgerEntry
from tests.december import statement
from tests.december.__main__ import told
from tests.december.run import december

SMALL = 400


@contextmanager
def a_fen_more(owner_url: str, entry: LedgerEntry) -> Iterator[None]:
    """By the table's owner, past the trigger that keeps the ledger as it is; taken back after."""
    table = "incentives_ledgerentry"
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for more in ("+ 0.01", "- 0.01"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            owner.execute(f"UPDATE {table} SET amount = amount {more} WHERE id = %s", [entry.pk])
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            if more == "+ 0.01":
                yield


def test_a_december_adds_up_and_one_fen_behind_it_is_named(
    committed_db: None, owner_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = december(SMALL, print)
    assert outcome.troubles == []
    assert told(outcome) == 0
    for stage in ("paid", "reserved"):
        entry = LedgerEntry.objects.filter(stage=stage).select_related("programme").latest("pk")
        with a_fen_more(owner_url, entry):
            found = statement.made(outcome.city.books, outcome.close).differences
        named = [one for one in found if one.startswith(f"{entry.programme.code}: {stage} by")]
        assert named
        assert all("differ by 0.01 yuan" in one for one in named)
        assert any(one.startswith("in all: ") for one in found)
    assert told(replace(outcome, troubles=named)) == 1
    assert capsys.readouterr().err.splitlines() == named
    assert statement.made(outcome.city.books, outcome.close).differences == []
