"""The counters of caps, events, pools and budgets in memory, for sequences that touch no data.

They grant, cut, give back and redeem to the fen as the money functions of the database do; a
property test holds the two together. One thread, so nothing is locked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

ZERO = Decimal(0)
SHOWN = 50  # of those who used a pool, the latest are named and all are counted


class Request(Protocol):
    """One row to pass: its key, kind and unit, its limit, and how many rows of a roster it takes.

    `kind` is cap, event or tally (counted only), `unit` yuan, awards or rows.
    """

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def heat(self) -> int: ...
    @property
    def limit(self) -> Decimal: ...
    @property
    def times(self) -> int: ...


@dataclass(slots=True)
class Hold:
    """What one award holds of a counter, and what it was entitled to."""

    amount: Decimal
    entitled: Decimal


@dataclass(slots=True)
class Counter:
    kind: str
    unit: str
    limit: Decimal
    used: Decimal = ZERO
    held: dict[str, Hold] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fund:
    """A yearly ceiling over several programmes (none named: over all), of the city's money."""

    code: str
    kind: Literal["pool", "budget"]
    year: int
    programmes: frozenset[str]

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}:{self.year}"

    def covers(self, programme: str, year: int, payer: str) -> bool:
        named = not self.programmes or programme in self.programmes
        return named and year == self.year and payer == "city"


@dataclass(frozen=True, slots=True)
class BookCut:
    """A ceiling that left less than was assessed, and the awards that had used it before."""

    key: str
    kind: str
    unit: str
    limit: Decimal
    used: Decimal
    room: Decimal
    by: tuple[str, ...]
    by_count: int


@dataclass(frozen=True, slots=True)
class Taken:
    """`amount` is what the ceilings leave (yuan); 0 means that nothing was written down."""

    amount: Decimal
    cuts: tuple[BookCut, ...]


@dataclass(slots=True)
class Holding:
    """An award: its sum, and the counters that it was taken from, in the order of the locks."""

    programme: str
    year: int
    payer: str
    assessed: Decimal
    amount: Decimal
    keys: tuple[str, ...]
    state: Literal["reserved", "committed", "released"] = "reserved"


@dataclass(frozen=True, slots=True)
class Passing:
    """One counter on the way of an award: what it lets through, and its limit from then on."""

    key: str
    kind: str
    unit: str
    times: int
    limit: Decimal
    room: Decimal
    counter: Counter


class NotReserved(ValueError):
    """The award is not, or no longer, reserved; or not for so much."""


class FundTooSmall(ValueError):
    """More has been awarded under a fund already than its new limit."""

    def __init__(self, used: Decimal) -> None:
        super().__init__(f"{used} yuan have been awarded under it already")
        self.used = used


