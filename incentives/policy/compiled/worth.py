"""An amount on its way through the lowering: its two ends, and what lacks to know them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .building import times
from .form import NOUGHT, Number, Truth
from .ground import NOTHING_LACKS, Lack


@dataclass(frozen=True)
class Worth:
    """An interval; `low` and `high` are read only where nothing lacks."""

    low: Number
    high: Number
    lack: Lack = NOTHING_LACKS

    def each(self, change: Callable[[Number], Number]) -> "Worth":
        return Worth(change(self.low), change(self.high), self.lack)

    def only_if(self, truth: Truth) -> "Worth":
        """The same, wanted only where `truth` holds."""
        return Worth(self.low, self.high, self.lack.only_if(truth))

    def lacking(self, *lacks: Lack) -> "Worth":
        return Worth(self.low, self.high, self.lack.among(*lacks))


def point(number: Number, *lacks: Lack) -> Worth:
    return Worth(number, number, NOTHING_LACKS.among(*lacks))


NOTHING = point(NOUGHT)


def unknown(*lacks: Lack) -> Worth:
    return point(NOUGHT, *lacks)


def of_ends(parts: list[Worth], join: Callable[[Iterable[Number]], Number]) -> Worth:
    """The intervals joined end by end."""
    lack = NOTHING_LACKS.among(*(p.lack for p in parts))
    return Worth(join([p.low for p in parts]), join([p.high for p in parts]), lack)


def product(one: Worth, other: Worth) -> Worth:
    low, high = times(one.low, other.low), times(one.high, other.high)
    return Worth(low, high, one.lack.among(other.lack))
