"""Determinations approved in batches; some are rejected or lose an objection and release again."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from time import perf_counter

from django.db import transaction
from django.utils import timezone

from incentives.domain import money
from incentives.models import Award
from tests.december.books import fen
from tests.december.budgets import Budgets, move_and_supplement, part_of, supplement
from tests.december.city import City
from tests.december.plan import Ask, Plan, asked

A_BATCH = 200
REASONS = ("财政审核不通过", "异议成立")
RELEASED_IN = 30


@dataclass(frozen=True, slots=True)
class Given:
    """An award that a determination got."""

    award: int
    ask: Ask
    fen: int


def decide(city: City, plan: Plan, budgets: Budgets) -> list[Given]:
    """Every determination of the plan, and those asked anew; the awards that still stand."""
    waiting, standing = deque(plan.asks), []
    half, begun, done = len(plan.asks) // 2, perf_counter(), 0
    while batch := list(islice(_taken(waiting), A_BATCH)):
        if done < half <= done + len(batch):
            move_and_supplement(city, budgets)
        given = _approve(city, batch)
        kept, lost = _released_among(city, given)
        standing += kept
        waiting += [one.ask.again() for one in lost if one.ask.reason == ""][::2]
        done += len(batch)
        if done % (50 * A_BATCH) < len(batch) or not waiting:
            city.say(f"  {done} determinations, {done / (perf_counter() - begun):.0f} a second")
    return standing


def share_out(city: City, plan: Plan, budgets: Budgets) -> list[Given]:
    """Round after round, each as one batch under a budget that is given pro rata."""
    standing = []
    for number, asks in enumerate(plan.rounds):
        if number >= len(city.sharing):
            budget = budgets.of_round[asks[0].code]
            supplement(city, budget, part_of(asks, number))
        kept, _lost = _released_among(city, _approve(city, asks, sharing=True))
        standing += kept
    city.say(f"  {len(plan.rounds)} rounds shared out among {len(plan.rounds[0])} each")
    return standing


def _taken(waiting: deque[Ask]) -> Iterator[Ask]:
    """Until none is left, or one comes a second time: a case is decided once in a batch."""
    seen: set[str] = set()
    while waiting and waiting[0].case_number not in seen:
        seen.add(waiting[0].case_number)
        yield waiting.popleft()


def _approve(city: City, batch: list[Ask], *, sharing: bool = False) -> list[Given]:
    with transaction.atomic():
        grants = money.reserve_many(
            city_code=city.place.pk,
            wanted=[asked(city, ask) for ask in batch],
            at=timezone.now(),
            actor=city.director,
            sharing=sharing,
        )
    found = []
    for ask, grant in zip(batch, grants, strict=True):
        granted = fen(grant.amount)
        city.books.add(ask.code, "asked", ask.fen)
        city.books.add(ask.code, "cut" if granted else "denied", ask.fen - granted)
        city.books.add(ask.code, "reserved", granted)
        if grant.award:
            found.append(Given(grant.award, ask, granted))
    return found


def _released_among(city: City, given: list[Given]) -> tuple[list[Given], list[Given]]:
    kept, lost = [], []
    for one in given:
        (lost if city.rng.randrange(RELEASED_IN) == 0 else kept).append(one)
    release(city, lost, city.rng.choice(REASONS))
    return kept, lost


@transaction.atomic
def release(city: City, given: list[Given], reason: str) -> None:
    awards = Award.objects.in_bulk([one.award for one in given])
    for one in given:
        money.release(
            award=awards[one.award], at=timezone.now(), actor=city.director, reason=reason
        )
        city.books.add(one.ask.code, "released", one.fen)
