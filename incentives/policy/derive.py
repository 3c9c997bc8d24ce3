"""Works out the derived values of one case, each from the facts and those before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import singledispatch
from typing import Any

from . import explain_derived as explain
from .case import Case, row_sight
from .derived import CountOf, DerivedAmount, GrowthRate, SeriesIndex, TotalOf, YearsSince
from .evaluate import evaluate
from .facts import Value, read_facts, shown
from .interval import Interval
from .judge import NONE, Sight, Verdict, judge
from .overrides import read_settings
from .programme import Programme
from .result import DerivedLine
from .scalars import Scalar, to_fen
from .text import InputError, Problem, Text, text
from .working import operand

EXACT = Context(prec=200)
HUNDREDTH_OF_A_PERCENT = Decimal("0.0001")


@dataclass(frozen=True)
class Found:
    """A value, or None with what keeps it unknown; `text` says how it came about."""

    value: Value | None
    text: Text
    open: Verdict = field(default_factory=lambda: Verdict(None))


@dataclass(frozen=True)
class Look:
    sight: Sight
    lines: tuple[DerivedLine, ...]


def look(
    programme: Programme, on: date, facts: Mapping[str, Any], settings: Mapping[str, Any]
) -> Look:
    """What is known of a case: its facts, the values derived of them and the settings in force.

    Raises InputError for facts and settings that cannot be read.
    """
    taken, given = read_settings(programme, settings), read_facts(programme, facts)
    derived = programme.derived.keys()
    own = {key: value for key, value in given.items() if key not in derived}
    sight, lines = Sight(on, programme.scope, own, taken), []
    with localcontext(EXACT):
        for name, value in programme.derived.items():
            found = refused_or(name, derive(value, name, sight, given.get(name)), given)
            lines.append(DerivedLine(name, told(found.value), found.text))
            sight = with_value(sight, name, found)
    return Look(sight, tuple(lines))


def told(value: Value | None) -> str | None:
    return None if value is None else shown(value)


def with_value(sight: Sight, name: str, found: Found) -> Sight:
    if found.value is None:
        return replace(sight, open={**sight.open, name: found.open})
    return replace(sight, facts={**sight.facts, name: found.value})


def refused_or(name: str, found: Found, given: Mapping[str, Value]) -> Found:
    """A reviewer may give a value only where the facts leave it open."""
    if name in given and found.value is not None and found.text is not explain.GIVEN:
        problem = text("可由其他事实算出", "is worked out from the other facts")
        raise InputError([Problem(f"facts.{name}", problem, text("请删去", "leave it out"))])
    return found


def unknown(missing: frozenset[str], unset: frozenset[str] = NONE) -> Found:
    return Found(None, explain.OPEN, Verdict(None, missing, unset))


@singledispatch
def derive(value: Any, name: str, sight: Sight, given: Value | None) -> Found:
    raise TypeError(f"no derived value: {type(value).__name__}")


@derive.register
def _(value: GrowthRate, name: str, sight: Sight, given: Value | None) -> Found:
    case = Case(sight, {}, explained=False)
    growth = value.growth_rate_of
    this, last = operand(growth.this, case, "this"), operand(growth.last, case, "last")
    if this is None or last is None:
        return unknown(frozenset(case.missing), frozenset(case.unset))
    if last.low:
        rate = ((this.low - last.low) / last.low).quantize(HUNDREDTH_OF_A_PERCENT, ROUND_HALF_UP)
        return Found(rate, explain.growth(this, last, rate))
    if value.when_last_zero != "unknown":
        set_ = case.setting(value.when_last_zero)
        if set_ is None:
            return unknown(NONE, frozenset(case.unset))
        return Found(set_, explain.last_zero(set_))
    if given is not None:
        return Found(given, explain.GIVEN)
    return Found(None, explain.ASK, Verdict(None, frozenset({name})))


@derive.register
def _(value: SeriesIndex, name: str, sight: Sight, given: Value | None) -> Found:
    case = Case(sight, {}, explained=False)
    series = value.series_index
    at = sight.on if series.at == "on" else case.fact(series.at)
    first, years = case.fact(series.from_), case.setting(value.years)
    if first is None or at is None or years is None:
        return unknown(frozenset(case.missing), frozenset(case.unset))
    index = year_of(at) - year_of(first) + 1
    inside = index if 1 <= index <= years else 0
    return Found(inside, explain.series(year_of(first), year_of(at), years, inside))


def year_of(value: Any) -> int:
    return value.year if isinstance(value, date) else int(value)


@derive.register
def _(value: YearsSince, name: str, sight: Sight, given: Value | None) -> Found:
    since = sight.facts.get(value.years_since)
    if not isinstance(since, date):
        return unknown(sight.lacking(value.years_since).missing)
    on = sight.on
    years = on.year - since.year - ((on.month, on.day) < (since.month, since.day))
    return Found(years, explain.years_since(since, on, years))


@derive.register
def _(value: CountOf, name: str, sight: Sight, given: Value | None) -> Found:
    rows, lacks = rows_that_count(value.count_of, value, sight)
    if lacks is not None:
        return unknown(lacks.missing, lacks.unset)
    return Found(len(rows), explain.count(len(rows)))


@derive.register
def _(value: TotalOf, name: str, sight: Sight, given: Value | None) -> Found:
    rows, lacks = rows_that_count(value.total_of, value, sight)
    cells = [row.facts.get(value.column) for row in rows]
    if lacks is not None:
        return unknown(lacks.missing, lacks.unset)
    if None in cells:
        return unknown(frozenset({value.total_of}))
    whole = total_of([cell for cell in cells if isinstance(cell, int | Decimal)], value.type)
    return Found(whole, explain.total(sight.scope[value.total_of], value.type, whole, len(cells)))


def total_of(cells: list[int | Decimal], kind: str) -> Scalar:
    whole = sum((Decimal(cell) for cell in cells), Decimal(0))
    return int(whole) if kind == "integer" else to_fen(whole) if kind == "money" else whole


def rows_that_count(
    roster: str, value: CountOf | TotalOf, sight: Sight
) -> tuple[list[Sight], Verdict | None]:
    """The rows for which the condition holds, or what keeps a row unknown."""
    rows = sight.facts.get(roster)
    if not isinstance(rows, tuple):
        return [], sight.lacking(roster)
    seen = [row_sight(sight, roster, row) for row in rows]
    if value.where is None:
        return seen, None
    verdicts = [judge(value.where, row) for row in seen]
    open_ = [verdict for verdict in verdicts if verdict.truth is None]
    if open_:
        missing = NONE.union(*(verdict.missing for verdict in open_))
        return [], Verdict(None, missing, NONE.union(*(verdict.unset for verdict in open_)))
    return [row for row, verdict in zip(seen, verdicts, strict=True) if verdict.truth], None


@derive.register
def _(value: DerivedAmount, name: str, sight: Sight, given: Value | None) -> Found:
    case = Case(sight, {})
    found: Interval | None = evaluate(value.amount, case, "amount")
    if found is None:
        return unknown(frozenset(case.missing), frozenset(case.unset))
    return Found(to_fen(found.low), case.steps[-1].text)
