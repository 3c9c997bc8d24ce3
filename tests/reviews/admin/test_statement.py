"""What a statement's file is a statement of, and which of its columns mean something."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from applicants.models import District, Event
from incentives.models import Export, Programme
from reviews.models.staff import Role
from tests.factories import give_role, make_staff
from tests.incentives.domain.test_recoveries import back, demanded, paid_award
from tests.incentives.factories import reserve
from tests.reviews.admin.conftest import Desk, downloaded

PAGE = "/admin/incentives/ledgerentry/statement"
YEAR = timezone.localdate().year


@pytest.fixture
def auditor(desk: Desk) -> Client:
    return desk(make_staff(Role.AUDITOR))


@pytest.fixture
def both(desk: Desk) -> Client:
    user = make_staff(Role.AUDITOR)
    give_role(user, Role.AUDITOR, city="dalian")
    reserve("1.00")
    reserve("20.00", programme=Programme.objects.filter(city="dalian")[0])
    return desk(user)


def below_the_table(content: bytes) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return rows[rows.index([]) + 1 :]


def test_each_file_says_what_it_is_of(auditor: Client) -> None:
    reserve("1.00")
    laoshan = District.objects.get(city="qingdao", code="laoshan")
    asked = {
        "by": "bureau", "year": YEAR, "district": laoshan.pk, "payer": "city", "applicant": "单位",
    }  # fmt: skip
    told = [
        ["城市", "青岛市"], ["记账年度", str(YEAR)], ["所在区市", str(laoshan.name_zh)],
        ["支付方", "市级"], ["申报单位", "单位"],
    ]  # fmt: skip
    first, as_of, *rest = below_the_table(downloaded(auditor, f"{PAGE}.csv", asked))
    assert (first, as_of[0], rest) == (["台账收支报表", "汇总口径：承办单位"], "截至", told)
    book = load_workbook(io.BytesIO(downloaded(auditor, f"{PAGE}.xlsx", asked)))
    _heads, first_too, _as_of, *about = book.worksheets[1].iter_rows(values_only=True)
    assert (book.sheetnames[1], list(first_too)) == ("说明", first)
    assert [[label, str(value).removesuffix(".0")] for label, value in about] == told
    [page] = PdfReader(io.BytesIO(downloaded(auditor, f"{PAGE}.pdf", asked))).pages
    printed = "".join(page.extract_text().split())
    assert all(word in printed for pair in [first, *told] for word in pair)


def test_the_name_and_the_event_say_it_too(auditor: Client) -> None:
    answer = auditor.get(f"{PAGE}.csv", {"by": "quarter", "year": YEAR, "stage": "paid"})
    assert b"".join(answer)
    name = f'attachment; filename="statement-qingdao-{YEAR}-quarter-'
    assert answer["Content-Disposition"].startswith(name)
    event = Event.objects.get(kind="ledger.added_up")
    wanted = {"year": YEAR, "stage": "paid", "by": "quarter"}
    assert event.data == {"format": "csv", "filter": wanted}


def test_who_has_two_cities_chooses_one_and_reads_which(both: Client) -> None:
    whole = both.get(f"{PAGE}/", {"by": "year"}).context
    assert whole["last"][2].value == Decimal("21.00")
    assert ["城市", "大连市、青岛市"] in below_the_table(downloaded(both, f"{PAGE}.csv"))
    asked = {"by": "year", "city": "dalian"}
    assert both.get(f"{PAGE}/", asked).context["last"][2].value == Decimal("20.00")
    assert ["城市", "大连市"] in below_the_table(downloaded(both, f"{PAGE}.csv", asked))
    kept = Export.objects.latest("id")
    assert kept.name.startswith("statement-dalian-year-")
    assert [city.pk for city in kept.cities.all()] == ["dalian"]
    assert Event.objects.latest("id").city_id == "dalian"
    wrong = both.get(f"{PAGE}.csv", {"city": "none-such"})
    assert list(wrong.context["form"].errors) == ["city"]


def test_the_list_and_the_file_are_of_the_chosen_city(both: Client, auditor: Client) -> None:
    page = "/admin/incentives/ledgerentry/"
    [total] = both.get(page, {"city": "dalian"}).context["totals"]
    assert total.amount == Decimal("20.00")
    lines = b"".join(both.get(f"{page}export.csv", {"city": "dalian"})).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(lines)))["城市"] == "大连市"
    assert Event.objects.get(kind="ledger.exported").city_id == "dalian"
    assert "city" in both.get(page).context["form"].fields
    assert "city" not in auditor.get(page).context["form"].fields


@pytest.mark.parametrize("stage", ["paid", "returned"])
def test_the_cost_is_not_told_of_one_stage(auditor: Client, stage: str) -> None:
    heads = [auditor.get(f"{PAGE}/", asked).context["heads"] for asked in ({}, {"stage": stage})]
    assert heads[1] == heads[0][:-1]
    table = downloaded(auditor, f"{PAGE}.csv", {"stage": stage}).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(table))) == heads[1]


def test_the_pdf_keeps_a_column_that_adds_up_to_nothing_though_its_lines_do_not(
    auditor: Client,
) -> None:
    """What was paid in one year and came back in the next."""
    with time_machine.travel(datetime(YEAR - 1, 2, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))):
        award = paid_award("100.00")
    back(demanded(award, "100.00"), "100.00")
    assert auditor.get(f"{PAGE}/", {"by": "year"}).context["last"][-1].value == 0
    [page] = PdfReader(io.BytesIO(downloaded(auditor, f"{PAGE}.pdf", {"by": "year"}))).pages
    words = "".join(page.extract_text().split())
    assert ("实际支出" in words, "已释放" in words) == (True, False)
