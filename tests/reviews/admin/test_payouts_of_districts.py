"""The city's finance bureau prepares the batches of districts at the desk, each by itself."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applicants.models import District
from incentives.models import Award, PayoutBatch
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.factories import make_award
from tests.reviews.admin.conftest import Desk

ADD = "/admin/incentives/payoutbatch/add/"
LIST = "/admin/incentives/payoutbatch/"
SHARES = {"city": Decimal("0.6"), "district": Decimal("0.4")}


@pytest.fixture
def preparer(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_PREPARER, "finance"))


def shared(amount: str, district: str = "laoshan") -> Award:
    return make_award(amount, payer="shared", shares=SHARES, district=district)


def of(code: str) -> str:
    return f"{ADD}?city=qingdao&district={District.objects.get(city='qingdao', code=code).pk}"


def queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_one_chooses_whose_money_is_listed_and_prepared(preparer: Client) -> None:
    shared("1000")
    shared("10", "shinan")
    page = preparer.get(ADD)
    assert [row.amount for row in page.context["rows"]] == [Decimal(600), Decimal(6)]
    assert {str(one): n for one, n in page.context["districts"].items()} == {
        "市南区": 1, "崂山区": 1,
    }  # fmt: skip
    assert of("laoshan").partition("?")[2].replace("&", "&amp;") in page.content.decode()
    page = preparer.get(of("laoshan"))
    assert [row.amount for row in page.context["rows"]] == [Decimal(400)]
    preparer.post(of("laoshan"), {"all": "on"})
    batch = PayoutBatch.objects.get()
    assert (batch.payer, batch.whose, batch.total) == ("district", "崂山区", Decimal(400))
    shown = preparer.get(f"{LIST}{batch.pk}/change/").content.decode()
    assert shown.count("崂山区") >= 3
    preparer.post(ADD, {"all": "on"})
    listed = preparer.get(LIST).content.decode()
    assert ("崂山区" in listed, "青岛市" in listed) == (True, True)
    listed = preparer.get(f"{LIST}?payer__exact=district").content.decode()
    assert batch.number in listed
    assert PayoutBatch.objects.get(payer="city").number not in listed


def test_what_is_ticked_of_another_payer_is_told_and_not_prepared(preparer: Client) -> None:
    award = shared("1000")
    part = award.instalments.get(payer="city")
    page = preparer.post(of("laoshan"), {"instalment": [part.pk]})
    assert len(list(page.context["messages"])) == 1
    assert not PayoutBatch.objects.exists()


def test_a_district_of_another_city_is_told_at_its_field(preparer: Client) -> None:
    other = District.objects.exclude(city="qingdao").first()
    assert other is not None
    page = preparer.get(f"{ADD}?city=qingdao&district={other.pk}")
    assert list(page.context["form"].errors) == ["district"]


def test_more_rows_ask_no_more_queries(preparer: Client) -> None:
    counts = []
    for amount in ("10", "20", "30"):
        shared(amount)
        preparer.post(of("laoshan"), {"all": "on"})
        shared(amount)
        counts.append([queries(preparer, page) for page in (of("laoshan"), ADD, LIST)])
    assert counts == counts[:1] * 3
