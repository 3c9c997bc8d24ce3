"""What a fund sets aside for a programme is counted in the fund's own budget, and nowhere twice."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import budgets, year_close
from incentives.domain.budget_execution import Execution
from incentives.domain.execution_report import report, total
from incentives.models import Budget, BudgetChange, Fund, Programme
from tests.incentives.factories import (
    any_programme,
    make_budget,
    make_fund,
    make_user,
    qingdao,
    reserve,
)

YEAR = timezone.localdate().year
LAST = YEAR - 1


def another_programme() -> Programme:
    return Programme.objects.filter(city="qingdao").exclude(pk=any_programme().pk).first()


def another_fund() -> Fund:
    fund = Fund.objects.create(city=qingdao(), code="other", name_zh="另一", name_en="other")
    fund.programmes.add(any_programme())
    return fund


def transfer(to: Budget, source: Budget) -> BudgetChange:
    return budgets.prepare(
        budget_id=to.pk, kind="transfer", amount=Decimal("100.00"), basis="调剂",
        taken_from_id=source.pk, user=make_user(),
    )  # fmt: skip


def approved(change: BudgetChange) -> None:
    budgets.approve(change_id=change.pk, user=make_user())


def planned() -> Decimal:
    return total(report(Budget.objects.filter(year=YEAR))).planned


def test_a_part_exchanges_money_with_other_parts_alone(db: None) -> None:
    fund = make_fund(any_programme(), another_programme())
    whole = make_budget("1000.00", year=YEAR, fund=fund)
    part = make_budget("400.00", year=YEAR, fund=fund, programme=any_programme())
    beside = make_budget("200.00", year=YEAR, fund=fund, programme=another_programme())
    other = make_budget("500.00", year=YEAR, fund=another_fund())
    for to, source in ((whole, part), (part, whole), (other, part), (part, other)):
        with pytest.raises(ValidationError) as refused:
            transfer(to, source)
        assert list(refused.value.message_dict) == ["taken_from"]
        with pytest.raises(DatabaseError, match="stands alone"), transaction.atomic():
            BudgetChange.objects.create(
                budget=to, kind="transfer", amount=1, taken_from=source, basis="b",
                prepared_by=make_user(),
            )  # fmt: skip
    approved(transfer(part, beside))
    approved(transfer(other, whole))
    assert planned() == Decimal("1500.00")
    left = {one.pk: one.planned for one in Budget.objects.all()}
    amounts = {whole: "900.00", part: "500.00", beside: "100.00", other: "600.00"}
    assert left == {one.pk: Decimal(amount) for one, amount in amounts.items()}


def test_what_became_a_part_meanwhile_is_not_moved_out(db: None) -> None:
    alone = make_budget("400.00", year=YEAR, programme=any_programme())
    other = make_budget("500.00", year=YEAR, fund=another_fund())
    change = transfer(other, alone)
    make_budget("1000.00", year=YEAR, fund=alone.fund)
    with pytest.raises(Conflict) as refused:
        approved(change)
    assert list(refused.value.message_dict) == ["taken_from"]
    budgets.cancel(change_id=change.pk, reason="已切块", user=make_user())
    assert planned() == Decimal("1500.00")


def test_a_part_stands_alone_until_the_fund_has_money_of_its_own(db: None) -> None:
    fund = make_fund()
    make_budget("400.00", year=YEAR, fund=fund, programme=any_programme())
    reserve("20.01")
    waiting = budgets.set_up(
        fund=fund, programme=None, year=YEAR, planned=Decimal("1000.00"), funding_source="x",
        subject_code="1", basis="b", carries_over=False, user=make_user(),
    )  # fmt: skip
    lines = report(Budget.objects.filter(year=YEAR))
    assert [line.within for line in lines] == [False, False]
    expected = [Decimal(figure) for figure in ("400.00", "20.01", "0.00", "0.00", "0.00")]
    assert total(lines) == Execution(*expected)
    approved(waiting.changes.get())
    assert planned() == Decimal("1000.00")


@pytest.mark.parametrize("year", [LAST, YEAR])
def test_what_carries_over_stays_on_its_level(db: None, year: int) -> None:
    """Else what lapses with the whole is money again, or what carries is swallowed by one."""
    fund, programme = make_fund(), any_programme()
    old = Budget.objects.create(
        fund=fund, programme=programme, year=LAST, carries_over=True, funding_source="x",
        subject_code="1", set_by=make_user(),
    )  # fmt: skip
    first = budgets.prepare(
        budget_id=old.pk, kind="planned", amount=Decimal("300.00"), basis="b", user=make_user()
    )
    approved(first)
    make_budget("1.00", year=YEAR, fund=fund, programme=programme)
    make_budget("1000.00", year=year, fund=fund)
    with pytest.raises(ValidationError, match=str(LAST)):
        year_close.prepare(city=qingdao(), year=LAST, user=make_user())
    make_budget("1000.00", year=LAST + YEAR - year, fund=fund)
    year_close.prepare(city=qingdao(), year=LAST, user=make_user())
