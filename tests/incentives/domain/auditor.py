"""An independent auditor of the money verbs: plain Python in whole fen, by the rules on paper.

It imports nothing of Huiqi and keeps no balances: what a cap, a pool or a budget has used is added
up from what each award holds of it, every time that it is asked.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor


class Disallowed(Exception):
    """The verb has to refuse this."""


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def split(fen: int, shares: dict[str, Fraction]) -> dict[str, int]:
    """By largest remainder; among equals the earlier payer has it."""
    exact = {payer: fen * share for payer, share in shares.items()}
    parts = {payer: floor(value) for payer, value in exact.items()}
    by_remainder = sorted(exact, key=lambda payer: parts[payer] - exact[payer])
    for payer in by_remainder[: fen - sum(parts.values())]:
        parts[payer] += 1
    return parts


@dataclass(frozen=True)
class Wish:
    """One limit to pass: in fen, or a number of awards or rows of which it takes `times`."""

    key: str
    kind: str
    unit: str
    limit: int
    times: int = 1


@dataclass
class Ask:
    case: str
    programme: str
    year: int
    assessed: int
    shares: dict[str, Fraction]  # by payer; one payer bears the whole
    wishes: list[Wish]
    excess: dict[str, int] = field(default_factory=dict)


@dataclass
class Award:
    ask: Ask
    amount: int
    granted: int
    parts: dict[str, int]  # by payer
    state: str = "reserved"
    budget: str | None = None
    taken: dict[str, int] = field(default_factory=dict)  # of what counts in yuan, when it was last
    held: dict[str, int] = field(default_factory=dict)  # decided; and of everything, by now
    paid: int = 0
    out: Counter[str] = field(default_factory=Counter)  # by payer: paid and not had back
    given_up: Counter[str] = field(default_factory=Counter)  # by payer: written off
    demanded: int = 0
    recovered: int = 0
    recovered_by_city: int = 0

    @property
    def city_took(self) -> int:
        """At its approval, whatever has lapsed of it since."""
        return split(self.granted, self.ask.shares).get("city", 0)

    @property
    def of_city(self) -> int:
        return max(self.parts["city"] - self.recovered_by_city, 0)

    def back(self, fen: int) -> dict[str, int]:
        """Who has what comes back: by what each has paid and not had back, else by the shares."""
        owed = {payer: Fraction(max(self.out[payer], 0)) for payer in self.ask.shares}
        whole = sum(owed.values())
        if not whole:
            return split(fen, self.ask.shares)
        return split(fen, {payer: one / whole for payer, one in owed.items()})

    def entitled(self, key: str) -> int:
        """To what was assessed; once something came back, to no more than what it still has."""
        has = self.held.get(key, 0)
        return self.ask.assessed if has == self.granted else min(self.ask.assessed, has)

    def take(self, key: str, fen: int) -> None:
        self.taken[key] = self.held[key] = fen


@dataclass
class Receipt:
    """What came in once, and what it changed, in fen."""

    fen: int
    parts: dict[str, int]  # by payer
    room: dict[str, int]  # by limit
    undone: dict[str, int]  # of what was written off, by payer
    budget: str | None  # of its entries in the ledger


@dataclass
class Limit:
    """A pool or an open budget of a year; the budget of one programme comes before the fund's."""

    year: int
    programmes: set[str]
    fen: int
    is_budget: bool
    of_one: bool = False


