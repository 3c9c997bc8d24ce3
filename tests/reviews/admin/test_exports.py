"""The page of an export: until when its file is kept, and what is told once it is gone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from incentives.domain import background, kept_files
from incentives.models import Export
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.factories import reserve
from tests.reviews.admin.conftest import Desk, downloaded

LIST = "/admin/incentives/ledgerentry/"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(background, "ring", lambda _task: None)


@pytest.fixture
def auditor(desk: Desk) -> Client:
    return desk(make_staff(Role.AUDITOR))


@pytest.fixture
def old(auditor: Client) -> Export:
    """Of what was reserved, made and fetched once, its file deleted since."""
    reserve("1.00")
    downloaded(auditor, f"{LIST}export.csv", {"stage": "reserved"})
    with time_machine.travel(timezone.now() + timedelta(days=401)):
        assert kept_files.delete_old() == 1
    return Export.objects.get()


def page(export: Export, of: str = "change") -> str:
    return f"/admin/incentives/export/{export.pk}/{of}/"


def test_a_file_that_is_there_says_until_when(auditor: Client) -> None:
    downloaded(auditor, f"{LIST}export.csv")
    export = Export.objects.get()
    until = timezone.localtime(export.finished_at + timedelta(days=400))
    shown = auditor.get(page(export)).content.decode()
    assert f"{until:%Y-%m-%d}" in shown
    assert page(export, "file") in shown
    assert page(export, "anew") not in shown


def test_a_file_that_is_gone_says_when_and_what_to_do(auditor: Client, old: Export) -> None:
    shown = auditor.get(page(old)).content.decode()
    deleted = timezone.localtime(old.file_deleted_at)
    for words in (f"已于{deleted:%Y-%m-%d}删除", "重新导出", old.sha256, old.name):
        assert words in shown, words
    assert str(old.fetches.get().user) in shown
    assert page(old, "file") not in shown
    answer = auditor.get(page(old, "file"), follow=True)
    assert answer.redirect_chain == [(page(old), 302)]
    assert "重新导出" in str(next(iter(answer.context["messages"])))
    assert old.fetches.count() == 1


def test_it_is_said_in_english_too(auditor: Client, old: Export) -> None:
    auditor.cookies["django_language"] = "en"
    shown = auditor.get(page(old)).content.decode()
    assert "This file was deleted on" in shown
    assert "asked for anew" in shown


def test_the_same_is_exported_anew_with_one_click(auditor: Client, old: Export) -> None:
    reserve("2.00")
    answer = auditor.post(page(old, "anew"))
    made = Export.objects.exclude(pk=old.pk).get()
    assert answer["Location"] == page(made)
    assert (made.state, made.rows, made.wanted) == ("done", 2, {"stage": "reserved"})
    assert (made.kind, made.form, made.told) == (old.kind, old.form, old.told)
    assert [city.pk for city in made.cities.all()] == ["qingdao"]
    assert not made.fetches.exists()
    assert auditor.get(page(old, "anew")).status_code == 403


def test_others_export_nothing_anew(desk: Desk, old: Export) -> None:
    foreign = desk(make_staff(Role.AUDITOR, city="dalian"))
    reviewer = desk(make_staff(Role.PREPARER, "sti"))
    assert foreign.post(page(old, "anew")).status_code == 404
    assert reviewer.post(page(old, "anew")).status_code == 403
    assert Export.objects.count() == 1
