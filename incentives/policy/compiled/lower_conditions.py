"""Conditions to plain truths: when they hold, when they do not, and what else leaves them open."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ..conditions import (
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
)
from ..judge import Sight, operand_of
from .building import among, compare, const, every, negated, some, some_row
from .form import (
    NO,
    TODAY,
    YES,
    Back,
    CompareDays,
    Comparison,
    DayVar,
    Given,
    Name,
    OnDay,
    Same,
    Truth,
)
from .ground import NOTHING_LACKS, Ground, Lack, unset_if

RECOGNITIONS = "recognitions"
COMPARISONS: dict[str, Comparison] = {
    "is": "==",
    "at_least": ">=",
    "above": ">",
    "at_most": "<=",
    "below": "<",
    "on_or_after": ">=",
    "on_or_before": "<=",
}
NUMBERS = {"money", "integer", "percent", "year"}


@dataclass(frozen=True)
class Verdict:
    """`yes` and `no` exclude each other; where neither holds, `lack` says why."""

    yes: Truth
    no: Truth
    lack: Lack = NOTHING_LACKS


ALWAYS = Verdict(YES, NO)


def judged(condition: Condition | None, ground: Ground) -> Verdict:
    if condition is None:
        return ALWAYS
    if isinstance(condition, AllOf):
        return all_of([judged(part, ground) for part in condition.all_of])
    if isinstance(condition, AnyOf):
        return opposite(all_of([opposite(judged(part, ground)) for part in condition.any_of]))
    if isinstance(condition, Not):
        return opposite(judged(condition.not_, ground))
    if isinstance(condition, FactTest):
        return tested(condition, ground)
    return registered(condition, ground)


def opposite(verdict: Verdict) -> Verdict:
    return Verdict(verdict.no, verdict.yes, verdict.lack)


def all_of(verdicts: list[Verdict]) -> Verdict:
    no = some(v.no for v in verdicts)
    lack = NOTHING_LACKS.among(*(v.lack for v in verdicts)).only_if(negated(no))
    return Verdict(every(v.yes for v in verdicts), no, lack)


def tested(test: FactTest, ground: Ground) -> Verdict:
    written, lack = test.operand(test.operator), ground.lacks(test.fact, by_name=True)
    if isinstance(written, OtherFact):
        lack = lack.among(ground.lacks(written.fact, by_name=True))
        given = every([ground.given(test.fact), ground.given(written.fact)])
        return verdict(given, beside(test, written.fact, ground), lack)
    value = operand_of(test, Sight(date.min, ground.scope, {}, ground.settings)).value
    lack = lack.among(unset_if(value))
    if value is None:
        return Verdict(NO, NO, lack)
    return verdict(ground.given(test.fact), holding(test, value, ground), lack)


def verdict(given: Truth, holds: Truth, lack: Lack) -> Verdict:
    return Verdict(every([given, holds]), every([given, negated(holds)]), lack)


def holding(test: FactTest, value: Any, ground: Ground) -> Truth:
    """Whether the test holds of a fact that is given."""
    name, kind = ground.name(test.fact), ground.scope[test.fact].type
    if test.operator in LOOKING_BACK:
        return looking_back(test.operator, DayVar(name), Back(*value))
    if test.operator == "in":
        return one_of(test.fact, value, ground)
    if kind in NUMBERS:
        return compare(ground.number(test.fact), COMPARISONS[test.operator], const(value))
    if kind == "date":
        return CompareDays(DayVar(name), COMPARISONS[test.operator], OnDay(value))
    return among(name, frozenset({value}))


def beside(test: FactTest, other: str, ground: Ground) -> Truth:
    """Whether the test holds of two facts that are given."""
    name, kind = ground.name(test.fact), ground.scope[test.fact].type
    comparison = COMPARISONS[test.operator]
    if kind in NUMBERS:
        return compare(ground.number(test.fact), comparison, ground.number(other))
    if kind == "date":
        return CompareDays(DayVar(name), comparison, DayVar(ground.name(other)))
    return Same(name, ground.name(other))


def looking_back(operator: str, seen: DayVar, first: Back) -> Truth:
    if operator == "at_least_ago":
        return CompareDays(seen, "<=", first)
    return every([CompareDays(first, "<=", seen), CompareDays(seen, "<=", TODAY)])


def one_of(key: str, values: frozenset[Any], ground: Ground) -> Truth:
    if ground.scope[key].type not in NUMBERS:
        return among(ground.name(key), values)
    return some(compare(ground.number(key), "==", const(v)) for v in sorted(values))


def registered(condition: Held | NotHeld | FirstTime, ground: Ground) -> Verdict:
    """What the city's registers say of the recognitions that the case brings."""
    if isinstance(condition, FirstTime):
        found = recorded(condition.first_time)
    elif isinstance(condition, Held):
        found = negated(recorded_now(condition.held))
    else:
        found = recorded_now(condition.not_held)
    given, lack = ground.given(RECOGNITIONS), ground.lacks(RECOGNITIONS, by_name=True)
    return verdict(given, negated(found), lack)


def recorded(wanted: Recognition, *more: Truth) -> Truth:
    title = [column_is("title", {wanted.title})]
    level = [column_is("level", set(wanted.level))] if wanted.level else []
    return some_row(Name(RECOGNITIONS), every([*title, *level, *more]))


def recorded_now(wanted: Recognition) -> Truth:
    """From the first day to the last, both included; without one it is open to that side."""
    first, last = Name("from", RECOGNITIONS), Name("until", RECOGNITIONS)
    begun = some([negated(Given(first)), CompareDays(DayVar(first), "<=", TODAY)])
    lasts = some([negated(Given(last)), CompareDays(TODAY, "<=", DayVar(last))])
    return recorded(wanted, begun, lasts)


def column_is(key: str, values: set[str]) -> Truth:
    name = Name(key, RECOGNITIONS)
    return every([Given(name), among(name, frozenset(values))])
