"""Amount nodes to a pair of numbers, low and high, with what lacks to know them."""

from collections.abc import Callable, Iterable
from functools import singledispatch
from typing import Any

from ..bands import RateBand
from ..nodes import (
    AlreadyGranted,
    Between,
    By,
    ByBand,
    ByTable,
    FactNode,
    Fixed,
    GreatestOf,
    IncreaseOf,
    LeastOf,
    Less,
    Listed,
    Match,
    Node,
    NodeBase,
    PerHead,
    RateOf,
    Settle,
    SumOf,
    SumOver,
    Tiers,
    UpTo,
)
from ..questions import RosterFact
from .building import compare, const, every, greatest, least, minus, negated, pick, plus, sum_rows
from .form import NOUGHT, Count, NotCompiled, Number, Truth
from .ground import NOTHING_LACKS, Ground
from .lower_conditions import Verdict, judged
from .lower_lookup import (
    at_least_nothing,
    chosen,
    each_of,
    fact,
    in_bands,
    looked_up,
    rate,
    setting,
)
from .worth import NOTHING, Worth, of_ends, point, product

Join = Callable[[Iterable[Number]], Number]


def worth(node: Node, ground: Ground) -> Worth:
    """A node with its condition and bounds."""
    return counted(bounded(node, work(node, ground), ground), judged(node.when, ground))


def counted(amount: Worth, counts: Verdict) -> Worth:
    """The amount where a condition holds; 0, and nothing asked for, where it does not."""
    taken = amount.only_if(counts.yes).each(lambda n: pick([(counts.yes, n)], NOUGHT))
    return taken.lacking(counts.lack)


def bounded(node: NodeBase, worked: Worth, ground: Ground) -> Worth:
    """Raised to the floor first, then lowered to the ceiling; neither is asked for in vain."""
    known, amount = worked.lack.none, worked
    for bound, join in ((node.at_least, greatest), (node.at_most, least)):
        if bound is not None:
            amount = of_ends([amount, looked_up(bound, ground).only_if(known)], join)
    if node.nothing_below is None:
        return amount
    return without(amount, worked, looked_up(node.nothing_below, ground).only_if(known))


def without(amount: Worth, worked: Worth, floor: Worth) -> Worth:
    """What is worked out below the floor counts 0."""
    low, high = (
        pick([(compare(was, "<", floor.low), NOUGHT)], now)
        for was, now in ((worked.low, amount.low), (worked.high, amount.high))
    )
    return Worth(low, high, amount.lack.among(floor.lack))


@singledispatch
def work(node: Any, ground: Ground) -> Worth:
    raise NotCompiled(f"{type(node).__name__} has no compiled form")


@work.register
def _(node: FactNode, ground: Ground) -> Worth:
    found = fact(node.fact, ground)
    if node.missing is None:
        return found
    given, instead = found.lack.none, setting(node.missing, ground)
    lack = instead.lack.only_if(negated(given))
    return point(pick([(given, found.low)], instead.low), lack)


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


@work.register
def _(node: Match, ground: Ground) -> Worth:
    return product(fact(node.match, ground), setting(node.ratio, ground))


@work.register
def _(node: PerHead, ground: Ground) -> Worth:
    return product(heads(node.per_head, ground), each_of(node.each, ground))


def heads(key: str, ground: Ground) -> Worth:
    if isinstance(ground.scope[key], RosterFact):
        return point(Count(ground.name(key)), ground.lacks(key))
    found = fact(key, ground)
    return at_least_nothing(found) if ground.name(key).derived else found


@work.register
def _(node: SumOver, ground: Ground) -> Worth:
    row, roster = ground.row(node.sum_over), ground.name(node.sum_over)
    each = counted(worth(node.each, row), judged(node.where, row))
    given = ground.given(node.sum_over)
    lack = ground.lacks(node.sum_over).among(each.lack.in_rows(roster).only_if(given))
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
        return base.lacking(setting(node.bands.marginal, ground).lack)
    known = base.lack.none
    rates = [setting(band.rate, ground).only_if(known) for band in bands]
    slices = [product(slice_of(base, band), r) for band, r in zip(bands, rates, strict=True)]
    return of_ends(slices, plus)


def slice_of(base: Worth, band: RateBand) -> Worth:
    """The part of the base that lies in one band."""
    upper = base if band.to is None else base.each(lambda n: least([n, const(band.to or 0)]))
    return upper.each(lambda n: minus(n, const(band.from_)))


@work.register
def _(node: SumOf, ground: Ground) -> Worth:
    return joined(node, node.sum_of, ground, plus)


@work.register
def _(node: LeastOf, ground: Ground) -> Worth:
    return joined(node, node.least_of, ground, least)


@work.register
def _(node: GreatestOf, ground: Ground) -> Worth:
    return joined(node, node.greatest_of, ground, greatest)


def joined(node: Listed, nodes: Iterable[Node], ground: Ground, join: Join) -> Worth:
    parts = [worth(part, ground) for part in nodes]
    return left_out(parts, join) if node.missing == "left_out" else of_ends(parts, join)


def left_out(parts: list[Worth], join: Join) -> Worth:
    """Without the parts that lack nothing but optional facts, unless that leaves none."""
    out = [part.lack.only_optional for part in parts]
    all_out = every(out)
    lacks = [p.lack.only_if(negated(o)) for p, o in zip(parts, out, strict=True)]
    lacks += [part.lack.only_if(all_out) for part in parts]
    low = join(instead([p.low for p in parts], out, join))
    high = join(instead([p.high for p in parts], out, join))
    return Worth(low, high, NOTHING_LACKS.among(*lacks))


def instead(numbers: list[Number], out: list[Truth], join: Join) -> list[Number]:
    """For a number left out one that changes nothing: 0 in a sum, otherwise one that stays."""
    kept = [(negated(o), n) for o, n in zip(out, numbers, strict=True)]
    other = NOUGHT if join is plus else pick(kept, NOUGHT)
    return [pick([(o, other)], n) for o, n in zip(out, numbers, strict=True)]


@work.register
def _(node: Less, ground: Ground) -> Worth:
    return difference(*node.less, ground)


@work.register
def _(node: IncreaseOf, ground: Ground) -> Worth:
    return difference(node.increase_of.this, node.increase_of.last, ground)


@work.register
def _(node: Settle, ground: Ground) -> Worth:
    return difference(node.settle.actual, node.settle.advanced, ground)


def difference(one: Node, other: Node, ground: Ground) -> Worth:
    first, second = worth(one, ground), worth(other, ground)
    lack = first.lack.among(second.lack)
    return Worth(minus(first.low, second.high), minus(first.high, second.low), lack)


@work.register
def _(node: AlreadyGranted, ground: Ground) -> Worth:
    """On an empty history."""
    return NOTHING
