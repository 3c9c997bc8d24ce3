"""Conditions to plain truths: when they hold, when they do not, and what else leaves them open."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ..conditions import AllOf, AnyOf, Condition, FactTest, Not, Span
from ..judge import Operand, Sight, operand_of
from .building import compare, const, every, negated, some
from .form import (
    NO,
    YES,
    Among,
    Comparison,
    LooksBack,
    NotCompiled,
    OnDay,
    Truth,
)
from .ground import NOTHING_LACKS, Ground, Lack, unset_if

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
    raise NotCompiled(f"{type(condition).__name__} has no compiled form")


def opposite(verdict: Verdict) -> Verdict:
    return Verdict(verdict.no, verdict.yes, verdict.lack)


def all_of(verdicts: list[Verdict]) -> Verdict:
    no = some(v.no for v in verdicts)
    lack = NOTHING_LACKS.among(*(v.lack for v in verdicts)).only_if(negated(no))
    return Verdict(every(v.yes for v in verdicts), no, lack)


def tested(test: FactTest, ground: Ground) -> Verdict:
    operand = operand_in(test, ground)
    lack = ground.lacks(test.fact).among(unset_if(operand.value))
    if operand.value is None:
        return Verdict(NO, NO, lack)
    holds, given = holding(test, operand.value, ground), ground.given(test.fact)
    return Verdict(every([given, holds]), every([given, negated(holds)]), lack)


def operand_in(test: FactTest, ground: Ground) -> Operand:
    return operand_of(test, Sight(date.min, ground.scope, {}, ground.settings))


def holding(test: FactTest, value: Any, ground: Ground) -> Truth:
    """Whether the test holds of a fact that is given."""
    name, kind = ground.name(test.fact), ground.scope[test.fact].type
    if isinstance(test.operand(test.operator), Span):
        return LooksBack(name, *value)
    if test.operator == "in":
        return among(test.fact, value, ground)
    if kind in NUMBERS:
        return compare(ground.number(test.fact), COMPARISONS[test.operator], const(value))
    if kind == "date":
        return OnDay(name, COMPARISONS[test.operator], value)
    return Among(name, frozenset({value}))


def among(key: str, values: frozenset[Any], ground: Ground) -> Truth:
    if ground.scope[key].type not in NUMBERS:
        return Among(ground.name(key), values)
    return some(compare(ground.number(key), "==", const(v)) for v in sorted(values))
