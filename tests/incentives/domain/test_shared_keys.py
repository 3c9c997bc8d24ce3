"""A budget or a pool is found by the money functions, never named as a cap by who asks."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import money
from incentives.domain.counters import CounterRequest
from incentives.domain.money_refusals import REFUSALS
from incentives.models import Award, Counter
from tests.incentives.factories import asked, cap, make_award, make_budget, make_user, reserve


def alone(wanted: CounterRequest) -> None:
    reserve("100.00", caps=[cap("life", "1000"), wanted])


def in_a_batch(wanted: CounterRequest) -> None:
    both = [asked("1.00", caps=[cap("life", "1000")]), asked("100.00", caps=[wanted])]
    with transaction.atomic():
        money.reserve_many(city_code="qingdao", wanted=both, at=timezone.now(), actor=make_user())


def topped_up(wanted: CounterRequest) -> None:
    with transaction.atomic():
        money.top_up(
            award=Award.objects.get(), entitled=Award.objects.get().amount + 1,
            due_on=timezone.localdate(), at=timezone.now(), actor=make_user(), reason="r",
            counters=[wanted],
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("ask", [alone, in_a_batch, topped_up])
@pytest.mark.parametrize("key", ["budget:{}", "pool:talent:2026"])
def test_neither_is_taken_for_a_cap(ask: Callable[[CounterRequest], None], key: str) -> None:
    budget = make_budget("50.00", year=timezone.localdate().year)
    make_award("10.00")
    before = list(Counter.objects.order_by("id").values())
    with pytest.raises(Conflict) as refused:
        ask(cap(key.format(budget.pk), "999999"))
    assert refused.value.messages == [REFUSALS["HQ046"]("")]
    assert list(Counter.objects.order_by("id").values()) == before
    assert Award.objects.count() == 1


@pytest.mark.django_db
def test_a_fact_that_says_budget_is_none() -> None:
    wanted = cap("cap:talent:fact=budget:1", "60")
    assert reserve("100.00", caps=[wanted]).amount == 60
