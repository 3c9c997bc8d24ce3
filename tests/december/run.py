"""A city's December and the January after it, from the budgets to the statement."""

from dataclasses import dataclass
from time import perf_counter

from incentives.domain import sealing
from incentives.domain.reconcile import differences
from incentives.models import YearClose
from reviews.domain import watch
from tests.december import (
    budgets,
    closing,
    committing,
    deciding,
    paying,
    plan,
    recovering,
    statement,
)
from tests.december.city import City, Say, founded
from tests.december.statement import Statement

SEED = 20261231


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its statement, and everything that is not as it has to be."""

    city: City
    close: YearClose
    statement: Statement
    troubles: list[str]


def december(size: int, say: Say, seed: int = SEED) -> Outcome:
    """`size` determinations; `say` takes a line of progress."""
    begun = perf_counter()
    city = founded(size, seed, say)
    drawn = plan.drawn(city, size)
    say(f"{len(city.parties)} organisations, {len(city.versions)} programmes, {size} cases")
    close, troubles = _through(city, drawn)
    troubles += _checked(city)
    made = statement.made(city.books, close)
    say(f"{size} determinations from budget to close in {perf_counter() - begun:.0f} s")
    return Outcome(city, close, made, troubles + made.differences)


def _through(city: City, drawn: plan.Plan) -> tuple[YearClose, list[str]]:
    with city.on(12, 1):
        city.say("1 December: budgets")
        money = budgets.set_up(city, drawn)
        city.say("determinations")
        given = deciding.decide(city, drawn, money)
        given += deciding.share_out(city, drawn, money)
    with city.on(12, 15):
        city.say("15 December: publicity is over")
        _committed, public = committing.commit(city, given)
        paying.pay(city)
    with city.on(12, 22):
        city.say("22 December: recoveries")
        still_open = recovering.recover(city)
    with city.on(1, 5, later=1):
        city.say("5 January: the close")
        close = closing.close(city)
        let_through = closing.not_refused(city, close, public)
        half = len(public) // 2
        deciding.release(city, public[:half], "异议成立")
        committing.commit_some(city, public[half:])
        paying.pay(city)
        recovering.come_back(city, still_open)
    return close, let_through


def _checked(city: City) -> list[str]:
    """The chains sealed and verified, and the nightly check."""
    with city.on(1, 6, later=1):
        begun = perf_counter()
        sealed = sealing.seal_all()
        faults = [f"{one.chain} #{one.number}: {one.what}" for one in sealing.verify_all()]
        city.say(f"{sealed} rows sealed and verified in {perf_counter() - begun:.0f} s")
        wrong = [f"reconciliation: {one}" for one in differences(city_code=city.place.pk)]
        found = watch.check_balances()
        city.say(f"nightly check: {found} differences")
    return faults + wrong + ([f"the nightly check found {found}"] if found else [])
