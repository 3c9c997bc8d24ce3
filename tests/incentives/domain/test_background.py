"""Exports in the background: whole, once, kept with their hash, and nobody else's."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from applicants.domain.errors import Conflict, Refused
from applicants.models import Notice
from incentives.domain import background, ledger
from incentives.domain.kept_files import fetch
from incentives.domain.ledger_filter import LedgerFilter
from incentives.models import Export, ExportFetch
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import reserve

ALL: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody makes files at the commit: the tests do."""
    monkeypatch.setattr(background, "ring", lambda _task: None)


@pytest.fixture
def lines(committed_db: None) -> int:
    for amount in range(1, 8):
        reserve(str(amount))
    return 7


def cells(book: Path) -> list[tuple[Any, ...]]:
    return list(load_workbook(book).worksheets[0].iter_rows(values_only=True))


def asked(form: str = "csv", wanted: dict[str, Any] = ALL) -> Export:
    user = make_staff(Role.FINANCE_PREPARER, "finance")
    return background.ask(cities=["qingdao"], wanted=wanted, form=form, user=user)


def fresh(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_is_the_ledger_with_its_hash(lines: int, media: Path, form: str) -> None:
    export = asked(form)
    assert (background.run(), background.run()) == (1, 0)
    done = fresh(export)
    place = media / "exports" / f"{export.pk}.{form}"
    content = place.read_bytes()
    assert (done.state, done.done, done.rows, done.size) == ("done", lines, lines, len(content))
    assert done.sha256 == hashlib.sha256(content).hexdigest()
    rows = ledger.entries(cities=["qingdao"], wanted=LedgerFilter())
    if form == "csv":
        assert content == b"".join(ledger.csv_stream(rows))
    else:
        ledger.write_ledger_xlsx(media / "same.xlsx", rows)
        assert cells(place) == cells(media / "same.xlsx")
    assert [one.name for one in place.parent.iterdir()] == [place.name]
    assert Notice.objects.get(kind="export.done").user == export.requested_by


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_the_file_holds_is_told_and_not_what_there_was_when_it_was_asked_for(
    lines: int, form: str
) -> None:
    export = asked(form)
    reserve("8")
    background.run()
    done = fresh(export)
    assert (export.rows, done.rows, done.done) == (lines, lines + 1, lines + 1)
    assert Notice.objects.get(kind="export.done").data["count"] == lines + 1


def test_the_filter_holds_in_the_background_too(lines: int, media: Path) -> None:
    export = asked(wanted={"stage": "paid"})
    background.run()
    assert (fresh(export).rows, fresh(export).state) == (0, "done")


def test_asking_twice_is_one_export_while_it_is_made(lines: int) -> None:
    user = make_staff(Role.FINANCE_PREPARER, "finance")

    def ask() -> int:
        return background.ask(cities=["qingdao"], wanted=ALL, form="csv", user=user).pk

    assert len(set(at_once([ask] * 4))) == 1
    background.run()
    assert ask() != Export.objects.earliest("id").pk


def test_workers_at_once_make_each_file_once(lines: int, media: Path) -> None:
    exports = [asked() for _ in range(3)]
    assert sum(at_once([background.run] * 4)) == 3
    assert {fresh(one).attempts for one in exports} == {1}


def test_what_a_dead_worker_left_is_made_anew_and_not_before_its_time(lines: int) -> None:
    export = asked()
    taken = Export.objects.filter(pk=export.pk)
    taken.update(state="running", claimed_at=timezone.now(), attempts=1, done=3)
    assert background.run() == 0
    taken.update(claimed_at=timezone.now() - background.OLD - timedelta(seconds=1))
    assert background.run() == 1
    assert (fresh(export).state, fresh(export).attempts) == ("done", 2)


def test_what_has_killed_every_worker_is_given_up_and_told(lines: int) -> None:
    export = asked()
    old = timezone.now() - background.OLD - timedelta(seconds=1)
    taken = Export.objects.filter(pk=export.pk)
    taken.update(state="running", claimed_at=timezone.now(), attempts=background.MOST_ATTEMPTS)
    assert (background.run(), fresh(export).state) == (0, "running")
    taken.update(claimed_at=old)
    assert (background.run(), background.run()) == (0, 0)
    given_up = fresh(export)
    assert (given_up.state, given_up.attempts) == ("failed", background.MOST_ATTEMPTS)
    assert "停止" in given_up.error
    assert Notice.objects.get(kind="export.failed").user == export.requested_by


def test_three_failures_are_told_and_leave_no_file(
    lines: int, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_rows: Any, **_more: Any) -> Iterator[bytes]:
        yield b"half of it"
        raise OSError("No space left on device")

    monkeypatch.setattr(ledger, "csv_stream", broken)
    export = asked()
    assert background.run() == 0
    failed = fresh(export)
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert "No space left" in failed.error
    assert list((media / "exports").iterdir()) == []
    assert Notice.objects.filter(kind="export.failed", user=export.requested_by).count() == 1
    with pytest.raises(Conflict):
        fetch(export=failed, user=export.requested_by)


def test_what_another_worker_has_taken_over_is_not_replaced(
    lines: int, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim grew old while the file was written, and somebody began it anew."""
    export, written = asked(), ledger.csv_stream

    def taken_over(rows: Any, **more: Any) -> Iterator[bytes]:
        yield from written(rows, **more)
        Export.objects.filter(pk=export.pk).update(attempts=F("attempts") + 1)

    monkeypatch.setattr(ledger, "csv_stream", taken_over)
    assert background.run() == 0
    assert (fresh(export).state, fresh(export).sha256) == ("running", "")
    assert list((media / "exports").iterdir()) == []
    assert not Notice.objects.filter(kind="export.done").exists()


def test_a_file_that_is_not_there_is_told_on_the_page_of_the_export(lines: int) -> None:
    export, client = asked(), Client()
    client.force_login(make_staff(Role.AUDITOR))
    page = f"/admin/incentives/export/{export.pk}/"
    answer = client.get(f"{page}file/", follow=True)
    assert answer.redirect_chain == [(f"{page}change/", 302)]
    assert len(list(answer.context["messages"])) == 1


def test_a_file_that_is_not_as_it_was_written_is_not_given_out(lines: int, media: Path) -> None:
    export, client = asked(), Client()
    background.run()
    place = media / "exports" / f"{export.pk}.csv"
    place.write_bytes(place.read_bytes().replace(b"7.00", b"9.00"))
    client.force_login(make_staff(Role.AUDITOR))
    page = f"/admin/incentives/export/{export.pk}/"
    answer = client.get(f"{page}file/", follow=True)
    assert answer.redirect_chain == [(f"{page}change/", 302)]
    assert "重新导出" in str(next(iter(answer.context["messages"])))
    assert not ExportFetch.objects.exists()


def test_another_format_is_refused_by_field(db: None) -> None:
    with pytest.raises(Refused) as refused:
        asked("doc")
    assert list(refused.value.message_dict) == ["form"]


def test_a_fetch_is_written_down_and_other_cities_find_nothing(lines: int) -> None:
    export = asked()
    background.run()
    page = f"/admin/incentives/export/{export.pk}/"
    auditor, foreign = make_staff(Role.AUDITOR), make_staff(Role.AUDITOR, city="dalian")
    here, there, reviewer = Client(), Client(), Client()
    here.force_login(auditor)
    there.force_login(foreign)
    reviewer.force_login(make_staff(Role.PREPARER, "sti"))
    assert b"".join(here.get(f"{page}file/").streaming_content).count(b"\r\n") > lines
    assert list(ExportFetch.objects.values_list("user", flat=True)) == [auditor.pk]
    assert str(auditor) in here.get(f"{page}change/").content.decode()
    assert [there.get(f"{page}{of}/").status_code for of in ("change", "file")] == [404, 404]
    assert [reviewer.get(f"{page}{of}/").status_code for of in ("change", "file")] == [403, 403]
    assert there.get("/admin/incentives/export/").content.decode().count(f"#{export.pk}<") == 0


def test_a_large_ledger_goes_to_the_background_from_its_page(
    lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "FROM_ROWS", lines - 1)
    client = Client()
    client.force_login(make_staff(Role.FINANCE_APPROVER, "finance"))
    large = client.get("/admin/incentives/ledgerentry/export.csv")
    made = Export.objects.get()
    assert (large.status_code, large["Location"]) == (
        302,
        f"/admin/incentives/export/{made.pk}/change/",
    )
    monkeypatch.setattr(background, "FROM_ROWS", lines)
    small = client.get("/admin/incentives/ledgerentry/export.csv")
    assert (small.status_code, Export.objects.exclude(pk=made.pk).get().state) == (200, "done")
    small.close()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_small_one_is_made_at_once_and_kept_with_its_hash_and_its_fetch(
    lines: int, media: Path, form: str
) -> None:
    client, auditor = Client(), make_staff(Role.AUDITOR)
    client.force_login(auditor)
    answer = client.get(f"/admin/incentives/ledgerentry/export.{form}")
    content = b"".join(answer.streaming_content)
    kept = Export.objects.get()
    assert (kept.state, kept.rows, kept.size) == ("done", lines, len(content))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.name in answer["Content-Disposition"]
    assert ExportFetch.objects.get().user == auditor
    assert (background.run(), Notice.objects.filter(kind="export.done").exists()) == (0, False)
    again = client.get(f"/admin/incentives/export/{kept.pk}/file/")
    assert b"".join(again.streaming_content) == content
    assert kept.fetches.count() == 2


def test_a_small_one_that_fails_is_made_in_the_background(
    lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(ledger, "csv_stream", lambda _rows, **_more: 1 / 0)
        client = Client()
        client.force_login(make_staff(Role.AUDITOR))
        answer = client.get("/admin/incentives/ledgerentry/export.csv")
    waits = Export.objects.get()
    assert (answer.status_code, waits.state) == (302, "waiting")
    assert "ZeroDivisionError" in waits.error
    assert background.run() == 1
    assert (fresh(waits).state, fresh(waits).error) == ("done", "")
