"""Budgets' execution and payout formats through the API: read by finance and auditors."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import PayoutFormat
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api, errors
from tests.api.test_lists import every_page
from tests.incentives.domain.test_payout_formats import treasury
from tests.incentives.factories import any_programme, make_award, make_budget, make_fund, reserve

YEAR = 2026
PLACES = ("budgets/", "payout-formats/")


@pytest.fixture
def finance(db: None) -> Api:
    return Api(factories.make_staff(Role.FINANCE_PREPARER, "finance"))


def test_a_budget_tells_its_execution_to_the_fen(finance: Api) -> None:
    programme = any_programme()
    fund = make_fund(programme)
    whole = make_budget("1000.00", year=YEAR, fund=fund)
    part = make_budget("400.00", year=YEAR, fund=fund, programme=programme)
    reserve("10.00", programme=programme)
    make_award("20.01", programme=programme)
    told = finance.get(f"budgets/{part.pk}/")
    figures = {
        "planned": "400.00", "reserved": "10.00", "committed": "20.01", "paid": "0.00",
        "lapsed": "0.00", "available": "369.99",
    }  # fmt: skip
    named = {"city": "qingdao", "fund": fund.code, "programme": programme.code, "year": YEAR}
    assert {key: told[key] for key in figures | named} == figures | named
    [alone] = finance.get("budgets/?whole_fund=true")["results"]
    assert (alone["id"], alone["programme"], alone["available"]) == (whole.pk, None, "969.99")


def test_budgets_are_filtered_and_paged_by_the_last_seen(finance: Api) -> None:
    fund = make_fund()
    made = [make_budget("1.00", year=year, fund=fund).pk for year in (2031, 2032, 2033)]
    other = make_budget("1.00", year=2031).pk
    newest_first = [other, *reversed(made)]
    assert every_page(finance, "budgets/?page_size=3") == [newest_first[:3], newest_first[3:]]
    assert every_page(finance, f"budgets/?fund={fund.code}&year=2031") == [[made[0]]]
    assert every_page(finance, "budgets/?city=dalian") == [[]]
    assert list(errors(finance.get("budgets/?year=x", 400))) == ["year"]


def test_a_payout_format_tells_its_columns_and_which_version_counts(finance: Api) -> None:
    first = treasury()
    second = treasury(title="国库二")
    told = finance.get(f"payout-formats/{first.pk}/")
    assert (told["columns"], told["options"]) == (first.columns, {"totals": False})
    assert (told["newest"], told["set_by"]) == (False, str(first.set_by))
    assert every_page(finance, "payout-formats/?code=treasury") == [[second.pk, first.pk]]
    newest = finance.get("payout-formats/?newest=true&in_use=true")["results"]
    assert [row["code"] for row in newest] == ["treasury", "standard-csv", "standard-xlsx"]
    assert newest[1]["set_by"] is None


def test_they_are_read_alone_and_by_those_of_the_city(finance: Api) -> None:
    budget = make_budget("1.00", year=YEAR)
    own = PayoutFormat.objects.filter(city="qingdao").latest("id")
    pages = (f"budgets/{budget.pk}/", f"payout-formats/{own.pk}/")
    other = Api(factories.make_staff(Role.FINANCE_PREPARER, "finance", "dalian"))
    reviewer = Api(factories.make_staff(Role.PREPARER, "sti"))
    auditor = Api(factories.make_staff(Role.AUDITOR))
    for place, page in zip(PLACES, pages, strict=True):
        assert auditor.get(page)["id"] == int(page.split("/")[1])
        assert reviewer.get(place)["results"] == []
        for stranger in (other, reviewer):
            stranger.get(page, 404)
        Api().get(place, 401)
        finance.post(place, {}, 405)
        finance.patch(page, {}, 405)


@pytest.mark.parametrize("place", PLACES)
def test_a_list_asks_as_often_however_long_it_is(finance: Api, place: str) -> None:
    asked = []
    for number in range(2):
        make_budget("1.00", year=YEAR)
        with CaptureQueriesContext(connection) as queries:
            finance.get(place)
        asked.append(len(queries))
        for more in range(3):
            make_budget("1.00", year=YEAR)
            treasury(code=f"c-{number}-{more}")
    assert asked[0] == asked[1]
