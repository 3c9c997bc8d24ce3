"""What each of many asks would get, granted one by one in their order: only arithmetic, in fen.

It decides as `huiqi_reserve` does (a property test holds the two together). Limits have numbers.
Nearly every one is a room that shrinks; where more is to be known (a count, several limits under
one key, an excess that was signed, a share of several payers) its room reads `LOOK`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

LOOK = -1
ENDLESS = 1 << 62
NOTHING = 0  # the number of no limit: fills up where an ask has fewer than others


@dataclass(slots=True)
class Balance:
    """What is used of a key, and the limit that stands there, as in its counter."""

    used: int
    stood: int


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit under a key; amounts in fen, also where awards or rows are counted (1 is 100)."""

    key: str
    kind: str
    unit: str
    limit: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Budgets and pools that asks of one version pass beyond their own limits, least hot first."""

    limits: tuple[int, ...] = ()
    shares: tuple[Fraction, ...] = ()  # of several payers, the city's at `city`
    city: int = 0


@dataclass(slots=True)
class Books:
    """Rooms by number, and what stands behind those that read LOOK.

    `limits` are those, and every one that a case with an excess passes.
    """

    rooms: list[int]
    limits: dict[int, Limit] = field(default_factory=dict)
    balances: dict[str, Balance] = field(default_factory=dict)
    standing: dict[int, Standing] = field(default_factory=dict)
    excess: dict[int, dict[str, int]] = field(default_factory=dict)  # by case, then key

    def grant(
        self,
        cases: Sequence[int],
        versions: Sequence[int],
        asked: Sequence[int],
        own: Iterable[tuple[int, ...]],
    ) -> tuple[list[int], list[int]]:
        """For each in turn what it gets, and the number of the limit that leaves least (or 0).

        A budget or pool with room for all that these ask of it limits none of them: it is left out
        and reckoned with at the end. So the fewer ask at once, the fewer limits each has to pass.
        """
        tight = self._tight(_sums(versions, asked))
        passed = {
            version: tuple(number for number in one.limits if number in tight)
            for version, one in self.standing.items()
        }
        granted, limited = self._one_by_one(cases, versions, asked, own, passed)
        for version, fen in _sums(versions, granted).items():
            for number in self.standing[version].limits:
                if number not in tight:
                    self.rooms[number] -= fen
        return granted, limited

    def _tight(self, asked: Mapping[int, int]) -> set[int]:
        demand: Counter[int] = Counter()
        for version, fen in asked.items():
            demand.update(dict.fromkeys(self.standing[version].limits, fen))
        split = {number for one in self.standing.values() if one.shares for number in one.limits}
        return split | {number for number, fen in demand.items() if fen > self.rooms[number]}

    def _one_by_one(
        self,
        cases: Sequence[int],
        versions: Sequence[int],
        asked: Sequence[int],
        own: Iterable[tuple[int, ...]],
        passed: Mapping[int, tuple[int, ...]],
    ) -> tuple[list[int], list[int]]:
        rooms, granted, limited = self.rooms, list(asked), [NOTHING] * len(asked)
        odd = {version for version, one in self.standing.items() if one.shares}
        look = bool(odd or self.excess)
        for place, (version, fen, mine) in enumerate(zip(versions, asked, own, strict=True)):
            shared = passed[version]
            numbers = mine + shared if shared else mine
            least, by = fen, NOTHING
            for number in numbers:
                room = rooms[number]
                if room < least:
                    least, by = room, number
            if least < 0 or (look and (version in odd or cases[place] in self.excess)):
                least, by = self._looked_at(cases[place], version, fen, mine, shared)
            elif least:
                for number in numbers:
                    rooms[number] -= least
            if by:
                granted[place], limited[place] = least, by
        return granted, limited

    def _looked_at(
        self, case: int, version: int, fen: int, mine: Sequence[int], shared: Sequence[int]
    ) -> tuple[int, int]:
        standing, extra = self.standing[version], self.excess.get(case, {})
        passing = Counter(number for number in mine if number)
        passing.update(shared)
        least, by = fen, NOTHING
        for number, times in passing.items():
            room = self._room(number, times, fen, extra)
            if standing.shares and number in shared:
                room = int(room / standing.shares[standing.city])
            if room < least:
                least, by = room, number
        if least > 0:
            part = largest_remainders(least, standing.shares)[standing.city]
            for number, times in passing.items():
                self._take(number, part if number in shared else least, times, least)
        return least, by

    def _room(self, number: int, times: int, fen: int, extra: Mapping[str, int]) -> int:
        more = extra.get(self.limits[number].key, 0) if extra else 0
        if self.rooms[number] != LOOK:
            return self.rooms[number] + more
        limit = self.limits[number]
        balance = self.balances[limit.key]
        if limit.kind == "tally":
            return fen
        room = max(_height(limit, balance) - balance.used, 0) + more
        return room if limit.unit == "yuan" else fen if room >= _count(limit, times) else 0

    def _take(self, number: int, taken: int, times: int, granted: int) -> None:
        if self.rooms[number] != LOOK:
            self.rooms[number] = max(self.rooms[number] - taken, 0)
            return
        limit = self.limits[number]
        balance = self.balances[limit.key]
        balance.stood = _height(limit, balance)
        balance.used += granted if limit.unit == "yuan" else _count(limit, times)
        if limit.kind == "tally":
            balance.stood = max(balance.stood, balance.used)


def _sums(versions: Sequence[int], fen: Sequence[int]) -> dict[int, int]:
    table = pl.DataFrame({"version": versions, "fen": fen})
    return dict(table.group_by("version").agg(pl.col("fen").sum()).iter_rows())


def _height(limit: Limit, balance: Balance) -> int:
    """An event's limit rises with the entitlement of those granted; any other is as it is told."""
    rises = limit.kind == "tally" or (limit.kind == "event" and limit.unit == "yuan")
    return max(balance.stood, limit.limit) if rises else limit.limit


def _count(limit: Limit, times: int) -> int:
    return 100 * (times if limit.unit == "rows" else 1)


def largest_remainders(fen: int, shares: Sequence[Fraction]) -> list[int]:
    """As huiqi_split: to the fen, what is left to the largest remainders, the earlier first."""
    if not shares:
        return [fen]
    exact = [fen * share for share in shares]
    parts = [int(part) for part in exact]
    left = fen - sum(parts)
    order = sorted(range(len(shares)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[:left]:
        parts[place] += 1
    return parts
