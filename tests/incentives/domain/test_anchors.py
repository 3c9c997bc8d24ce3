"""Daily digests: written whole or not at all, and held against the chains every night."""

import json
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from applicants.domain import anchors
from applicants.models import ChainAnchor, ChainHead
from incentives.domain.sealing import seal_all, verify_all
from incentives.models import LedgerEntry
from tests.incentives.domain.behind import behind, found, some_history

ENDS_AGREE = """
UPDATE applicants_chainhead h SET number = c.number, digest = c.digest
  FROM applicants_chainlink c
 WHERE c.chain = h.chain AND h.chain = 'ledger:qingdao'
   AND c.number = (SELECT max(number) FROM applicants_chainlink WHERE chain = h.chain)
"""


def sealed_history() -> None:
    some_history()
    seal_all()


def cut_off_the_end(owner_url: str) -> None:
    last = LedgerEntry.objects.latest("id").pk
    behind(owner_url, "DELETE FROM incentives_ledgerentry WHERE id = %s", last)
    behind(owner_url, "DELETE FROM applicants_chainlink WHERE \"row\" = %s "
           "AND chain = 'ledger:qingdao'", last)  # fmt: skip


def wrong() -> list[tuple[str, str]]:
    return [(fault.chain, fault.what) for fault in anchors.faults()]


def days_before(owner_url: str, path: Path, days: int) -> Path:
    """The same file and anchors, as they would have been written then."""
    behind(owner_url, "UPDATE applicants_chainanchor SET day = day - %s::int", days)
    day = str(ChainAnchor.objects.latest("id").day)
    text = path.read_text().replace(path.stem.removeprefix("huiqi-digest-"), day)
    path.unlink()
    earlier = path.parents[1] / day[:4] / f"huiqi-digest-{day}.json"
    earlier.parent.mkdir(exist_ok=True)
    earlier.write_text(text)
    return earlier


def test_the_end_cut_off_is_found_by_the_head_and_by_what_left_the_house(
    committed_db: None, owner_url: str
) -> None:
    sealed_history()
    kept = anchors.anchor()
    cut_off_the_end(owner_url)
    assert ("ledger:qingdao", 0, "cut") in found()
    behind(owner_url, "DELETE FROM applicants_chainanchor")
    behind(owner_url, ENDS_AGREE)
    assert found() == []  # a whole that was rewritten looks sound from inside
    assert [fault.what for fault in anchors.against(kept)] == ["anchor"]
    assert wrong() == [("ledger:qingdao", "anchor")]
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_ledger", digest=[kept])


def test_the_daily_digest_is_written_once_and_says_where_the_chains_stood(db: None) -> None:
    sealed_history()
    path = anchors.anchor()
    content = path.read_bytes()
    told = {one["chain"]: (one["number"], one["sha256"]) for one in json.loads(content)}
    ends = {one.chain: (one.number, bytes(one.digest).hex()) for one in ChainHead.objects.all()}
    assert told == ends
    assert {str(one.day) for one in ChainAnchor.objects.all()} == {path.stem[-10:]}
    sealed_history()
    assert anchors.anchor().read_bytes() == content
    assert (anchors.against(path), wrong(), verify_all()) == ([], [], [])


def test_a_file_that_cannot_be_finished_is_not_there_and_the_next_call_writes_it(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    sealed_history()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            anchors.anchor()
    assert [path for path in settings.ANCHOR_ROOT.rglob("*") if path.is_file()] == []
    assert ChainAnchor.objects.count() == ChainHead.objects.count()  # kept all the same
    assert [what for _day, what in wrong()] == ["no_digest"]
    assert anchors.anchor().exists()
    assert wrong() == []


def test_a_folder_that_cannot_be_written_keeps_the_anchors(
    committed_db: None, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "file").touch()
    settings.ANCHOR_ROOT = tmp_path / "file"
    sealed_history()
    with pytest.raises(NotADirectoryError):
        anchors.anchor()
    assert ChainAnchor.objects.count() == ChainHead.objects.count()


def test_days_without_a_file_and_files_that_say_something_else_are_found(
    committed_db: None, owner_url: str
) -> None:
    sealed_history()
    earlier = days_before(owner_url, anchors.anchor(), 3)
    sealed_history()
    newest = anchors.anchor()
    assert wrong() == []
    first, last = (f"digest:{path.stem[-10:]}" for path in (earlier, newest))
    text = newest.read_text()
    for changed in (
        "",
        "{}",
        "[]",
        earlier.read_text(),  # another day's
        json.dumps([one for one in json.loads(text) if one["chain"] != "ledger:qingdao"]),
        json.dumps([one | {"number": 0, "sha256": "00" * 32} for one in json.loads(text)]),
    ):
        newest.write_text(changed)
        assert (last, "bad_digest") in wrong()
    newest.write_text(text)
    earlier.unlink()
    assert wrong() == [(first, "no_digest")]
    newest.unlink()
    assert wrong() == [(first, "no_digest"), (last, "no_digest")]


def test_an_anchor_that_is_not_of_the_chain_or_not_of_its_day_is_a_fault(
    committed_db: None, owner_url: str
) -> None:
    sealed_history()
    anchors.anchor()
    put = (
        "INSERT INTO applicants_chainanchor (chain, day, number, digest, made_at) SELECT "
        "chain, day + {days}, {number}, {digest}, now() FROM applicants_chainanchor "
        "WHERE chain = 'ledger:qingdao'"
    )
    zeros = "decode(repeat('00', 32), 'hex')"
    kept = list(ChainAnchor.objects.values_list("pk", flat=True))
    for days, number, digest in (
        (1, "number", "digest"),  # tomorrow's, so that tomorrow none is written
        (-1, "number", "sha256(digest)"),
        (-1, "0", "digest"),
        (-1, "number + 1", "digest"),
    ):
        behind(owner_url, put.format(days=days, number=number, digest=digest))
        assert {fault.what for fault in verify_all()} == {"anchor"}
        behind(owner_url, "DELETE FROM applicants_chainanchor WHERE id <> ALL(%s)", kept)
    behind(owner_url, put.format(days=-1, number="0", digest=zeros))
    assert verify_all() == []  # an empty chain the day before
    behind(owner_url, "UPDATE applicants_chainanchor SET day = day - 2 WHERE number > 0")
    assert {fault.what for fault in verify_all()} == {"anchor"}  # shorter than it was


def test_the_application_may_not_write_an_anchor(committed_db: None) -> None:
    sealed_history()
    with (
        pytest.raises(Exception, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO applicants_chainanchor (chain, day, number, digest, made_at) "
            "VALUES ('ledger:qingdao', current_date, 0, '', now())"
        )


def test_an_anchor_waits_for_whoever_is_sealing(committed_db: None, owner_url: str) -> None:
    """Otherwise it might note one chain before and another after the same minute."""
    sealed_history()
    with psycopg.connect(owner_url) as sealer:
        sealer.execute("SELECT 1 FROM applicants_chainhead FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
            with pytest.raises(Exception, match="lock timeout"):
                cursor.execute("SELECT huiqi_anchor()")
