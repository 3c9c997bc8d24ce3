from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from incentives.models import Counter, Pool
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.factories import any_programme, cap, make_party, reserve
from tests.reviews.admin.conftest import Desk

POOLS, CAPS = "/admin/incentives/pool/", "/admin/incentives/counter/"


@pytest.fixture
def approver(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_APPROVER, "finance"))


def typed(**other: object) -> dict[str, object]:
    return {
        "city": "qingdao", "code": "all", "year": timezone.localdate().year, "title": "年度总盘子",
        "limit": "1000", "basis": "青财〔2026〕1号",
    } | other  # fmt: skip


def test_a_pool_is_set_up_and_shows_what_is_used_and_left(approver: Client) -> None:
    reserve("400.40")
    assert approver.post(f"{POOLS}add/", typed()).status_code == 302
    shown = approver.get(POOLS).content.decode()
    assert "400.40" in shown
    assert "599.60" in shown
    page = approver.get(f"{POOLS}{Pool.objects.get().pk}/change/").content.decode()
    assert f'href="{CAPS}{Counter.objects.get(kind="pool").pk}/change/"' in page


def test_a_limit_below_what_is_used_is_refused_with_the_figure(approver: Client) -> None:
    reserve("400.40")
    response = approver.post(f"{POOLS}add/", typed(limit="400.39"))
    assert "400.40" in response.context["form"].errors["limit"][0]
    assert not Pool.objects.exists()
    approver.post(f"{POOLS}add/", typed())
    page = f"{POOLS}{Pool.objects.get().pk}/change/"
    response = approver.post(page, {"title": "x", "limit": "1", "basis": "y"})
    assert "400.40" in response.context["form"].errors["limit"][0]
    assert Pool.objects.get().limit == Decimal(1000)


def test_a_limit_is_raised(approver: Client) -> None:
    programme = any_programme()
    approver.post(f"{POOLS}add/", typed(programmes=[programme.pk]))
    page = f"{POOLS}{Pool.objects.get().pk}/change/"
    assert approver.get(page).status_code == 200
    approver.post(page, {"title": "年度总盘子", "limit": "2000", "basis": "调整"})
    assert Counter.objects.get(kind="pool").limit == Pool.objects.get().limit == Decimal(2000)
    assert list(Pool.objects.get().programmes.all()) == [programme]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "-1"),
        ("limit", "1.234"),
        ("limit", "many"),
        ("year", "x"),
        ("code", "总"),
        ("title", ""),
    ],
)
def test_a_wrong_value_is_said_at_its_field(approver: Client, field: str, value: str) -> None:
    response = approver.post(f"{POOLS}add/", typed(**{field: value}))
    assert list(response.context["form"].errors) == [field]


def test_setting_the_same_pool_again_changes_its_limit_but_not_its_programmes(
    approver: Client,
) -> None:
    approver.post(f"{POOLS}add/", typed())
    response = approver.post(f"{POOLS}add/", typed(programmes=[any_programme().pk]))
    assert list(response.context["form"].errors) == ["programmes"]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.POLICY_EDITOR])
def test_others_read_pools_and_change_none(approver: Client, desk: Desk, role: Role) -> None:
    approver.post(f"{POOLS}add/", typed())
    page = f"{POOLS}{Pool.objects.get().pk}/change/"
    reader = desk(make_staff(role))
    assert reader.get(page).status_code == 200
    assert reader.post(page, typed(limit="5000")).status_code == 403
    assert reader.get(f"{POOLS}add/").status_code == 403


def test_caps_are_listed_in_words_and_open_to_their_entries(approver: Client) -> None:
    applicant = make_party("甲公司")
    programme = any_programme()
    key = f"cap:{programme.code}:yearly:applicant={applicant.pk}:2026"
    reserve(
        "100.50",
        caps=[cap(key, "1000"), cap("event:centre:A%3AB|C", "1", unit="awards", kind="event")],
    )
    shown = approver.get(CAPS).content.decode()
    for words in (programme.title, "甲公司", "899.50", "centre · A:B · C"):
        assert words in shown
    page = approver.get(f"{CAPS}{Counter.objects.get(key=key).pk}/change/")
    [(_entry, amount, _reversal)] = page.context["rows"]
    assert "100.50" in amount


@pytest.mark.parametrize(("role", "links"), [(Role.AUDITOR, 1), (Role.POLICY_EDITOR, 0)])
def test_only_who_may_read_the_ledger_is_led_to_it(desk: Desk, role: Role, links: int) -> None:
    key = f"cap:{any_programme().code}:yearly::2026"
    reserve("100.50", caps=[cap(key, "1000")])
    page = desk(make_staff(role)).get(f"{CAPS}{Counter.objects.get(key=key).pk}/change/")
    [(row, _amount, _reversal)] = page.context["rows"]
    assert page.content.decode().count(f"/ledgerentry/{row.entry_id}/change/") == links


def test_reviewers_see_no_caps(desk: Desk) -> None:
    assert desk(make_staff(Role.APPROVER, "sti")).get(CAPS).status_code == 403


@pytest.mark.parametrize("pk", ["0", "x", "9" * 20])
def test_a_cap_that_does_not_exist_is_not_found(approver: Client, pk: str) -> None:
    assert approver.get(f"{CAPS}{pk}/change/").status_code == 404
    assert approver.get(f"{POOLS}{pk}/change/").status_code == 404
