"""An award of two years: what is given up and what comes back is of the year that bears it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from incentives.domain import payouts
from incentives.domain.budget_execution import Execution, execution
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.models import Award, Budget, PayoutLine
from tests.incentives.domain.test_findings import confirm, staged, used
from tests.incentives.domain.test_recoveries import back, demanded, paid
from tests.incentives.domain.test_settlements import approve, prepared
from tests.incentives.domain.test_withdrawn import withdraw
from tests.incentives.domain.test_year_close import LAST, LAST_MOMENT, closed
from tests.incentives.factories import make_budget, make_user, qingdao, reserve

YEAR = timezone.localdate().year
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def adds_up() -> Iterator[None]:
    yield
    assert differences(city_code="qingdao") == []


def pool(code: str, year: int) -> str:
    told: dict[str, Any] = {
        "title": code,
        "limit": Decimal("9000.00"),
        "programmes": [],
        "basis": "b",
    }
    return set_pool(city=qingdao(), code=code, year=year, actor=make_user(), **told).key


def stands(budget: Budget) -> tuple[int, ...]:
    """Reserved, committed, paid, lapsed after the close."""
    found: Execution = execution([budget.pk])[budget.pk]
    return int(found.reserved), int(found.committed), int(found.paid), int(found.lapsed)


def settled(*parts: str) -> tuple[Award, Budget, Budget]:
    """Last year's, closed since; 60.00 yuan more by a settlement of this year."""
    last = make_budget("1000.00", year=LAST)
    award = paid(staged(*parts, at=LAST_MOMENT))
    closed()
    this = make_budget("900.00", year=YEAR)
    approve(prepared(award, "360.00"))
    award.refresh_from_db()
    return award, last, this


def test_each_year_gets_back_what_it_bears_when_the_payee_is_gone() -> None:
    award, last, this = settled("100.00", "200.00")
    assert (stands(last), stands(this)) == ((0, 200, 100, 0), (0, 60, 0, 0))
    confirm(withdraw(award, 3))
    assert (stands(last), stands(this)) == ((0, 0, 100, 200), (0, 60, 0, 0))
    confirm(withdraw(award, 4))
    assert (stands(last), stands(this)) == ((0, 0, 100, 200), (0, 0, 0, 0))


def test_what_another_year_gives_up_is_no_room_of_this_one() -> None:
    award, last, this = settled("300.00")
    line = PayoutLine.objects.get(state="paid")
    payouts.settle(
        batch_id=line.batch_id, results={line.pk: ("returned", "账户已销户")}, user=make_user()
    )
    confirm(withdraw(award, 1))
    assert reserve("900.00").amount == 840
    assert (stands(last), stands(this)) == ((0, 0, 0, 300), (840, 60, 0, 0))


def test_what_comes_back_after_an_addition_was_given_up_is_of_the_first_year() -> None:
    pools = pool("p", LAST), pool("p", YEAR)
    award, _last, _this = settled("300.00")
    confirm(withdraw(award, award.instalments.get(kind="settlement").number))
    assert [used(key) for key in pools] == [300, 0]
    back(demanded(award, "120.00"), "120.00")
    assert [used(key) for key in pools] == [180, 0]


def test_a_budget_and_a_pool_opened_late_have_what_early_ones_have() -> None:
    make_budget("1000.00", year=LAST)
    award = paid(staged("300.00", at=LAST_MOMENT))
    closed()
    early = pool("early", LAST), pool("early", YEAR)
    approve(prepared(award, "360.00"))
    demand = demanded(paid(award), "200.00")
    back(demand, "60.00")
    budget = make_budget("900.00", year=YEAR)
    late = pool("late", LAST), pool("late", YEAR)
    assert [used(key) for key in (*early, *late, budget.key)] == [300, 0, 300, 0, 0]
    back(demand, "100.00")
    assert [used(key) for key in (*early, *late, budget.key)] == [200, 0, 200, 0, 0]
