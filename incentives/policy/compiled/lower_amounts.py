"""Amount nodes to a pair of numbers, low and high, with what is lacking to know them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from ..bands import Edges, RateBand
from ..nodes import (
    Between,
    BetweenMoney,
    BetweenRates,
    By,
    ByBand,
    ByRateBand,
    ByRates,
    ByTable,
    FactNode,
    Fixed,
    GreatestOf,
    LeastOf,
    Less,
    Match,
    Node,
    NodeBase,
    PerHead,
    RateOf,
    SumOf,
    SumOver,
    Tiers,
    UpTo,
)
from ..questions import RosterFact
from ..text import Model
from . import building
from .building import compare, const, every, least, minus, pick, plus, some_row, sum_rows, times
from .form import NOUGHT, YES, Const, Count, Lookup, NotCompiled, Number, Truth
from .ground import NOTHING_LACKS, Ground, Lack, unset_if
from .lower_conditions import judged


@dataclass(frozen=True)
class Worth:
    """An interval; `low` and `high` are read only where nothing lacks."""

    low: Number
    high: Number
    lack: Lack = NOTHING_LACKS

    @property
    def is_point(self) -> bool:
        return self.low == self.high

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
    return Worth(join(p.low for p in parts), join(p.high for p in parts), lack)


def product(one: Worth, other: Worth) -> Worth:
    low, high = times(one.low, other.low), times(one.high, other.high)
    return Worth(low, high, one.lack.among(other.lack))


def worth(node: Node, ground: Ground) -> Worth:
    """A node with its condition and bounds."""
    counts = judged(node.when, ground)
    amount = bounded(node, work(node, ground), ground)
    counted = amount.only_if(counts.yes).each(lambda n: pick([(counts.yes, n)], NOUGHT))
    return counted.lacking(counts.lack)


def bounded(node: NodeBase, amount: Worth, ground: Ground) -> Worth:
    """Raised to the floor first, then lowered to the ceiling; neither is asked for in vain."""
    known = amount.lack.none
    for bound, join in ((node.at_least, building.greatest), (node.at_most, least)):
        if bound is not None:
            amount = of_ends([amount, looked_up(bound, ground).only_if(known)], join)
    return amount


def setting(value: Any, ground: Ground) -> Worth:
    """A number written out or set."""
    found = ground.setting(value)
    return unknown(unset_if(found)) if found is None else point(const(found))


def looked_up(value: Any, ground: Ground) -> Worth:
    """A number written out, set, or found in a table by an option."""
    if not isinstance(value, ByTable | ByRates):
        return setting(value, ground)
    table = ground.setting(value.table)
    lack = ground.lacks(value.by).among(unset_if(table))
    return unknown(lack) if table is None else in_table(value.by, table, ground).lacking(lack)


def in_table(key: str, table: dict[str, Any], ground: Ground) -> Worth:
    found = {option: ground.setting(written) for option, written in table.items()}
    numbers = {option: const(number) for option, number in found.items() if number is not None}
    unset = frozenset(typed_option(key, o, ground) for o in found if o not in numbers)
    lack = Lack(unset=every([ground.given(key), building.among(ground.name(key), unset)]))
    return point(of_table(key, numbers, ground), lack)


def typed_option(key: str, option: str, ground: Ground) -> str | bool:
    return option == "true" if ground.scope[key].type == "boolean" else option


def of_table(key: str, numbers: dict[str, Const], ground: Ground) -> Number:
    if len(set(numbers.values())) < 2:
        return next(iter(numbers.values()), NOUGHT)
    places = max(n.places for n in numbers.values())
    table = tuple(
        (typed_option(key, option, ground), number.value * 10 ** (places - number.places))
        for option, number in numbers.items()
    )
    return Lookup(ground.name(key), table, places)


def in_bands(
    key: str, bands: Iterable[Edges] | None, worth_of: Callable[[Any], Any], ground: Ground
) -> Worth:
    """The number of the band that holds a fact's value; 0 below the first."""
    lack = ground.lacks(key).among(unset_if(bands))
    if bands is None:
        return unknown(lack)
    found = [(within(key, band, ground), setting(worth_of(band), ground)) for band in bands]
    lacks = [w.lack.only_if(every([ground.given(key), truth])) for truth, w in found]
    return point(pick(((t, w.low) for t, w in found), NOUGHT), lack, *lacks)


def within(key: str, band: Edges, ground: Ground) -> Truth:
    seen = ground.number(key)
    above = compare(seen, ">=", const(band.from_)) if band.from_ else YES
    below = YES if band.to is None else compare(seen, "<", const(band.to))
    return every([above, below])


