"""The close of a year at finance's desk."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incentives.models import YearClose
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.factories import make_budget
from tests.reviews.admin.conftest import Desk

CLOSES, LAST = "/admin/incentives/yearclose/", timezone.localdate().year - 1
ASKED = {"city": "qingdao", "year": LAST}


@pytest.fixture
def preparer(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_PREPARER, "finance"))


@pytest.fixture
def approver(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_APPROVER, "finance"))


def test_a_close_is_previewed_prepared_and_signed(preparer: Client, approver: Client) -> None:
    make_budget("1000.00", year=LAST)
    assert preparer.get(f"{CLOSES}add/").status_code == 200
    [(_budget, line)] = preparer.get(f"{CLOSES}add/", ASKED).context["rows"]
    assert (line.lapses, YearClose.objects.count()) == (Decimal("1000.00"), 0)
    assert preparer.post(f"{CLOSES}add/", ASKED).status_code == 302
    page = f"{CLOSES}{YearClose.objects.get().pk}/change/"
    assert preparer.get(page).status_code == 200
    assert preparer.post(page).status_code == 422
    assert approver.post(page).status_code == 302
    close = YearClose.objects.get()
    assert close.closed_at is not None
    assert close.sha256 in approver.get(page).content.decode()
    assert approver.post(page).status_code == 422
    assert preparer.post(f"{CLOSES}add/", ASKED).status_code == 422


def test_what_stands_in_the_way_is_said(preparer: Client) -> None:
    answer = preparer.get(f"{CLOSES}add/", ASKED | {"year": LAST + 1})
    assert len(answer.context["found"].obstacles) == 1
    answer = preparer.post(f"{CLOSES}add/", ASKED | {"year": LAST + 1})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["year"])


def test_an_auditor_reads_the_report_and_closes_nothing(preparer: Client, desk: Desk) -> None:
    preparer.post(f"{CLOSES}add/", ASKED)
    page = f"{CLOSES}{YearClose.objects.get().pk}/change/"
    reader = desk(make_staff(Role.AUDITOR))
    assert [reader.get(path).status_code for path in (CLOSES, page)] == [200, 200]
    assert (reader.post(page).status_code, reader.get(f"{CLOSES}add/").status_code) == (422, 403)
    assert desk(make_staff(Role.LEADER, "sti")).get(page).status_code in (403, 404)
    assert YearClose.objects.get().closed_at is None


def test_a_preview_asks_as_often_however_long_it_is(preparer: Client) -> None:
    asked = []
    for _round in range(2):
        make_budget("10.00", year=LAST)
        with CaptureQueriesContext(connection) as queries:
            assert preparer.get(f"{CLOSES}add/", ASKED).status_code == 200
        asked.append(len(queries))
        for _number in range(3):
            make_budget("10.00", year=LAST)
    assert asked[0] == asked[1]
