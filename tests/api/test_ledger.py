"""The ledger by the API: by the same filters as at the desk, and nothing taken for a filter."""

import csv
import io
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applicants.models import Event, Party, PartyChange
from incentives.domain import background, kept_files
from incentives.models import Award, LedgerEntry, Programme
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api, errors
from tests.incentives.factories import reserve
from tests.incentives.sizes import listed

pytestmark = pytest.mark.django_db


def in_both_cities() -> Api:
    user = factories.make_staff(Role.AUDITOR)
    factories.give_role(user, Role.AUDITOR, city="dalian")
    return Api(user)


def numbers(api: Api, query: str) -> list[str]:
    return [row["case_number"] for row in api.get(f"ledger/?{query}")["results"]]


def test_an_applicant_is_found_as_at_the_desk() -> None:
    uscc = "91370200MA3ABCDE1X"
    party = Party.objects.create(kind="enterprise", name="新名字公司", uscc=uscc)
    reserve("1", applicant=party)
    reserve("1")
    PartyChange.objects.create(
        city_id="qingdao", party=party, kind="rename", state="made", name_before="旧名字公司",
        name_after="新名字公司",
        effective_on="2026-01-05", basis="x", prepared_by=factories.make_user("editor"),
        made_by=factories.make_user("other"), made_at=timezone.now(),
    )  # fmt: skip
    auditor = factories.make_staff(Role.AUDITOR)
    desk = Client()
    desk.force_login(auditor)
    wanted = LedgerEntry.objects.get(applicant=party).case_number
    for words in ("新名字", "旧名字", uscc, uscc.lower(), f"{uscc[:8]} {uscc[8:]}"):
        listed = desk.get("/admin/incentives/ledgerentry/", {"applicant": words}).context["rows"]
        assert [row.case_number for row in listed] == [wanted], words
        assert numbers(Api(auditor), f"applicant={words}") == [wanted], words


@pytest.mark.parametrize("path", ["ledger/", "ledger/export/"])
@pytest.mark.parametrize("query", ["stages=paid", "stage=paid&page=2", "Stage=paid"])
def test_what_is_no_filter_is_refused_by_name(path: str, query: str) -> None:
    answer = Api(factories.make_staff(Role.AUDITOR)).get(f"{path}?{query}", 400)
    (name,) = {part.partition("=")[0] for part in query.split("&")} - {"stage"}
    assert list(errors(answer)) == [name]
    assert "city, year, approval_year" in errors(answer)[name]
    assert not Event.objects.filter(kind="ledger.exported").exists()


def test_a_page_is_no_filter_of_the_export() -> None:
    auditor = Api(factories.make_staff(Role.AUDITOR))
    auditor.get("ledger/?page_size=1&cursor=")
    assert list(errors(auditor.get("ledger/export/?page_size=1", 400))) == ["page_size"]


def test_one_of_two_cities() -> None:
    reserve("1")
    reserve("2", programme=Programme.objects.filter(city="dalian")[0])
    both = in_both_cities()
    assert len(numbers(both, "")) == 2
    for city, name in (("qingdao", "Qingdao"), ("dalian", "Dalian")):
        (row,) = both.get(f"ledger/?city={city}")["results"]
        assert row["city"] == city
        text = both.download(f"ledger/export/?city={city}").decode("utf-8-sig")
        line, *_totals = csv.DictReader(io.StringIO(text))
        assert (line["City"], line["Case number"]) == (name, row["case_number"])
    exported = Event.objects.filter(kind="ledger.exported").order_by("id")
    assert [event.city_id for event in exported] == ["qingdao", "dalian"]


