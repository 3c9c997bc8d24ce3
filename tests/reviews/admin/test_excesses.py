"""Excess of a cap at the desk: from the case's page to finance's signature."""

from decimal import Decimal

import pytest
from django.test import Client

from incentives.models import CapExcess
from reviews.models.staff import Role
from tests.factories import Cast, make_staff, proposed
from tests.reviews.admin.conftest import Desk

EXCESSES = "/admin/incentives/capexcess/"


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast("enterprise-tech-centre-award")


@pytest.fixture
def finance(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_APPROVER, "finance"))


def asked(cast: Cast, desk: Desk) -> tuple[Client, str]:
    case = proposed(cast)
    leader = desk(cast.of(cast.handling, Role.LEADER))
    return leader, f"{EXCESSES}add/?case={case.number}"


TYPED = {"cap": "centre_life", "amount": "600000.00", "reason": "专题会议〔2026〕1号"}


def test_the_leader_is_led_from_the_case_and_finance_signs(
    cast: Cast, desk: Desk, finance: Client
) -> None:
    leader, path = asked(cast, desk)
    case = path.partition("=")[2]
    number = cast.party.application_set.get(number=case).pk
    assert path in leader.get(f"/admin/reviews/application/{number}/change/").content.decode()
    assert leader.get(path).status_code == 200
    assert leader.post(path, TYPED).status_code == 302
    row = CapExcess.objects.get()
    assert (row.amount, row.approved_by) == (Decimal("600000.00"), None)
    page = f"{EXCESSES}{row.pk}/change/"
    assert leader.post(page, {"step": "approve"}).status_code == 422
    assert case in finance.get(EXCESSES).content.decode()
    assert finance.post(page, {"step": "approve"}).status_code == 302
    row.refresh_from_db()
    assert row.approved_by is not None
    assert finance.post(page, {"step": "approve"}).status_code == 422
    assert finance.get(page).status_code == 200


def test_finance_declines_with_a_reason(cast: Cast, desk: Desk, finance: Client) -> None:
    leader, path = asked(cast, desk)
    leader.post(path, TYPED)
    page = f"{EXCESSES}{CapExcess.objects.get().pk}/change/"
    assert finance.post(page, {"step": "decline"}).status_code == 422
    assert finance.post(page, {"step": "decline", "reason": "依据不足"}).status_code == 302
    assert CapExcess.objects.get().decline_reason == "依据不足"
    assert "依据不足" in leader.get(page).content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("cap", "x"), ("amount", "0"), ("amount", "x"), ("reason", "")]
)
def test_a_wrong_value_is_said_at_its_field(cast: Cast, desk: Desk, field: str, value: str) -> None:
    leader, path = asked(cast, desk)
    answer = leader.post(path, TYPED | {field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_others_neither_ask_nor_see(cast: Cast, desk: Desk, finance: Client) -> None:
    leader, path = asked(cast, desk)
    assert leader.get(f"{EXCESSES}add/").status_code == 200
    assert leader.get(f"{EXCESSES}add/?case=QI-0").status_code == 404
    assert finance.get(path).status_code == 403
    assert desk(make_staff(Role.LEADER, "education")).get(path).status_code == 404
    leader.post(path, TYPED)
    page = f"{EXCESSES}{CapExcess.objects.get().pk}/change/"
    assert desk(make_staff(Role.LEADER, "education")).get(page).status_code == 404
    assert desk(make_staff(Role.AUDITOR)).get(page).status_code == 200
    assert desk(make_staff(Role.AUDITOR)).post(page, {"step": "approve"}).status_code == 422
    assert CapExcess.objects.get().approved_by is None