@dataclass
class Auditor:
    awards: list[Award] = field(default_factory=list)
    limits: dict[str, Limit] = field(default_factory=dict)
    ledger: Counter[tuple[str, str, int, int, str | None]] = field(default_factory=Counter)
    closed: set[int] = field(default_factory=set)

    def used(self, key: str) -> int:
        return sum(award.held.get(key, 0) for award in self.awards)

    def balances(self) -> dict[str, int]:
        keys = {key for award in self.awards for key in award.held}
        return {key: self.used(key) for key in keys if self.used(key)}

    # Awards

    def reserve(self, ask: Ask) -> tuple[int, dict[str, int]]:
        """What is granted, and the room of every limit that leaves less than was assessed."""
        rooms = {wish.key: self._room(wish, ask) for wish in ask.wishes}
        city = ask.shares.get("city", Fraction(0))
        shared = self._limits_of(ask) if city else {}
        for key, limit in shared.items():
            rooms[key] = floor(max(limit.fen - self.used(key), 0) / city)
        amount = min([ask.assessed, *rooms.values()])
        if amount > 0:
            self._write(ask, amount, shared)
        return amount, {key: room for key, room in rooms.items() if room < ask.assessed}

    def reserve_many(self, asks: list[Ask]) -> list[tuple[int, dict[str, int]]]:
        trial = deepcopy(self)
        results = [trial.reserve(ask) for ask in asks]  # all of them or none
        self.__dict__ = trial.__dict__
        return results

    def _room(self, wish: Wish, ask: Ask) -> int:
        used = self.used(wish.key)
        if wish.kind == "tally":
            return ask.assessed
        if wish.unit != "yuan":
            return ask.assessed if used + wish.times <= wish.limit else 0
        limit = wish.limit
        if wish.kind == "event":  # the highest that any award of the event is entitled to
            limit = max([limit, *(award.entitled(wish.key) for award in self.awards)])
        return max(limit - used, 0) + ask.excess.get(wish.key, 0)

    def _limits_of(self, ask: Ask) -> dict[str, Limit]:
        return {
            key: limit for key, limit in self.limits.items() if limit.year == ask.year
            and ask.programme in limit.programmes
        }  # fmt: skip

    def _write(self, ask: Ask, amount: int, shared: dict[str, Limit]) -> None:
        award = Award(ask, amount, granted=amount, parts=split(amount, ask.shares))
        budgets = sorted((not limit.of_one, k) for k, limit in shared.items() if limit.is_budget)
        award.budget = budgets[0][1] if budgets else None
        self.post(award, "reserved", award.parts, ask.year)
        for wish in ask.wishes:
            if wish.unit == "yuan":
                award.take(wish.key, amount)
            else:
                award.held[wish.key] = wish.times
        for key in shared:
            award.take(key, award.parts["city"])
        self.awards.append(award)

    def commit(self, award: Award, year: int) -> None:
        self._step(award, "committed", year)

    def release(self, award: Award, year: int) -> None:
        self._step(award, "released", year)
        award.held = {key: fen if self._closed(key) else 0 for key, fen in award.held.items()}

    def _step(self, award: Award, state: str, year: int) -> None:
        if award.state != "reserved":
            raise Disallowed(state)
        self.post(award, state, award.parts, year)
        award.state = state

    def redeem(self, award: Award, fen: int, year: int) -> None:
        """Commit the part of a voucher that was used; the rest is given back, as if never taken."""
        if award.state != "reserved" or not 0 < fen <= award.amount:
            raise Disallowed("redeem")
        rest, keeps = award.amount - fen, split(fen, award.ask.shares)
        back = {payer: had - keeps[payer] for payer, had in award.parts.items()}
        self.post(award, "released", back, year)
        for key, taken in award.taken.items():
            part = (
                back["city"]
                if key in self.limits
                else half_up(Fraction(rest * taken, award.amount))
            )
            if not self._closed(key):
                award.take(key, taken - part)
        award.amount, award.parts = fen, keeps
        self.post(award, "committed", award.parts, year)
        award.state = "committed"

    def lapse(self, award: Award, whole: dict[str, int], due: int, year: int) -> dict[str, int]:
        """Of a part, `whole` by payer, `due` falls due, split by what each has; the rest lapses.

        Gives room again, payer by payer, under everything but the budget of a closed year.
        """
        weights = {payer: Fraction(one, sum(whole.values())) for payer, one in whole.items()}
        kept = split(due, weights)
        for payer, fen in whole.items():
            if rest := fen - kept[payer]:
                self._lapse(award, payer, rest, year)
        return kept

    def _lapse(self, award: Award, payer: str, rest: int, year: int) -> None:
        self.post(award, "released", {payer: rest}, year)
        is_all = rest == award.amount
        for key in award.held:
            if self._closed(key):
                continue
            if key not in award.taken:  # a count
                award.held[key] = 0 if is_all else award.held[key]
                continue
            has = award.amount - award.recovered
            if key in self.limits:
                if payer != "city":
                    continue
                has = award.parts["city"] - award.recovered_by_city
            award.held[key] -= half_up(Fraction(award.held[key] * rest, max(has, rest)))
        if is_all:
            award.state = "released"
        else:
            award.amount -= rest
            award.parts[payer] -= rest

    # Payments and what comes back

    def pay(self, award: Award, fen: int, payer: str, year: int) -> None:
        self.post(award, "paid", {payer: fen}, year)
        award.paid += fen
        award.out[payer] += fen

    def send_back(self, award: Award, fen: int, payer: str, year: int) -> None:
        self.post(award, "returned", {payer: fen}, year)
        award.paid -= fen
        award.out[payer] -= fen

    def demand(self, award: Award, fen: int) -> None:
        if not 0 < fen <= award.paid - award.demanded:
            raise Disallowed("demand")
        award.demanded += fen

    def recover(self, award: Award, fen: int, year: int, undone: dict[str, int]) -> Receipt:
        """Gives room again under everything but the budget of a closed year."""
        parts, before_all = award.back(fen), dict(award.held)
        self.post(award, "recovered", parts, year)
        for key in award.taken:
            if not self._closed(key):
                more, before, whole = fen, award.recovered, award.amount
                if key in self.limits:  # a pool or a budget counts the city's money alone
                    more, before = parts.get("city", 0), award.recovered_by_city
                    whole = award.parts["city"]
                if more:  # of what is still held; the last takes the rest
                    left = max(whole - before, more)
                    award.held[key] -= half_up(Fraction(award.held[key] * more, left))
        award.recovered += fen
        award.recovered_by_city += parts.get("city", 0)
        award.out.subtract(parts)
        room = {key: fen - award.held[key] for key, fen in before_all.items()}
        return Receipt(fen, parts, room, undone, award.budget)

    def reverse(self, award: Award, receipt: Receipt, year: int) -> None:
        """The money never came: the award holds it again, and no budget is overspent for it."""
        city = receipt.parts.get("city", 0)
        again = {
            key: receipt.room.get(key, city)  # what was opened since has counted it all the same
            for key in award.taken if not self._closed(key)
        }  # fmt: skip
        of_city = award.parts.get("city", 0) - award.recovered_by_city + city
        of_all = award.amount - award.recovered + receipt.fen
        for key, fen in again.items():  # what was withdrawn since is not held again
            stands = of_city if key in self.limits else of_all
            has = 0 if award.state == "released" else max(stands, 0)
            again[key] = min(fen, has - award.held[key]) if fen else 0
            limit = self.limits.get(key)
            if again[key] and limit and limit.is_budget and self.used(key) + again[key] > limit.fen:
                raise Disallowed(key)
        came = {payer: -one for payer, one in receipt.parts.items()}
        self.post(award, "recovered", came, year, receipt.budget)
        self.post(award, "written_off", receipt.undone, year, receipt.budget)
        for key, fen in again.items():
            award.held[key] += fen
        award.recovered -= receipt.fen
        award.recovered_by_city -= city
        award.out.update(receipt.parts)
        award.out.subtract(receipt.undone)
        award.given_up.update(receipt.undone)

    def write_off(self, award: Award, fen: int, year: int) -> None:
        parts = award.back(fen)
        self.post(award, "written_off", parts, year)
        award.out.subtract(parts)
        award.given_up.update(parts)

    def take_back_write_off(self, award: Award, fen: int, year: int) -> dict[str, int]:
        """Money comes after all: to each payer as of what it had given up."""
        whole = sum(award.given_up.values())
        parts = split(fen, {payer: Fraction(one, whole) for payer, one in award.given_up.items()})
        self.post(award, "written_off", {payer: -one for payer, one in parts.items()}, year)
        award.out.update(parts)
        award.given_up.subtract(parts)
        return parts

    def _closed(self, key: str) -> bool:
        """The budget of a closed year, into which nothing goes back."""
        limit = self.limits.get(key)
        return limit is not None and limit.is_budget and limit.year in self.closed

    # Pools and budgets

    def set_pool(self, key: str, pool: Limit) -> None:
        if pool.fen < (self.used(key) if key in self.limits else self._approved(pool)):
            raise Disallowed("pool")
        if key not in self.limits:
            self._count(key, pool)
        self.limits[key] = pool

    def change_budget(self, moves: dict[str, int], budgets: dict[str, Limit]) -> None:
        """Put fen into budgets, or take them out; one is open from its first change."""
        for key, fen in moves.items():
            budget = budgets[key]
            used = self.used(key) if key in self.limits else self._approved(budget)
            if (fen > 0 and budget.year in self.closed) or budget.fen + fen < used:
                raise Disallowed(key)
        for key, fen in moves.items():
            budget = budgets[key]
            if key not in self.limits:
                self._count(key, budget)
            budget.fen += fen
            self.limits[key] = budget

    def apart(self, one: Limit, other: Limit) -> bool:
        """Whether exactly one is set aside within the open budget of its fund and year."""
        return self._within(one) != self._within(other)

    def _within(self, budget: Limit) -> int:
        wholes = [one.year for one in self.limits.values() if one.is_budget and not one.of_one]
        return budget.year if budget.of_one and budget.year in wholes else 0

    def _approved_under(self, limit: Limit) -> list[Award]:
        return [
            award for award in self.awards if award.state != "released" and award.city_took
            and award.ask.year == limit.year and award.ask.programme in limit.programmes
        ]  # fmt: skip

    def _approved(self, limit: Limit) -> int:
        return sum(award.of_city for award in self._approved_under(limit))

    def _count(self, key: str, limit: Limit) -> None:
        """What its year had approved before, and has not had back."""
        for award in self._approved_under(limit):
            award.take(key, award.of_city)
            if limit.is_budget and (award.budget is None or limit.of_one):
                award.budget = key

    def post(
        self, award: Award, stage: str, parts: dict[str, int], year: int, budget: str | None = ""
    ) -> None:
        """Of the award's budget, if of none other."""
        if year in self.closed and any(parts.values()):
            raise Disallowed(f"{year} is closed")
        for payer, fen in parts.items():
            if fen:
                of = award.budget if budget == "" else budget
                self.ledger[stage, payer, year, award.ask.year, of] += fen
