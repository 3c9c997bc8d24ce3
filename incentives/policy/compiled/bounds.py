"""How large the facts may be for a programme's arithmetic to stay within 64 bits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import singledispatchmethod

from ..facts import LONGEST_ROSTER
from .form import (
    Const,
    Count,
    Greatest,
    Least,
    Lookup,
    Minus,
    Name,
    NotCompiled,
    Number,
    Pick,
    Plus,
    Quotient,
    Rounded,
    Shift,
    SumRows,
    Times,
    Var,
    YearOf,
    YearsSince,
)
from .parts import parts_in
from .typed import ten_to

LARGEST = 2**63 - 1
TYPE_LIMITS = {"money": 10**18, "integer": 10**15, "percent": LARGEST, "year": 9999}
"""Above every value of the type: fen, whole numbers, scaled fractions."""

USUAL = {"money": 10**15, "integer": 10**7, "percent": 10**7, "year": 9999}
"""What a fact may well be; where something must give, the limit furthest above its usual goes."""


@dataclass(frozen=True)
class Bounds:
    """The largest size each number can have while no fact exceeds its limit."""

    limits: Mapping[Name, int]

    @singledispatchmethod
    def of(self, number: Number) -> int:
        raise TypeError(f"no bound for {type(number).__name__}")

    @of.register
    def _(self, number: Const) -> int:
        return abs(number.value)

    @of.register
    def _(self, number: Var) -> int:
        return self.limits[number.name]

    @of.register
    def _(self, number: Shift) -> int:
        return max(1, self.of(number.of)) * ten_to(number.by)

    @of.register
    def _(self, number: Times) -> int:
        return self.of(number.one) * self.of(number.other)

    @of.register
    def _(self, number: Plus) -> int:
        return sum(map(self.of, number.parts))

    @of.register(Least)
    @of.register(Greatest)
    def _(self, number: Least | Greatest) -> int:
        return max(map(self.of, number.parts))

    @of.register
    def _(self, number: Minus) -> int:
        return self.of(number.one) + self.of(number.other)

    @of.register
    def _(self, number: Pick) -> int:
        return max(self.of(number.otherwise), *(self.of(found) for _, found in number.cases))

    @of.register
    def _(self, number: Lookup) -> int:
        return max(abs(found) for _, found in number.table)

    @of.register
    def _(self, number: Count) -> int:
        return LONGEST_ROSTER

    @of.register
    def _(self, number: SumRows) -> int:
        return self.of(number.each) * LONGEST_ROSTER

    @of.register(YearOf)
    @of.register(YearsSince)
    def _(self, number: YearOf | YearsSince) -> int:
        return 9999

    @of.register
    def _(self, number: Quotient) -> int:
        return self.of(number.one) * ten_to(number.places) * 2 + self.of(number.other) * 2

    @of.register
    def _(self, number: Rounded) -> int:
        return self.of(number.of) + ten_to(number.of.places - number.places)


def safe_limits(parts: Iterable[object], kinds: Mapping[Name, str]) -> dict[Name, int]:
    """The largest limits on facts and derived values under which no part can overflow.

    Where none is needed none is given. Raises NotCompiled where even facts of 0 would not help.
    """
    numbers = [n for part in parts for n in parts_in(part) if isinstance(n, Number)]
    widest = {name: widest_of(name, kind) for name, kind in kinds.items() if kind in USUAL}
    limits = dict(widest)
    for number in dict.fromkeys(numbers):
        while Bounds(limits).of(number) > LARGEST:
            tighten(number, limits, kinds)
    return {name: limit for name, limit in limits.items() if limit < widest[name]}


def widest_of(name: Name, kind: str) -> int:
    return LARGEST if name.derived else TYPE_LIMITS[kind]


def tighten(number: Number, limits: dict[Name, int], kinds: Mapping[Name, str]) -> None:
    """A tenth of the limit that is furthest above what is usual."""
    inside = {n.name for n in parts_in(number) if isinstance(n, Var) and limits[n.name] > 0}
    if not inside:
        raise NotCompiled("numbers too long for 64 bits")
    widest = max(sorted(inside, key=str), key=lambda name: limits[name] / USUAL[kinds[name]])
    limits[widest] //= 10
