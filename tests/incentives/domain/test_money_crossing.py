"""Many threads through the same limits in crossing orders: to the fen, and without a deadlock."""

import random
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from applicants.models import User
from incentives.domain import money
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, LedgerEntry, Programme
from tests.incentives.domain.test_money_threads import (
    THREADS,
    UNLOCKED,
    awarded,
    deadlocks,
    pool,
    year,
)
from tests.incentives.domain.threads import at_once, at_once_behind, change, drop_check
from tests.incentives.factories import asked, cap, make_user, reserve

EVENTS = 40
ENTITLED = ("444.44", "777.77")  # by programme; of one event together never more than the higher
WHOLE, EACH = Decimal("20000.00"), Decimal("12000.00")
twenty_times = pytest.mark.parametrize(
    "time", [0, *(pytest.param(n, marks=pytest.mark.nightly) for n in range(1, 20))]
)


def two_programmes() -> list[Programme]:
    return list(Programme.objects.filter(city="qingdao").order_by("code")[:2])


def ask_for_every_event(which: int, programme: Programme, actor: User, seed: int) -> Decimal:
    """One thread's awards: each event once, in an order of its own."""
    numbers = list(range(EVENTS))
    random.Random(seed).shuffle(numbers)
    amount, taken = ENTITLED[which], Decimal(0)
    for number in numbers:
        caps = [
            cap(f"event {number}", amount, kind="event", heat=2),
            cap(f"programme {which}", str(EACH), heat=5),
        ]
        taken += reserve(amount, caps=caps, programme=programme, actor=actor).amount
    return taken


def race() -> list[Decimal | Exception]:
    programmes, actor = two_programmes(), make_user()
    pool("joint", str(WHOLE), *programmes)
    return at_once(
        [
            partial(ask_for_every_event, thread % 2, programmes[thread % 2], actor, thread)
            for thread in range(THREADS)
        ]
    )


@twenty_times
def test_two_programmes_a_pool_and_same_events_to_the_fen(committed_db: None, time: int) -> None:
    taken = race()
    assert [one for one in taken if isinstance(one, Exception)] == []
    assert sum(taken) == awarded() == WHOLE
    assert Counter.objects.get(key=f"pool:joint:{year()}").used == WHOLE
    for which, programme in enumerate(two_programmes()):
        own = Award.objects.filter(programme=programme).aggregate(total=Sum("amount"))["total"]
        assert Counter.objects.get(key=f"programme {which}").used == own <= EACH
    events = Counter.objects.filter(kind="event")
    assert max(event.used for event in events) <= Decimal(max(ENTITLED))
    assert events.aggregate(total=Sum("used"))["total"] == WHOLE
    assert LedgerEntry.objects.aggregate(total=Sum("amount"))["total"] == WHOLE
    assert differences(city_code="qingdao") == []


def test_control_without_the_locks_the_pool_of_both_is_overspent(
    committed_db: None, owner_url: str
) -> None:
    change(owner_url, "huiqi_reserve", *UNLOCKED)
    drop_check(owner_url)
    programmes, actor = two_programmes(), make_user()
    pool("joint", "1000.00", *programmes)
    jobs = [
        partial(reserve, ENTITLED[thread % 2], programme=programmes[thread % 2], actor=actor)
        for thread in range(THREADS)
    ]
    at_once_behind(lambda: reserve("0.01", programme=programmes[0], actor=actor), jobs)
    assert awarded() == Decimal("0.01") + sum(map(Decimal, ENTITLED)) * THREADS / 2


def cross(seed: int, approvals: int, programme: Programme, actor: User) -> Decimal:
    """Approvals that name three of six limits in any order, some of them given back."""
    rng, kept = random.Random(seed), Decimal(0)
    limits = [cap(f"limit {n}", "100000000", heat=n % 3) for n in range(6)]
    for number in range(approvals):
        caps = rng.sample(limits, 3)
        if number % 10 == 9:
            kept += several(rng, programme, actor, limits)
            continue
        grant = reserve("7.77", caps=caps, programme=programme, actor=actor)
        kept += grant.amount
        if number % 4 == 3:
            award = Award.objects.get(pk=grant.award)
            with transaction.atomic():
                money.release(award=award, at=timezone.now(), actor=actor, reason="r")
            kept -= grant.amount
    return kept


def several(rng: random.Random, programme: Programme, actor: User, limits: list) -> Decimal:
    wanted = [asked("3.33", caps=rng.sample(limits, 3), programme=programme) for _ in range(5)]
    with transaction.atomic():
        grants = money.reserve_many(
            city_code="qingdao", wanted=wanted, at=timezone.now(), actor=actor
        )
    return sum((grant.amount for grant in grants), Decimal(0))


@pytest.mark.parametrize("approvals", [200, pytest.param(5000, marks=pytest.mark.nightly)])
def test_crossing_approvals_do_not_deadlock(committed_db: None, approvals: int) -> None:
    programmes, actor = two_programmes(), make_user()
    pool("joint", "100000000", *programmes)
    each = -(-approvals // THREADS)
    kept = at_once(
        [partial(cross, seed, each, programmes[seed % 2], actor) for seed in range(THREADS)]
    )
    assert [one for one in kept if isinstance(one, Exception)] == []
    assert deadlocks() == 0
    living = Award.objects.exclude(state="released").aggregate(total=Sum("amount"))["total"]
    assert sum(kept) == living == Counter.objects.get(key=f"pool:joint:{year()}").used
    assert differences(city_code="qingdao") == []
