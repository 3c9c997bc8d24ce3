"""Two cities share codes of bureaus and nothing else: no case, entry or sum crosses over."""

import pytest
from django.test import Client

from incentives.models import Bureau
from reviews.domain.entries import entries_for_staff
from reviews.domain.queries import awards_for, cases_for_staff, open_tasks_for
from reviews.domain.queues import cases_in, desk_of, queues_of
from reviews.domain.reserving import finance_of
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api
from tests.factories import make_staff
from tests.reviews import unpaid
from tests.reviews.unpaid import TITLE, VOUCHER

pytestmark = pytest.mark.django_db
CODES = sorted(
    {"miit", "finance", "sti", "drc"}
)  # of bureaus that both cities have, so that a code alone would leak
BUREAU_ROLES = (Role.PREPARER, Role.APPROVER, Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)


def strangers(city):
    """Everybody of a city who could see something there."""
    staff = [make_staff(role, code, city) for code in CODES for role in BUREAU_ROLES]
    return staff + [make_staff(role, None, city) for role in (Role.AUDITOR, Role.POLICY_EDITOR)]


def test_both_cities_have_these_bureaus():
    for code in CODES:
        assert Bureau.objects.filter(code=code).count() == 2


@pytest.mark.parametrize(("code", "other"), [(TITLE, "qingdao"), (VOUCHER, "dalian")])
def test_nobody_of_the_other_city_sees_a_case(code, other):
    """At every stage that waits for somebody, and after it."""
    cast, facts, _choices = unpaid.cast_of(code)
    case = factories.accepted(cast, facts)
    _cast, decided = unpaid.determined(code)
    _cast, entered = unpaid.concluded(code)
    for user in strangers(other):
        assert list(cases_for_staff(user)) == []
        assert list(open_tasks_for(user)) == []
        assert list(entries_for_staff(user)) == []
        assert list(awards_for(user)) == []
        desk = desk_of(user)
        assert [list(cases_in(queue.key, desk)) for queue in queues_of(desk)] == [
            [] for _queue in queues_of(desk)
        ]
    assert {case.city_id, decided.city_id, entered.city_id} == {cast.programme.city_id}


@pytest.mark.parametrize(("code", "other"), [(TITLE, "qingdao"), (VOUCHER, "dalian")])
def test_no_door_of_the_desk_or_the_api_opens_to_the_other_city(code, other):
    cast, facts, _choices = unpaid.cast_of(code)
    case = factories.accepted(cast, facts)
    handling = cast.handling
    for role, bureau in (
        (Role.PREPARER, handling),
        (Role.APPROVER, handling),
        (Role.AUDITOR, None),
    ):
        user = make_staff(role, bureau, other)
        desk = Client()
        desk.force_login(user)
        page = desk.get("/admin/reviews/application/?queue=all")
        assert (page.status_code, case.number in page.content.decode()) == (200, False)
        assert desk.get(f"/admin/reviews/application/{case.pk}/change/").status_code == 404
        assert desk.post(f"/admin/reviews/application/{case.pk}/do/propose/").status_code == 404
        assert Api(user).get("cases/")["results"] == []
        Api(user).get(f"cases/{case.pk}/", 404)
        Api(user).post(f"cases/{case.pk}/accept/", {}, 404)


def test_each_city_has_a_finance_bureau_of_its_own():
    _cast, here = unpaid.determined(TITLE)
    _cast, there = unpaid.determined(VOUCHER)
    assert (finance_of(here).city_id, finance_of(there).city_id) == ("dalian", "qingdao")
    assert finance_of(here).code == finance_of(there).code == "finance"


@pytest.mark.parametrize("city", ["qingdao", "dalian"])
def test_settings_pools_and_the_ledger_offer_the_own_city_alone(city):
    other = {"qingdao": "大连", "dalian": "青岛"}[city]
    for role, bureau, page in (
        (Role.POLICY_EDITOR, None, "/admin/incentives/setting/add/"),
        (Role.POLICY_EDITOR, None, "/admin/incentives/programme/"),
        (Role.FINANCE_APPROVER, "finance", "/admin/incentives/pool/add/"),
        (Role.AUDITOR, None, "/admin/incentives/ledgerentry/"),
    ):
        desk = Client()
        desk.force_login(make_staff(role, bureau, city))
        answer = desk.get(page)
        assert (answer.status_code, f"{other}市" in answer.content.decode()) == (200, False), page
