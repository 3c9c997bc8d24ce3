"""Files of exports: deleted in their time, once, and never under whoever reads or writes them."""

import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event as Bell
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, Gone
from applicants.models import City, Event, User
from incentives.domain import background, kept_files
from incentives.domain.settings import change_setting
from incentives.models import Export, ExportFetch
from incentives.models.export import ExportState
from incentives.tasks import delete_old_exports
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.threads import at_once, wait_for_waiting
from tests.incentives.factories import reserve

DAYS = 400


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(background, "ring", lambda _task: None)
    return tmp_path / "exports"


def made(*cities: str) -> Export:
    user = User.objects.filter(email__startswith="auditor").first() or make_staff(Role.AUDITOR)
    return background.export(cities=cities or ("qingdao",), wanted={}, form="csv", user=user)


def after(days: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=days))


def fresh(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)


def names(files: Path) -> list[str]:
    return sorted(one.name for one in files.iterdir())


def set_days(days: int, city: str) -> None:
    change_setting(
        city=City.objects.get(pk=city), programme=None, key="export_days", value=days, basis="x",
        actor=User.objects.first() or make_staff(Role.AUDITOR),
    )  # fmt: skip


def test_the_file_goes_in_its_time_and_the_row_stays(db: None, files: Path) -> None:
    reserve("1.00")
    old = made()
    kept_files.fetch(export=old, user=old.requested_by).close()
    before = Export.objects.filter(pk=old.pk).values().get()
    with after(DAYS - 0.1):
        young = made()
        delete_old_exports()
        assert names(files) == [f"{old.pk}.csv", f"{young.pk}.csv"]
    with after(DAYS + 0.1):
        delete_old_exports()
        assert kept_files.delete_old() == 0
    assert names(files) == [f"{young.pk}.csv"]
    gone = Export.objects.filter(pk=old.pk).values().get()
    assert gone["file_deleted_at"] is not None
    assert gone | {"file_deleted_at": None} == before
    assert (gone["rows"], len(gone["sha256"])) == (1, 64)
    assert old.fetches.get().user == old.requested_by
    event = Event.objects.get(kind="export.deleted")
    assert (event.subject, event.actor, event.data) == ("exports:qingdao", None, {"count": 1})
    with pytest.raises(Gone, match="重新导出"):
        kept_files.fetch(export=old, user=old.requested_by)
    assert old.fetches.count() == 1


def test_a_city_decides_and_of_several_the_fewest_days_count(db: None, files: Path) -> None:
    alone, both = made("qingdao"), made("qingdao", "dalian")
    set_days(30, "dalian")
    until = kept_files.kept_until(fresh(both))
    assert until == fresh(both).finished_at + timedelta(days=30)
    with after(31):
        assert kept_files.delete_old() == 1
    assert names(files) == [f"{alone.pk}.csv"]
    told = Event.objects.filter(kind="export.deleted").values_list("subject", flat=True)
    assert sorted(told) == ["exports:dalian", "exports:qingdao"]


def test_many_go_some_at_a_time_and_one_that_cannot_waits_for_the_next_night(
    db: None, files: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kept_files, "AT_ONCE", 2)
    exports = [made() for _number in range(5)]
    stuck = files / f"{exports[1].pk}.csv"
    stuck.unlink()
    stuck.mkdir()
    with after(DAYS + 1):
        assert kept_files.delete_old() == 4
        assert names(files) == [stuck.name]
        assert stuck.name in caplog.text
        stuck.rmdir()
        assert kept_files.delete_old() == 1
    assert not Export.objects.filter(file_deleted_at=None).exists()