class Books:
    """The counters and awards of one city. Every award has a `ref` of its own."""

    def __init__(self) -> None:
        self.counters: dict[str, Counter] = {}
        self.awards: dict[str, Holding] = {}
        self.funds: dict[str, Fund] = {}

    def used(self, key: str) -> Decimal:
        counter = self.counters.get(key)
        return ZERO if counter is None else counter.used

    def reserve(
        self,
        ref: str,
        *,
        programme: str,
        year: int,
        assessed: Decimal,
        requests: Sequence[Request],
        payer: str = "city",
    ) -> Taken:
        """Take what every ceiling leaves of the assessed yuan. A ref that lives is refused."""
        if ref in self.awards and self.awards[ref].state != "released":
            raise NotReserved(f"{ref} has an award already")
        asked = sorted(requests, key=lambda one: (one.heat, one.key))
        ways = [self._way(request, assessed) for request in asked]
        ways += [self._fund_way(f) for f in self._funds(programme, year, payer)]
        amount = max(min([assessed, *(way.room for way in ways)]), ZERO)
        taken = Taken(amount, tuple(cut(way) for way in ways if way.room < assessed))
        if amount > 0:
            keys = tuple(way.key for way in ways)
            self.awards[ref] = Holding(programme, year, payer, assessed, amount, keys)
            for way in ways:
                take(way, ref, amount, assessed)
        return taken

    def release(self, ref: str) -> Decimal:
        """Give a reserved award back to every counter; returns its yuan."""
        award = self._reserved(ref)
        award.state = "released"
        for key in award.keys:
            counter = self.counters[key]
            counter.used -= counter.held.pop(ref).amount
            lower_event(counter)
        return award.amount

    def redeem(self, ref: str, amount: Decimal) -> Decimal:
        """Commit a part of a reserved award and give the rest back; returns the rest.

        It is entitled to no more than that part from then on.
        """
        rest = self.lower(ref, amount)
        award = self.awards[ref]
        award.state = "committed"
        for counter in (self.counters[key] for key in award.keys if rest):
            hold = counter.held[ref]
            hold.entitled = min(hold.entitled, hold.amount)
            lower_event(counter)
        return rest

    def lower(self, ref: str, amount: Decimal) -> Decimal:
        """Leave a part of a reserved award reserved and give the rest back; returns the rest."""
        award = self._reserved(ref)
        rest = award.amount - amount
        if amount <= 0 or rest < 0:
            raise NotReserved(f"{ref} is not reserved for {amount}")
        for counter in (self.counters[key] for key in award.keys):
            if counter.unit == "yuan":
                counter.used -= rest
                counter.held[ref].amount -= rest
        award.amount = amount
        return rest

    def set_fund(self, fund: Fund, limit: Decimal) -> Decimal:
        """Set a yearly limit; what was awarded under it before counts. Returns what is used."""
        counter = self.counters.get(fund.key) or self._counted(fund)
        if counter.used > limit:
            raise FundTooSmall(counter.used)
        counter.limit = limit
        if fund.key not in self.counters:
            self._tie(fund, counter)
        self.counters[fund.key], self.funds[fund.key] = counter, fund
        return counter.used

    def _tie(self, fund: Fund, counter: Counter) -> None:
        for ref in counter.held:
            self.awards[ref].keys += (fund.key,)

    def _counted(self, fund: Fund) -> Counter:
        counter = Counter(fund.kind, "yuan", ZERO)
        for ref, award in self.awards.items():
            living = award.state != "released"
            if living and fund.covers(award.programme, award.year, award.payer):
                counter.held[ref] = Hold(award.amount, award.assessed)
                counter.used += award.amount
        return counter

    def _reserved(self, ref: str) -> Holding:
        award = self.awards.get(ref)
        if award is None or award.state != "reserved":
            raise NotReserved(f"{ref} is not reserved")
        return award

    def _funds(self, programme: str, year: int, payer: str) -> Iterable[Fund]:
        found = (fund for fund in self.funds.values() if fund.covers(programme, year, payer))
        return sorted(found, key=lambda fund: fund.key)

    def _fund_way(self, fund: Fund) -> Passing:
        counter = self.counters[fund.key]
        room = max(counter.limit - counter.used, ZERO)
        return Passing(fund.key, fund.kind, "yuan", 1, counter.limit, room, counter)

    def _way(self, request: Request, assessed: Decimal) -> Passing:
        yuan_that_grow = request.kind in {"event", "tally"} and request.unit == "yuan"
        begins = ZERO if yuan_that_grow else request.limit  # what is denied raises nothing
        fresh = Counter(request.kind, request.unit, begins)
        counter = self.counters.setdefault(request.key, fresh)
        grows = request.kind == "tally" or (request.kind == "event" and request.unit == "yuan")
        limit = max(counter.limit, request.limit) if grows else request.limit
        return Passing(
            request.key,
            request.kind,
            request.unit,
            request.times,
            limit,
            room_of(request, max(limit - counter.used, ZERO), assessed),
            counter,
        )


def room_of(request: Request, room: Decimal, assessed: Decimal) -> Decimal:
    """What a counter lets through: yuan as far as they go, a count all or nothing."""
    if request.kind == "tally":
        return assessed
    if request.unit == "yuan":
        return room
    return assessed if room >= request.times else ZERO


def take(way: Passing, ref: str, amount: Decimal, assessed: Decimal) -> None:
    counted = way.unit != "yuan"
    taken = Decimal(way.times) if counted else amount
    counter = way.counter
    limit = max(way.limit, counter.used)
    counter.used += taken
    counter.kind = way.kind
    counter.limit = max(limit, counter.used) if way.kind == "tally" else limit
    counter.held[ref] = Hold(taken, taken if counted else assessed)


def lower_event(counter: Counter) -> None:
    """To the highest entitlement that still stands."""
    if counter.kind in {"event", "tally"} and counter.unit == "yuan":
        entitled = max((hold.entitled for hold in counter.held.values()), default=ZERO)
        counter.limit = max(entitled, counter.used)


def cut(way: Passing) -> BookCut:
    by = users(way.counter.held)
    return BookCut(
        way.key, way.kind, way.unit, way.limit, way.counter.used, way.room, by[-SHOWN:], len(by)
    )


def users(held: dict[str, Hold]) -> tuple[str, ...]:
    return tuple(ref for ref, hold in held.items() if hold.amount > 0)
