"""The execution of a year's budgets: the page and its files say the same, to the fen."""

import csv
import io
from decimal import Decimal
from itertools import takewhile

import openpyxl
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.models import Event
from incentives.domain import money
from incentives.models import Award
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.test_year_close import LAST, LAST_MOMENT, closed
from tests.incentives.factories import (
    any_programme,
    make_award,
    make_budget,
    make_fund,
    make_user,
    reserve,
)
from tests.reviews.admin.conftest import Desk, downloaded

REPORT = "/admin/incentives/budget/report"
YEAR = timezone.localdate().year
ASKED = {"city": "qingdao", "year": YEAR}


@pytest.fixture
def preparer(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_PREPARER, "finance"))


@pytest.fixture
def budgets(db: None) -> None:
    """A fund with a part set aside, and another whose only budget is a programme's."""
    programme = any_programme()
    whole, alone = make_fund(programme), make_fund()
    make_budget("1000.00", year=YEAR, fund=whole)
    make_budget("400.00", year=YEAR, fund=whole, programme=programme)
    make_budget("50.00", year=YEAR, fund=alone, programme=programme)
    make_budget("7.00", year=YEAR - 1, fund=whole)
    reserve("10.00", programme=programme)
    make_award("20.01", programme=programme)


def figures(rows: object) -> list[list[Decimal]]:
    return [[Decimal(str(cell)) for cell in row[4:10]] for row in rows]


def test_what_is_set_aside_within_a_fund_is_counted_once(preparer: Client, budgets: None) -> None:
    shown = preparer.get(f"{REPORT}/", ASKED).context
    lines = [cells for _pk, cells in shown["lines"]]
    assert [line[4] for line in lines] == [Decimal(1000), Decimal(400), Decimal(50)]
    assert [line[5:7] for line in lines] == [[Decimal("10.00"), Decimal("20.01")]] * 3
    told = ["1050.00", "20.00", "40.02", "0", "0", "989.98"]
    assert shown["last"][4:] == [*map(Decimal, told), "0.00%"]


def test_what_lapsed_after_the_close_stands_by_itself(preparer: Client) -> None:
    make_budget("100.00", year=LAST)
    gone = Award.objects.get(pk=reserve("30.00", at=LAST_MOMENT).award)
    closed()
    with transaction.atomic():
        money.release(award=gone, at=timezone.now(), actor=make_user(), reason="r")
    shown = preparer.get(f"{REPORT}/", ASKED | {"year": LAST}).context
    told = dict(zip(shown["heads"], shown["last"], strict=True))
    assert (told["结账后失效"], told["可用"]) == (Decimal("30.00"), Decimal("70.00"))


def test_the_files_say_what_the_page_says(preparer: Client, budgets: None) -> None:
    shown = preparer.get(f"{REPORT}/", ASKED).context
    wanted = figures([cells for _pk, cells in shown["lines"]] + [shown["last"]])
    book = openpyxl.load_workbook(io.BytesIO(downloaded(preparer, f"{REPORT}.xlsx", ASKED)))
    assert figures(list(book.worksheets[0].values)[1:]) == wanted
    text = downloaded(preparer, f"{REPORT}.csv", ASKED).decode("utf-8-sig")
    table = list(takewhile(bool, csv.reader(io.StringIO(text))))
    assert figures(table[1:]) == wanted
    assert downloaded(preparer, f"{REPORT}.pdf", ASKED).startswith(b"%PDF")
    taken = Event.objects.filter(kind="budget.exported").order_by("id")
    assert [one.data["format"] for one in taken] == ["xlsx", "csv", "pdf"]


def test_a_year_without_budgets_and_a_wrong_one(preparer: Client) -> None:
    shown = preparer.get(f"{REPORT}/", ASKED | {"year": 2001})
    assert (shown.status_code, shown.context["lines"], shown.context["last"][-1]) == (200, [], "")
    assert downloaded(preparer, f"{REPORT}.pdf", ASKED | {"year": 2001}).startswith(b"%PDF")
    wrong = preparer.get(f"{REPORT}.xlsx", {"city": "dalian", "year": "x"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (200, ["city", "year"])
    assert preparer.get(f"{REPORT}.doc").status_code == 404


@pytest.mark.parametrize(
    ("role", "bureau", "status"),
    [(Role.AUDITOR, None, 200), (Role.FINANCE_APPROVER, "finance", 200), (Role.LEADER, "sti", 403)],
)
def test_finance_and_auditors_read_it(
    desk: Desk, role: Role, bureau: str | None, status: int
) -> None:
    reader = desk(make_staff(role, bureau))
    for path in ("/", ".xlsx"):
        answer = reader.get(f"{REPORT}{path}")
        assert (answer.status_code, bool(b"".join(answer))) == (status, True)


def test_it_asks_as_often_however_long_it_is(preparer: Client) -> None:
    asked = []
    for more in (1, 5):
        for _number in range(more):
            make_budget("10.00", year=YEAR)
        with CaptureQueriesContext(connection) as queries:
            preparer.get(f"{REPORT}/", ASKED)
        asked.append(len(queries))
    assert asked[0] == asked[1]