def chosen(low: Worth, high: Worth) -> Worth:
    """What is left to choose: nothing where the lower bound reaches the upper."""
    return Worth(least([low.low, high.high]), high.high, low.lack.among(high.lack))


def fact(key: str, ground: Ground) -> Worth:
    return point(ground.number(key), ground.lacks(key))


@singledispatch
def work(node: Any, ground: Ground) -> Worth:
    raise NotCompiled(f"{type(node).__name__} has no compiled form")


@work.register
def _(node: FactNode, ground: Ground) -> Worth:
    return fact(node.fact, ground)


@work.register
def _(node: Fixed, ground: Ground) -> Worth:
    return setting(node.fixed, ground)


@work.register
def _(node: By, ground: Ground) -> Worth:
    return looked_up(ByTable.model_construct(by=node.by, table=node.table), ground)


@work.register
def _(node: ByBand, ground: Ground) -> Worth:
    return in_bands(node.by_band, ground.setting(node.bands), lambda band: band.amount, ground)


@work.register
def _(node: RateOf, ground: Ground) -> Worth:
    return product(worth(node.rate_of, ground), rate(node.rate, ground))


def rate(written: Any, ground: Ground) -> Worth:
    if isinstance(written, BetweenRates):
        return chosen(*(setting(end, ground) for end in written.between))
    if isinstance(written, ByRateBand):
        bands = ground.setting(written.bands)
        return in_bands(written.by_band, bands, lambda band: band.rate, ground)
    return looked_up(written, ground)


@work.register
def _(node: Match, ground: Ground) -> Worth:
    return product(fact(node.match, ground), setting(node.ratio, ground))


@work.register
def _(node: PerHead, ground: Ground) -> Worth:
    return product(heads(node.per_head, ground), each_of(node.each, ground))


def heads(key: str, ground: Ground) -> Worth:
    if isinstance(ground.scope[key], RosterFact):
        return point(Count(ground.name(key)), ground.lacks(key))
    return fact(key, ground)


def each_of(written: Model | Any, ground: Ground) -> Worth:
    if isinstance(written, BetweenMoney):
        return chosen(*(setting(end, ground) for end in written.between))
    return looked_up(written, ground)


@work.register
def _(node: SumOver, ground: Ground) -> Worth:
    roster, each = ground.name(node.sum_over), worth(node.each, ground.row(node.sum_over))
    of_rows = Lack(some_row(roster, each.lack.missing), some_row(roster, each.lack.unset))
    lack = ground.lacks(node.sum_over).among(of_rows.only_if(ground.given(node.sum_over)))
    return Worth(sum_rows(roster, each.low), sum_rows(roster, each.high), lack)


@work.register
def _(node: UpTo, ground: Ground) -> Worth:
    return chosen(NOTHING, looked_up(node.up_to, ground))


@work.register
def _(node: Between, ground: Ground) -> Worth:
    return chosen(*(setting(end, ground) for end in node.between))


@work.register
def _(node: Tiers, ground: Ground) -> Worth:
    base, bands = worth(node.bands.of, ground), ground.setting(node.bands.marginal)
    if bands is None:
        return base.lacking(unset_if(bands))
    known = base.lack.none
    rates = [setting(band.rate, ground).only_if(known) for band in bands]
    slices = [product(slice_of(base, band), r) for band, r in zip(bands, rates, strict=True)]
    return of_ends(slices, plus)


def slice_of(base: Worth, band: RateBand) -> Worth:
    """The part of the base that lies in one band."""
    upper = base if band.to is None else base.each(lambda n: least([n, const(band.to or 0)]))
    return upper.each(lambda n: minus(n, const(band.from_)))


def parts_of(nodes: Iterable[Node], ground: Ground) -> list[Worth]:
    return [worth(node, ground) for node in nodes]


@work.register
def _(node: SumOf, ground: Ground) -> Worth:
    return of_ends(parts_of(node.sum_of, ground), plus)


@work.register
def _(node: LeastOf, ground: Ground) -> Worth:
    return of_ends(parts_of(node.least_of, ground), least)


@work.register
def _(node: GreatestOf, ground: Ground) -> Worth:
    return of_ends(parts_of(node.greatest_of, ground), building.greatest)


@work.register
def _(node: Less, ground: Ground) -> Worth:
    first, second = parts_of(node.less, ground)
    lack = first.lack.among(second.lack)
    return Worth(minus(first.low, second.high), minus(first.high, second.low), lack)
