"""Sums and rates as written, as set, or found in a table or band; None while one is missing."""

from decimal import Decimal
from typing import Any

from . import explain
from .bands import RateBand, band_of
from .case import Case
from .choose import choose
from .facts import shown
from .interval import Interval
from .nodes import (
    BetweenMoney,
    BetweenRates,
    ByRateBand,
    ByRates,
    ByTable,
    PerHead,
    RateFact,
    RateOf,
)
from .questions import ChoiceFact, Fact
from .text import Text, text


def looked_up(value: Any, case: Case) -> Decimal | None:
    """A sum or rate written out, set, or looked up in a table by an option."""
    if not isinstance(value, ByTable | ByRates):
        found = case.setting(value)
        return None if found is None else Decimal(found)
    option = case.fact(value.by)
    table = case.setting(value.table)
    if option is None or table is None:
        return None
    found = case.setting(table.get(shown(option), Decimal(0)))
    return None if found is None else Decimal(found)


def outside(value: Any, case: Case) -> Text | None:
    """That a number is in no row of its table and so counts 0, or None where it is in one."""
    if not isinstance(value, ByTable | ByRates):
        return None
    table, option = case.setting(value.table), case.sight.facts.get(value.by)
    if table is None or option is None or shown(option) in table:
        return None
    return explain.outside(case.sight.scope[value.by].label, shown(option))


def banded(rate: ByRateBand, case: Case) -> Decimal | None:
    seen, bands = case.fact(rate.by_band), case.setting(rate.bands)
    if seen is None or bands is None:
        return None
    band: RateBand | None = band_of(bands, Decimal(seen))
    found = Decimal(0) if band is None else case.setting(band.rate)
    return None if found is None else Decimal(found)


def rate_at(node: RateOf, case: Case) -> Interval | None:
    rate = node.rate
    if isinstance(rate, BetweenRates):
        low, high = (case.setting(end) for end in rate.between)
        return choose(case, node.choose, "rate", low, high)
    if isinstance(rate, RateFact):
        seen = case.fact(rate.fact)
        return None if seen is None else Interval.point(seen).at_least(Decimal(0))
    value = banded(rate, case) if isinstance(rate, ByRateBand) else looked_up(rate, case)
    return None if value is None else Interval.point(value)


def each_of(node: PerHead, case: Case) -> Interval | None:
    if isinstance(node.each, BetweenMoney):
        low, high = (case.setting(end) for end in node.each.between)
        return choose(case, node.choose, "each", low, high)
    value = looked_up(node.each, case)
    return None if value is None else Interval.point(value)


def option_label(fact: Fact, option: Any) -> Text:
    if isinstance(fact, ChoiceFact):
        return fact.of[option]
    if fact.type != "boolean":
        return text(f"{option}", f"{option}")
    return text("是", "yes") if option else text("否", "no")


def number_shown(type_: str, seen: Any) -> Text:
    if type_ == "money":
        return explain.yuan(seen)
    written = explain.percent(seen) if type_ == "percent" else f"{seen}"
    return text(written, written)
