"""Derived values to numbers that stand before the rest of a case."""

from dataclasses import replace
from functools import singledispatch
from typing import Any

from ..conditions import Condition
from ..derived import CountOf, DerivedAmount, GrowthRate, SeriesIndex, TotalOf, YearsSince
from ..programme import Programme
from .building import (
    compare,
    const,
    every,
    level,
    minus_signed,
    negated,
    pick,
    plus,
    rounded,
    sum_rows,
)
from .form import NOUGHT, TODAY, DayVar, Let, Name, NotCompiled, Quotient, Var, YearOf
from .form import YearsSince as YearsTo
from .ground import MONEY_PLACES, Ground, Standing
from .lower_amounts import worth
from .lower_conditions import judged
from .lower_lookup import setting
from .worth import Worth, point

GROWTH_PLACES = 4


def derived(programme: Programme, ground: Ground) -> tuple[Ground, list[Let]]:
    """The ground with the derived values in sight, and what they are."""
    lets: list[Let] = []
    for key, value in programme.derived.items():
        found = derive(value, key, replace(ground, by_name=True))
        lets.append(Let(Name(key, derived=True), found.lack.none, found.low))
        standing = Standing(found.lack, found.low.places)
        ground = replace(ground, derived={**ground.derived, key: standing})
    return ground, lets


@singledispatch
def derive(value: Any, key: str, ground: Ground) -> Worth:
    raise NotCompiled(f"{type(value).__name__} has no compiled form")


@derive.register
def _(value: GrowthRate, key: str, ground: Ground) -> Worth:
    growth = value.growth_rate_of
    this, last = worth(growth.this, ground), worth(growth.last, ground)
    one, other = level([this.low, last.low])
    rate = Quotient(minus_signed(one, other), other, GROWTH_PLACES)
    from_nothing = compare(other, "==", NOUGHT)
    known = this.lack.among(last.lack)
    instead = last_zero(value, key, ground).only_if(every([known.none, from_nothing]))
    return point(pick([(negated(from_nothing), rate)], instead.low), known, instead.lack)


def last_zero(value: GrowthRate, key: str, ground: Ground) -> Worth:
    """What is set for it, or what the reviewer says."""
    if value.when_last_zero != "unknown":
        return setting(value.when_last_zero, ground)
    return point(Var(Name(key), ground.percent_places), ground.lacks(key))


@derive.register
def _(value: SeriesIndex, key: str, ground: Ground) -> Worth:
    series, years = value.series_index, setting(value.years, ground)
    first = year_at(series.from_, ground)
    at = point(YearOf(TODAY)) if series.at == "on" else year_at(series.at, ground)
    index = plus([minus_signed(at.low, first.low), const(1)])
    inside = every([compare(index, ">=", const(1)), compare(index, "<=", years.low)])
    return point(pick([(inside, index)], NOUGHT), at.lack, first.lack, years.lack)


def year_at(key: str, ground: Ground) -> Worth:
    if ground.scope[key].type == "date":
        return point(YearOf(DayVar(ground.name(key))), ground.lacks(key))
    return point(ground.number(key), ground.lacks(key))


@derive.register
def _(value: YearsSince, key: str, ground: Ground) -> Worth:
    since = value.years_since
    return point(YearsTo(DayVar(ground.name(since))), ground.lacks(since))


@derive.register
def _(value: CountOf, key: str, ground: Ground) -> Worth:
    return over_rows(value.count_of, value.where, None, ground)


@derive.register
def _(value: TotalOf, key: str, ground: Ground) -> Worth:
    return over_rows(value.total_of, value.where, value.column, ground)


def over_rows(key: str, where: Condition | None, column: str | None, ground: Ground) -> Worth:
    """The sum of a column, or the count, of the rows for which the condition holds."""
    row, roster = ground.row(key), ground.name(key)
    counts = judged(where, row)
    cell = point(const(1)) if column is None else point(row.number(column), row.lacks(column))
    empty = cell.lack.only_if(counts.yes).in_rows(roster)
    open_ = counts.lack.in_rows(roster)
    lack = open_.among(empty.only_if(open_.none)).only_if(ground.given(key))
    whole = sum_rows(roster, pick([(counts.yes, cell.low)], NOUGHT))
    return point(whole, ground.lacks(key), lack)


@derive.register
def _(value: DerivedAmount, key: str, ground: Ground) -> Worth:
    found = worth(value.amount, ground)
    return point(rounded(found.low, MONEY_PLACES), found.lack)