@pytest.fixture
def two_are_many(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(background, "FROM_ROWS", 2)
    monkeypatch.setattr(background, "ring", lambda _task: None)


def test_a_small_export_is_kept_as_at_the_desk(two_are_many: None) -> None:
    reserve("1")
    reserve("2")
    auditor = Api(factories.make_staff(Role.AUDITOR))
    book = auditor.download("ledger/export/?form=xlsx&stage=reserved")
    (kept,) = auditor.get("exports/")["results"]
    assert (kept["state"], kept["form"], kept["rows"]) == ("done", "xlsx", 2)
    assert kept["filter"] == {"stage": "reserved"}
    assert (kept["sha256"], kept["size"]) == (sha256(book).hexdigest(), len(book))
    path = kept["file"].partition("/api/")[2]
    assert auditor.download(path) == book
    assert len(auditor.get(f"exports/{kept['id']}/")["fetches"]) == 2
    assert list(errors(auditor.get("ledger/export/?form=pdf", 400))) == ["form"]


def test_a_large_export_is_asked_for_followed_and_fetched(two_are_many: None) -> None:
    for amount in ("1", "2", "3"):
        reserve(amount)
    case = LedgerEntry.objects.earliest("id")
    auditor = Api(factories.make_staff(Role.AUDITOR))
    query = f"bureau={case.bureau.code}&programme={case.programme.code}&payer=city"
    answer = auditor.send("GET", f"ledger/export/?{query}")
    told = answer.json()
    assert (answer.status_code, answer["Location"]) == (202, told["url"])
    assert (told["state"], told["rows"], told["done"], told["file"]) == ("waiting", 3, 0, None)
    assert auditor.send("GET", f"ledger/export/?{query}").json()["id"] == told["id"]
    here = told["url"].partition("/api/")[2]
    auditor.get(f"{here}file/", 409)
    reserve("4", payer="district")
    assert background.run() == 1
    done = auditor.get(here)
    assert (done["state"], done["rows"], done["done"], done["fetches"]) == ("done", 3, 3, [])
    text = auditor.download(done["file"].partition("/api/")[2])
    assert done["sha256"] == sha256(text).hexdigest()
    assert len(list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))) == 3 + 2
    assert len(auditor.get(here)["fetches"]) == 1
    for stranger in (factories.make_staff(Role.AUDITOR, city="dalian"), factories.make_user()):
        assert Api(stranger).get("exports/")["results"] == []
        Api(stranger).get(here, 404)
        Api(stranger).get(f"{here}file/", 404)
    auditor.get("exports/?state=done")


def test_a_file_whose_time_is_over_is_gone_and_its_export_stays(two_are_many: None) -> None:
    reserve("1")
    auditor = Api(factories.make_staff(Role.AUDITOR))
    auditor.download("ledger/export/?stage=reserved")
    (kept,) = auditor.get("exports/?kind=ledger&state=done")["results"]
    assert kept["file_deleted_at"] is None
    with time_machine.travel(timezone.now() + timedelta(days=401)):
        assert kept_files.delete_old() == 1
    answer = auditor.get(kept["file"].partition("/api/")[2], 410)
    assert [(one["code"], one["attr"]) for one in answer["errors"]] == [("gone", None)]
    assert "asked for anew" in answer["errors"][0]["detail"]
    gone = auditor.get(f"exports/{kept['id']}/")
    assert (gone["file"], gone["state"]) == (None, "done")
    assert gone["file_deleted_at"] is not None
    assert len(gone["fetches"]) == 1
    told = {name: gone[name] for name in ("kind", "filter", "rows", "sha256", "requested_by")}
    assert told == {name: kept[name] for name in told}


def test_one_of_a_case_by_its_number(two_are_many: None) -> None:
    reserve("1")
    reserve("2")
    number = LedgerEntry.objects.earliest("id").case_number
    auditor = Api(factories.make_staff(Role.AUDITOR))
    text = auditor.download(f"ledger/export/?case_number={number}").decode("utf-8-sig")
    line, *_totals = csv.DictReader(io.StringIO(text))
    assert line["Case number"] == number
    (kept,) = auditor.get("exports/")["results"]
    assert (kept["rows"], kept["filter"]) == (1, {"case_number": number})


@pytest.mark.parametrize("city", ["dalian", "none-such"])
def test_a_city_of_others_is_refused(city: str) -> None:
    answer = Api(factories.make_staff(Role.AUDITOR)).get(f"ledger/?city={city}", 400)
    assert list(errors(answer)) == ["city"]


def test_a_quarter_and_a_size() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    first = reserve("1", at=datetime(2026, 3, 31, 23, 59, tzinfo=shanghai))
    second = reserve("2", at=datetime(2026, 4, 1, tzinfo=shanghai))
    listed(Award.objects.get(pk=second.award), "micro", 0)
    auditor = Api(factories.make_staff(Role.AUDITOR))
    of_first, of_second = (
        [LedgerEntry.objects.get(award=grant.award).case_number] for grant in (first, second)
    )
    assert numbers(auditor, "year=2026&quarter=1") == of_first
    assert numbers(auditor, "year=2026&quarter=2&size=micro") == of_second
    assert numbers(auditor, "size=none") == of_first
    assert numbers(auditor, "district=none") == []
    text = auditor.download("ledger/export/?year=2026&quarter=2").decode("utf-8-sig")
    line, *_totals = csv.DictReader(io.StringIO(text))
    assert [line["Case number"]] == of_second


@pytest.mark.parametrize(
    ("query", "name"),
    [("quarter=3", "quarter"), ("year=2026&quarter=5", "quarter"), ("size=gigantic", "size")],
)
def test_a_quarter_without_its_year_and_a_size_that_is_none_are_refused(
    query: str, name: str
) -> None:
    answer = Api(factories.make_staff(Role.AUDITOR)).get(f"ledger/?{query}", 400)
    assert list(errors(answer)) == [name]
