"""Sums and rates as written, as set, or found in a table or band; and what is left to choose."""

from collections.abc import Callable, Iterable
from typing import Any

from ..bands import Edges
from ..nodes import BetweenMoney, BetweenRates, ByRateBand, ByRates, ByTable, RateFact
from .building import among, compare, const, every, greatest, least, level, pick
from .form import NO, NOUGHT, YES, Const, Lookup, Number, Truth
from .ground import Ground, unset_if
from .worth import Worth, point, unknown

COUNTED = {"integer", "year"}


def setting(value: Any, ground: Ground) -> Worth:
    """A number written out or set."""
    found = ground.setting(value)
    return unknown(unset_if(found)) if found is None else point(const(found))


def fact(key: str, ground: Ground) -> Worth:
    return point(ground.number(key), ground.lacks(key))


def at_least_nothing(worth: Worth) -> Worth:
    """Derived values may lie below 0."""
    return worth.each(lambda number: greatest([number, NOUGHT]))


def looked_up(value: Any, ground: Ground) -> Worth:
    """A number written out, set, or found in a table by an option."""
    if not isinstance(value, ByTable | ByRates):
        return setting(value, ground)
    table = ground.setting(value.table)
    lack = ground.lacks(value.by).among(unset_if(table))
    return unknown(lack) if table is None else in_table(value.by, table, ground).lacking(lack)


def in_table(key: str, table: dict[str, Any], ground: Ground) -> Worth:
    """The number in the row of a fact's value; one that has no row counts 0."""
    found = [(is_option(key, option, ground), setting(n, ground)) for option, n in table.items()]
    lacks = [n.lack.only_if(every([ground.given(key), truth])) for truth, n in found]
    return point(of_table(key, table, [(t, n.low) for t, n in found], ground), *lacks)


def is_option(key: str, option: str, ground: Ground) -> Truth:
    if ground.scope[key].type not in COUNTED:
        return among(ground.name(key), frozenset({typed_option(key, option, ground)}))
    counted = option.isdecimal() and str(int(option)) == option
    return compare(ground.number(key), "==", const(int(option))) if counted else NO


def typed_option(key: str, option: str, ground: Ground) -> str | bool:
    return option == "true" if ground.scope[key].type == "boolean" else option


def of_table(
    key: str, table: dict[str, Any], cases: list[tuple[Truth, Number]], ground: Ground
) -> Number:
    if ground.scope[key].type in COUNTED:
        return pick(cases, NOUGHT)
    numbers = [n for n in level(number for _, number in cases) if isinstance(n, Const)]
    options = (typed_option(key, option, ground) for option in table)
    rows = tuple((option, n.value) for option, n in zip(options, numbers, strict=True))
    return Lookup(ground.name(key), rows, numbers[0].places)


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
    below_all = not band.from_ and not ground.name(key).derived
    above = YES if below_all else compare(seen, ">=", const(band.from_))
    below = YES if band.to is None else compare(seen, "<", const(band.to))
    return every([above, below])


def chosen(low: Worth, high: Worth) -> Worth:
    """What is left to choose: nothing where the lower bound reaches the upper."""
    return Worth(least([low.low, high.high]), high.high, low.lack.among(high.lack))


def rate(written: Any, ground: Ground) -> Worth:
    if isinstance(written, BetweenRates):
        return chosen(*(setting(end, ground) for end in written.between))
    if isinstance(written, RateFact):
        return at_least_nothing(fact(written.fact, ground))
    if isinstance(written, ByRateBand):
        bands = ground.setting(written.bands)
        return in_bands(written.by_band, bands, lambda band: band.rate, ground)
    return looked_up(written, ground)


def each_of(written: Any, ground: Ground) -> Worth:
    if isinstance(written, BetweenMoney):
        return chosen(*(setting(end, ground) for end in written.between))
    return looked_up(written, ground)
