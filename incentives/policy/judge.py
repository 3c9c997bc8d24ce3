"""Conditions on one case, in Kleene logic: a false part decides, an unknown one alone does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .conditions import (
    LOOKING_BACK,
    AllOf,
    AnyOf,
    Condition,
    FactTest,
    FirstTime,
    Held,
    Not,
    NotHeld,
    OtherFact,
    Recognition,
    Span,
)
from .facts import Row, Value
from .overrides import Settings
from .positions import Ref
from .questions import Fact
from .scalars import literal

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """`truth` is None when `missing` facts or `unset` settings leave it open."""

    truth: bool | None
    missing: frozenset[str] = NONE
    unset: frozenset[str] = NONE


@dataclass(frozen=True)
class Sight:
    """What a condition may look at. Inside a roster's row its columns stand before the facts.

    `facts` holds the derived values too; `open` says what keeps the others unknown.
    """

    on: date
    scope: Mapping[str, Fact]
    facts: Mapping[str, Value]
    settings: Settings
    open: Mapping[str, Verdict] = field(default_factory=dict)
    roster: str | None = None
    columns: frozenset[str] = field(default=NONE)

    def lacking(self, name: str) -> Verdict:
        """What is needed to know a fact that is missing: a column is asked for by its roster."""
        if self.roster is not None and name in self.columns:
            return Verdict(None, frozenset({self.roster}))
        return self.open.get(name) or Verdict(None, frozenset({name}))


def judge(condition: Condition, sight: Sight) -> Verdict:
    if isinstance(condition, AllOf):
        return all_of([judge(part, sight) for part in condition.all_of])
    if isinstance(condition, AnyOf):
        return negated(all_of([negated(judge(part, sight)) for part in condition.any_of]))
    if isinstance(condition, Not):
        return negated(judge(condition.not_, sight))
    if isinstance(condition, FactTest):
        return test(condition, sight)
    return registered(condition, sight)


def registered(condition: Held | NotHeld | FirstTime, sight: Sight) -> Verdict:
    """What the city's registers say; unknown while the case does not bring them."""
    entries = sight.facts.get("recognitions")
    if not isinstance(entries, tuple):
        return sight.lacking("recognitions")
    if isinstance(condition, FirstTime):
        return Verdict(not any(named(row, condition.first_time) for row in entries))
    wanted = condition.held if isinstance(condition, Held) else condition.not_held
    held = any(named(row, wanted) and stands(row, sight.on) for row in entries)
    return Verdict(held == isinstance(condition, Held))


def named(row: Row, wanted: Recognition) -> bool:
    return row.get("title") == wanted.title and (
        not wanted.level or row.get("level") in wanted.level
    )


def stands(row: Row, on: date) -> bool:
    """From its first day to its last, both included; without one it is open to that side."""
    first, last = row.get("from"), row.get("until")
    begun = not isinstance(first, date) or first <= on
    return begun and (not isinstance(last, date) or on <= last)


def negated(verdict: Verdict) -> Verdict:
    if verdict.truth is None:
        return verdict
    return Verdict(not verdict.truth)


def all_of(verdicts: list[Verdict]) -> Verdict:
    if any(v.truth is False for v in verdicts):
        return Verdict(False)
    if all(v.truth for v in verdicts):
        return Verdict(True)
    missing = NONE.union(*(v.missing for v in verdicts))
    return Verdict(None, missing, NONE.union(*(v.unset for v in verdicts)))


def test(condition: FactTest, sight: Sight) -> Verdict:
    operator = condition.operator
    seen = sight.facts.get(condition.fact)
    operand = operand_of(condition, sight)
    missing = sight.lacking(condition.fact) if seen is None else Verdict(None)
    if seen is None or operand.value is None:
        unset = operand.refs if operand.value is None else NONE
        return Verdict(None, missing.missing | operand.missing, missing.unset | unset)
    if operator in LOOKING_BACK:
        return Verdict(looks_back(operator, seen, operand.value, sight.on))
    return Verdict(COMPARE[operator](seen, operand.value))


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda seen, value: seen == value,
    "in": lambda seen, values: seen in values,
    "at_least": lambda seen, value: seen >= value,
    "above": lambda seen, value: seen > value,
    "at_most": lambda seen, value: seen <= value,
    "below": lambda seen, value: seen < value,
    "on_or_after": lambda seen, value: seen >= value,
    "on_or_before": lambda seen, value: seen <= value,
}


@dataclass(frozen=True)
class Operand:
    """What a test compares with; None while one of `refs` is unset or `missing` not given."""

    value: Any
    refs: frozenset[str] = NONE
    missing: frozenset[str] = NONE


def operand_of(condition: FactTest, sight: Sight) -> Operand:
    kind = sight.scope[condition.fact].type
    written = condition.operand(condition.operator)
    if isinstance(written, OtherFact):
        found = sight.facts.get(written.fact)
        lacks = sight.lacking(written.fact) if found is None else Verdict(None)
        return Operand(found, lacks.unset, lacks.missing)
    if isinstance(written, Span):
        return span_of(written, sight)
    if isinstance(written, Ref):
        listed = sight.settings.value(written)
        return Operand(
            None if listed is None else frozenset(literal(kind, v) for v in listed),
            frozenset({written.name}),
        )
    if isinstance(written, tuple):
        return Operand(frozenset(literal(kind, v) for v in written))
    if written.startswith("@"):
        return set_operand(kind, written[1:], sight)
    return Operand(literal(kind, written))


def set_operand(kind: str, name: str, sight: Sight) -> Operand:
    reading = sight.settings.readings.get(name)
    if reading is not None:
        return Operand(literal(kind, str(reading)))
    return Operand(sight.settings.parameters[name], frozenset({name}))


def span_of(span: Span, sight: Sight) -> Operand:
    written = span.years if span.years is not None else span.days
    count = sight.settings.value(written) if isinstance(written, Ref) else written
    refs = frozenset({written.name}) if isinstance(written, Ref) else NONE
    if count is None:
        return Operand(None, refs)
    return Operand((count, 0) if span.years is not None else (0, count), refs)


def looks_back(operator: str, seen: Any, span: tuple[int, int], on: date) -> bool:
    first = first_day(on, span)
    return bool(first <= seen <= on if operator == "within" else seen <= first)


def first_day(on: date, span: tuple[int, int]) -> date:
    """The earliest day within so many years and days; 29 February goes back to the 28th."""
    years, days = span
    if years >= on.year or days >= on.toordinal():
        return date.min
    try:
        back = on.replace(year=on.year - years)
    except ValueError:
        back = on.replace(year=on.year - years, day=28)
    return back - timedelta(days=days)
