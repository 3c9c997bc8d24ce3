"""A closed year's budget stays as it was closed: what its awards give up later has lapsed."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from incentives.domain import money
from incentives.domain.budget_execution import FIGURES, behind, execution
from incentives.domain.reconcile import differences
from incentives.models import Award, Budget, Instalment
from tests.incentives.domain.test_findings import confirm, find, staged, used
from tests.incentives.domain.test_recoveries import back, demanded, paid
from tests.incentives.domain.test_year_close import LAST, LAST_MOMENT, closed
from tests.incentives.factories import cap, make_budget, make_user, reserve

pytestmark = pytest.mark.django_db


def figures(budget: Budget) -> tuple[int, ...]:
    """Reserved, committed, paid and lapsed; available stays, and all opens to its entries."""
    assert differences(city_code="qingdao") == []
    found = execution([budget.pk])[budget.pk]
    for name in FIGURES:
        rows = behind(budget_id=budget.pk, figure=name)
        assert sum(row.amount for row in rows) == getattr(found, name)
    assert found.used == used(budget.key)
    assert found.available == Decimal("500.00")
    return tuple(int(getattr(found, name)) for name in FIGURES)


def reserved(amount: str) -> Award:
    caps = [cap("vouchers", "1000.00")]
    return Award.objects.get(pk=reserve(amount, caps=caps, at=LAST_MOMENT).award)


def decided(verb: str, award: Award, **more: Decimal) -> None:
    with transaction.atomic():
        getattr(money, verb)(award=award, at=timezone.now(), actor=make_user(), reason="r", **more)
        award.refresh_from_db()
        if award.state == "committed":
            Instalment.objects.create(
                award=award, number=1, payee=award.applicant, amount=award.amount, due_kind="stage"
            )


def test_what_is_given_up_after_the_close_has_lapsed() -> None:
    budget = make_budget("1000.00", year=LAST)
    staying, gone, voucher = reserved("20.00"), reserved("30.00"), reserved("50.00")
    award = paid(staged("100.00", "200.00", at=LAST_MOMENT))
    waiting = staged("60.00", "40.00", at=LAST_MOMENT)
    closed()
    assert figures(budget) == (100, 300, 100, 0)
    confirm(find(award, 2, "partly", "50.00"))
    assert figures(budget) == (100, 150, 100, 150)
    confirm(find(waiting, 2, "not_met"))
    assert figures(budget) == (100, 110, 100, 190)
    decided("release", gone)
    assert figures(budget) == (70, 110, 100, 220)
    decided("redeem", voucher, amount=Decimal("35.00"))
    assert figures(budget) == (20, 145, 100, 235)
    assert (used("own"), used("vouchers")) == (Decimal("210.00"), Decimal("55.00"))
    back(demanded(award, "40.00"), "40.00")
    assert figures(budget) == (20, 145, 100, 235)
    decided("commit", staying)
    paid(waiting)
    assert figures(budget) == (0, 105, 160, 235)


def test_an_award_that_lapses_whole_is_reserved_no_longer() -> None:
    budget = make_budget("550.00", year=LAST)
    award = reserved("50.00")
    with transaction.atomic():
        money.commit(award=award, at=timezone.now(), actor=make_user(), reason="r")
        Instalment.objects.create(
            award=award, number=1, payee=award.applicant, amount=Decimal(50), due_kind="stage"
        )
    closed()
    confirm(find(award, 1, "not_met"))
    award.refresh_from_db()
    assert (award.state, figures(budget)) == ("released", (0, 0, 0, 50))


def test_what_was_given_up_before_the_close_is_available() -> None:
    budget = make_budget("600.00", year=LAST)
    gone, award = reserved("30.00"), staged("100.00", "70.00", at=LAST_MOMENT)
    decided("release", gone)
    confirm(find(award, 2, "not_met"))
    assert figures(budget) == (0, 100, 0, 0)
    closed()
    assert figures(budget) == (0, 100, 0, 0)