def test_who_is_stopped_between_file_and_row_is_made_good_the_next_night(
    db: None, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file goes first, so that no row says its file is deleted while it still lies there; a
    row that does not say so yet is found again, and its file is gone already."""
    export = made()
    with after(DAYS + 1):
        with monkeypatch.context() as stopped:
            stopped.setattr(kept_files, "_settle_folder", lambda: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                kept_files.delete_old()
        assert (names(files), fresh(export).file_deleted_at) == ([], None)
        assert not Event.objects.filter(kind="export.deleted").exists()
        with pytest.raises(Conflict) as told:
            kept_files.fetch(export=export, user=export.requested_by)
        assert not isinstance(told.value, Gone)
        assert kept_files.delete_old() == 1
    assert fresh(export).file_deleted_at is not None
    assert Event.objects.filter(kind="export.deleted").count() == 1


def test_what_is_being_written_stays_and_what_was_left_behind_goes(db: None, files: Path) -> None:
    done, running, failed = made(), made(), made()
    of = Export.objects.filter
    of(pk=running.pk).update(state=ExportState.RUNNING, finished_at=None)
    of(pk=failed.pk).update(state=ExportState.FAILED, finished_at=None)
    left = [f"{done.pk}.1.part", f"{failed.pk}.2.part", f"{failed.pk}.csv"]
    stay = [f"{running.pk}.1.part", f"{running.pk}.csv", f"{done.pk}.csv", "0.csv", "note.txt"]
    for name in (*left, *stay):
        place = files / name
        place.touch()
        os.utime(place, (1, 1))
    (files / f"{failed.pk}.3.part").touch()  # just now
    kept_files.delete_old()
    assert names(files) == sorted([*stay, f"{failed.pk}.3.part"])


def test_a_deleted_file_that_a_backup_brings_back_goes_again(db: None, files: Path) -> None:
    export = made()
    place = files / f"{export.pk}.csv"
    content = place.read_bytes()
    with after(DAYS + 1):
        kept_files.delete_old()
        place.write_bytes(content)
    with after(DAYS + 3):
        kept_files.delete_old()
    assert names(files) == []


def test_a_file_fetched_within_the_hour_waits_and_an_open_one_is_read_to_its_end(
    db: None, files: Path
) -> None:
    reserve("1.00")
    export = made()
    with after(DAYS + 1):
        file = kept_files.fetch(export=export, user=export.requested_by)
        assert kept_files.delete_old() == 0
    with after(DAYS + 1.1), file:
        assert kept_files.delete_old() == 1
        assert hashlib.file_digest(file, "sha256").hexdigest() == export.sha256


@pytest.mark.parametrize("guarded", [True, False])
def test_no_file_goes_while_it_is_being_fetched(
    committed_db: None, files: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control fetches without holding the row."""
    export, held, over, opened = made(), Bell(), Bell(), kept_files._open
    if not guarded:
        monkeypatch.setattr(kept_files, "_held", fresh)

    def waiting(row: Export) -> Any:
        held.set()
        assert over.wait(30)
        return opened(row)

    monkeypatch.setattr(kept_files, "_open", waiting)

    def fetched() -> int:
        with kept_files.fetch(export=export, user=export.requested_by) as file:
            return len(file.read())

    def deleted() -> int:
        assert held.wait(30)
        try:
            return kept_files.delete_old()
        finally:
            over.set()

    with after(DAYS + 1):
        got, gone = at_once([fetched, deleted])
    assert (got == export.size, gone) == (guarded, 1 - guarded)
    assert bool(names(files)) is guarded
    assert ExportFetch.objects.count() == guarded


@pytest.mark.parametrize("guarded", [True, False])
def test_who_fetches_what_is_just_deleted_waits_and_is_told(
    committed_db: None, files: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control does not wait, and finds a row that has a file and no file."""
    export, unlinked, settle = made(), Bell(), kept_files._settle_folder
    if not guarded:
        monkeypatch.setattr(kept_files, "_held", fresh)
    tried = Bell()

    def pausing() -> None:
        settle()
        if not unlinked.is_set():
            unlinked.set()
            if guarded:
                wait_for_waiting(1)
            else:
                assert tried.wait(30)

    monkeypatch.setattr(kept_files, "_settle_folder", pausing)

    def fetched() -> object:
        assert unlinked.wait(30)
        try:
            return kept_files.fetch(export=export, user=export.requested_by)
        finally:
            tried.set()

    jobs: list[Callable[[], object]] = [kept_files.delete_old, fetched]
    with after(DAYS + 1):
        gone, told = at_once(jobs)
    assert gone == 1
    assert type(told) is (Gone if guarded else Conflict)


def test_nothing_but_a_file_that_was_made_can_be_deleted(db: None) -> None:
    export = made()
    of = Export.objects.filter(pk=export.pk)
    of.update(state=ExportState.FAILED)
    with pytest.raises(IntegrityError, match="export_deleted_once_done"), transaction.atomic():
        of.update(file_deleted_at=timezone.now())
