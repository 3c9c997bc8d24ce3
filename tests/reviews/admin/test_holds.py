"""Holds at the desk of finance: shown where money is due, and released with a reason."""

import pytest
from django.test import Client

from incentives.domain import holds
from incentives.models import Award, PayeeHold, PayoutBatch
from incentives.models.payout import HoldKind
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.factories import make_award
from tests.reviews.admin.conftest import Desk

DUE = "/admin/incentives/payoutbatch/add/"
LIST = "/admin/incentives/payeehold/"


@pytest.fixture
def award(db: None) -> Award:
    return make_award("10")


@pytest.fixture
def held(award: Award) -> PayeeHold:
    return holds.hold(award=award, kind=HoldKind.DIFFERENCE, text="10 ≠ 11")


@pytest.fixture
def approver(desk: Desk) -> Client:
    return desk(make_staff(Role.FINANCE_APPROVER, "finance"))


def page(held: PayeeHold) -> str:
    return f"{LIST}{held.pk}/change/"


def test_what_is_due_and_held_leads_to_its_hold_and_cannot_be_ticked(
    desk: Desk, award: Award, held: PayeeHold
) -> None:
    free = make_award("20")
    preparer = desk(make_staff(Role.FINANCE_PREPARER, "finance"))
    shown = preparer.get(DUE).content.decode()
    assert page(held) in shown
    ids = {one.pk: one.instalments.get().pk for one in (award, free)}
    assert [f'name="instalment" value="{pk}"' in shown for pk in ids.values()] == [False, True]
    preparer.post(DUE, {"all": "on"})
    assert PayoutBatch.objects.get().lines.get().instalment.award == free


def test_a_held_instalment_that_is_posted_all_the_same_is_refused(
    desk: Desk, award: Award, held: PayeeHold
) -> None:
    preparer = desk(make_staff(Role.FINANCE_PREPARER, "finance"))
    response = preparer.post(DUE, {"instalment": [award.instalments.get().pk]})
    assert award.case_number in str(next(iter(response.context["messages"])))
    assert not PayoutBatch.objects.exists()


def test_a_hold_is_released_with_its_reason(approver: Client, held: PayeeHold) -> None:
    assert held.award.case_number in approver.get(LIST).content.decode()
    assert approver.get(f"{LIST}?released=no").status_code == 200
    assert approver.post(page(held), {"reason": " "}).status_code == 422
    assert approver.post(page(held), {"reason": "已核对"}).status_code == 302
    held.refresh_from_db()
    assert (held.reason, held.released_by_id is not None) == ("已核对", True)
    assert approver.post(page(held), {"reason": "再次"}).status_code == 422


@pytest.mark.parametrize("role", [Role.FINANCE_PREPARER, Role.AUDITOR])
def test_others_read_it_and_are_refused_the_release(
    desk: Desk, held: PayeeHold, role: Role
) -> None:
    client = desk(make_staff(role, "finance" if role == Role.FINANCE_PREPARER else None))
    shown = client.get(page(held))
    assert (shown.status_code, "10 ≠ 11" in shown.content.decode()) == (200, True)
    assert 'name="reason"' not in shown.content.decode()
    assert client.post(page(held), {"reason": "x"}).status_code in (403, 422)
    held.refresh_from_db()
    assert held.released_at is None


def test_reviewers_see_no_holds(desk: Desk, held: PayeeHold) -> None:
    reviewer = desk(make_staff(Role.PREPARER, "sti"))
    assert reviewer.get(page(held)).status_code in (403, 404)
