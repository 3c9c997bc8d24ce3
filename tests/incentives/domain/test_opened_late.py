"""Budgets and pools opened late count their year as those that were there from the start."""

from decimal import Decimal

import pytest
from django.utils import timezone

from incentives.domain.budget_execution import FIGURES, behind, execution
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.domain.statement import statement, total
from incentives.models import Budget, LedgerEntry
from tests.incentives.domain.test_findings import confirm, find, staged
from tests.incentives.domain.test_payers import pay, shared
from tests.incentives.domain.test_recoveries import back, demanded, paid, paid_award, used
from tests.incentives.domain.test_settlements import approve, prepared
from tests.incentives.domain.test_year_close import LAST, LAST_MOMENT, closed
from tests.incentives.factories import cap, make_budget, make_user, qingdao

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


def pool(code: str, year: int = YEAR) -> str:
    made = set_pool(
        city=qingdao(), code=code, year=year, title=code, limit=Decimal("9000.00"), programmes=[],
        basis="b", actor=make_user(),
    )  # fmt: skip
    return made.key


def opened(code: str, year: int = YEAR) -> tuple[Budget, str]:
    return make_budget("9000.00", year=year), pool(code, year)


def same(*of: tuple[Budget, str]) -> Decimal:
    """What all of these have used; the figures of the budgets are the same, and what is behind."""
    assert differences(city_code="qingdao") == []
    found = [execution([budget.pk])[budget.pk] for budget, _pool in of]
    assert len(set(found)) == 1
    for budget, _pool in of:
        for figure in FIGURES:
            rows = behind(budget_id=budget.pk, figure=figure)
            assert sum(row.amount for row in rows) == getattr(found[0], figure)
    assert {used(key) for budget, of_pool in of for key in (budget.key, of_pool)} == {found[0].used}
    return found[0].used


def cost() -> Decimal:
    rows = LedgerEntry.objects.filter(payer="city")
    return total(statement(rows, "year"), cases=1, label="").cost


def test_what_was_recovered_before_is_not_counted() -> None:
    early = opened("early")
    recovery = demanded(paid_award("1000.00", caps=[cap("life", "1000")]), "900.00")
    back(recovery, "333.33")
    back(recovery, "66.67")
    late = opened("late")
    assert (same(early, late), used("life")) == (600, 600)
    back(recovery, "300.00")
    assert (same(early, late), used("life")) == (300, 300)
    assert execution([late[0].pk])[late[0].pk].paid == cost() == 300


def test_what_lapsed_and_came_back_of_several_payers_is_not_counted() -> None:
    early = opened("early")
    lapsing = paid(staged("100.00", "200.00"))
    confirm(find(lapsing, 2, "partly", "50.00"))
    award = shared()
    pay(award.instalments.get(payer="city"))
    back(demanded(award, "10.01"), "10.01")
    late = opened("late")
    assert same(early, late) == Decimal("150.00") + cost() - 100
    back(demanded(lapsing, "33.33"), "33.33")
    assert same(early, late) == 50 + cost()


@pytest.mark.parametrize(("budgeted", "more", "rest"), [(True, 0, 290), (False, 20, 300)])
def test_what_came_back_of_what_a_later_year_settled_is_not_counted(
    budgeted: bool, more: int, rest: int
) -> None:
    """300.00 of last year, and 60.00 or 100.00 added in this: what comes back is this year's first,
    also where it has no budget."""
    last = opened("last", LAST)
    award = paid(staged("300.00", at=LAST_MOMENT))
    closed()
    own = pool("own")
    budget = make_budget("900.00", year=YEAR) if budgeted else None
    approve(prepared(award, "400.00" if more else "360.00"))
    recovery = demanded(paid(award), "200.00")
    back(recovery, "33.33" if more else "30.00")
    back(recovery, "46.67" if more else "40.00")
    late = pool("late"), pool("late", LAST)
    assert (used(late[0]), used(late[1])) == (more, rest)
    assert (used(own), used(last[1])) == (used(late[0]), used(late[1]))
    if budget:
        assert used(make_budget("900.00", year=YEAR).key) == used(budget.key) == 0
    assert differences(city_code="qingdao") == []
