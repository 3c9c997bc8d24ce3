"""What an amount may still become: a point when nothing is left to choose."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .scalars import to_fen

ZERO = Decimal(0)


@dataclass(frozen=True)
class Interval:
    """Yuan (or a rate) from low to high, both included, never below 0."""

    low: Decimal
    high: Decimal

    @classmethod
    def point(cls, value: Decimal | int) -> "Interval":
        return cls(Decimal(value), Decimal(value))

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)

    def __mul__(self, other: "Interval") -> "Interval":
        return Interval(self.low * other.low, self.high * other.high)

    def less(self, other: "Interval") -> "Interval":
        """The difference, never below 0."""
        return Interval(max(self.low - other.high, ZERO), max(self.high - other.low, ZERO))

    def at_most(self, bound: Decimal) -> "Interval":
        return Interval(min(self.low, bound), min(self.high, bound))

    def at_least(self, bound: Decimal) -> "Interval":
        return Interval(max(self.low, bound), max(self.high, bound))

    def to_fen(self) -> "Interval":
        return Interval(to_fen(self.low), to_fen(self.high))


NOTHING = Interval.point(0)


def total(parts: Iterable[Interval]) -> Interval:
    return sum(parts, NOTHING)


def least(parts: Iterable[Interval]) -> Interval:
    found = list(parts)
    return Interval(min(p.low for p in found), min(p.high for p in found))


def greatest(parts: Iterable[Interval]) -> Interval:
    found = list(parts)
    return Interval(max(p.low for p in found), max(p.high for p in found))
