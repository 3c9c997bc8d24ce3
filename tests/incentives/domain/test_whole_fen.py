"""No money function takes a part of a fen, NaN or a sum below 0."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import money
from incentives.models import Award
from tests.incentives.factories import asked, cap, make_user, reserve

WRONG = pytest.mark.parametrize("amount", ["50.005", "NaN", "Infinity", "-0.01"])
pytestmark = pytest.mark.django_db


def refused(error: pytest.ExceptionInfo[Conflict]) -> bool:
    return list(error.value.message_dict) == ["amount"]


@WRONG
def test_reserve(amount: str) -> None:
    with pytest.raises(Conflict) as error, transaction.atomic():
        reserve(amount, caps=[cap("life", "1000")])
    assert refused(error)


@WRONG
def test_reserve_many(amount: str) -> None:
    with pytest.raises(Conflict) as error, transaction.atomic():
        money.reserve_many(
            city_code="qingdao", wanted=[asked("1.00"), asked(amount)], at=timezone.now(),
            actor=make_user(),
        )  # fmt: skip
    assert refused(error)


@WRONG
def test_redeem(amount: str) -> None:
    award = Award.objects.get(pk=reserve("100.00").award)
    with pytest.raises(Conflict) as error, transaction.atomic():
        money.redeem(
            award=award, amount=Decimal(amount), at=timezone.now(), actor=make_user(), reason="r"
        )
    assert refused(error)
