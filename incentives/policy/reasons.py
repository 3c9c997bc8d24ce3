"""Each condition in words, with what it saw."""

from datetime import date
from typing import Any

from . import explain
from .case import Case
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
)
from .facts import shown
from .judge import Sight, judge, operand_of
from .positions import Ref
from .programme import Programme
from .questions import APPLICANT_KIND, ChoiceFact, Fact
from .result import Reason
from .text import Text, join, text

COMPARED = {
    "is": ("为", "is"),
    "at_least": ("不低于 ", "is at least"),
    "above": ("高于 ", "is above"),
    "at_most": ("不高于 ", "is at most"),
    "below": ("低于 ", "is below"),
    "on_or_after": ("不早于 ", "is not before"),
    "on_or_before": ("不晚于 ", "is not after"),
}


def reasons_of(programme: Programme, case: Case) -> list[Reason]:
    """One reason for each condition; who may apply is judged once the applicant is known."""
    found = [reason(c, i, case) for i, c in enumerate(programme.conditions, 1)]
    kind = case.sight.facts.get("applicant_kind")
    return found if kind is None else [kind_reason(programme, str(kind)), *found]


def reason(condition: Condition, number: int, case: Case) -> Reason:
    verdict = judge(condition, case.sight)
    case.note(verdict)
    return Reason(
        id=condition.id or f"condition_{number}",
        holds=verdict.truth,
        text=sentence(condition, case.sight),
        seen={name: seen(name, case.sight) for name in condition.looks_at},
    )


def kind_reason(programme: Programme, kind: str) -> Reason:
    allowed = [APPLICANT_KIND.of[name] for name in programme.roles.applicant]
    listed = join(allowed, "、", ", ")
    said = text(f"申报主体应为：{listed.zh}", f"Who may apply: {listed.en}")
    return Reason(
        "applicant_kind", kind in programme.roles.applicant, said, {"applicant_kind": kind}
    )


def seen(name: str, sight: Sight) -> str | None:
    value = sight.facts.get(name)
    return None if value is None else shown(value)


def sentence(condition: Condition, sight: Sight) -> Text:
    """The file's own words, or a sentence made from the condition."""
    if condition.says is not None:
        return condition.says
    if isinstance(condition, AllOf):
        return join([sentence(c, sight) for c in condition.all_of], "，且", ", and ")
    if isinstance(condition, AnyOf):
        return join([sentence(c, sight) for c in condition.any_of], "，或", ", or ")
    if isinstance(condition, Not):
        inner = sentence(condition.not_, sight)
        return text(f"并非：{inner.zh}", f"not: {inner.en}")
    if isinstance(condition, FactTest):
        return test_sentence(condition, sight)
    return register_sentence(condition)


def register_sentence(condition: Held | NotHeld | FirstTime) -> Text:
    """A title has its name in the registers; without `says` its code stands here."""
    if isinstance(condition, FirstTime):
        wanted, zh, en = condition.first_time, "此前从未获得", "never held before"
    elif isinstance(condition, Held):
        wanted, zh, en = condition.held, "目前持有", "held at present"
    else:
        wanted, zh, en = condition.not_held, "目前未持有", "not held at present"
    levels = "、".join(wanted.level), ", ".join(wanted.level)
    return text(
        f"{zh}“{wanted.title}”" + (f"（{levels[0]}）" if levels[0] else ""),
        f"{en}: “{wanted.title}”" + (f" ({levels[1]})" if levels[1] else ""),
    )


def test_sentence(condition: FactTest, sight: Sight) -> Text:
    fact, operator = sight.scope[condition.fact], condition.operator
    other = condition.operand(operator)
    if isinstance(other, OtherFact):
        return compared(operator, fact.label, named(sight.scope[other.fact].label))
    value = operand_of(condition, sight).value
    if value is None:
        return text(f"{fact.label.zh}符合待定参数", f"{fact.label.en} meets a value not yet set")
    if operator in LOOKING_BACK:
        return look_back(operator, fact, value)
    if operator == "is":
        return compared(operator, fact.label, named(spoken(fact, value)))
    if operator == "in":
        listed = join([spoken(fact, v) for v in in_order(condition, value)], "、", ", ")
        return text(f"{fact.label.zh}属于：{listed.zh}", f"{fact.label.en} is one of: {listed.en}")
    return compared(operator, fact.label, spoken(fact, value))


def named(value: Text) -> Text:
    return text(f"“{value.zh}”", f"“{value.en}”")


def compared(operator: str, label: Text, bound: Text) -> Text:
    zh, en = COMPARED[operator]
    return text(f"{label.zh}{zh}{bound.zh}", f"{label.en} {en} {bound.en}")


def in_order(condition: FactTest, values: Any) -> list[Any]:
    """As the file lists them; a set from a setting by its text."""
    if isinstance(condition.in_, Ref) or condition.in_ is None:
        return sorted(values, key=str)
    return [value for written in condition.in_ for value in values if str(value) == written]


def look_back(operator: str, fact: Fact, span: tuple[int, int]) -> Text:
    years, days = span
    zh, en = (f"{years} 年", f"{years} years") if years else (f"{days} 天", f"{days} days")
    if operator == "at_least_ago":
        return text(f"{fact.label.zh}距今不少于 {zh}", f"{fact.label.en} is at least {en} ago")
    return text(f"{fact.label.zh}在近 {zh}内", f"{fact.label.en} is within the last {en}")


def spoken(fact: Fact, value: Any) -> Text:
    if isinstance(fact, ChoiceFact):
        return fact.of.get(value, text(str(value), str(value)))
    if isinstance(value, bool):
        return text("是", "yes") if value else text("否", "no")
    if fact.type == "money":
        return explain.yuan(value)
    written = explain.percent(value) if fact.type == "percent" else shown(value)
    return text(written, written)


def warnings_of(programme: Programme, on: date) -> tuple[Text, ...]:
    """A day outside the printed force or the window: the version in force is chosen elsewhere."""
    warnings = []
    force, window = programme.in_force, programme.window
    if force and ((force.from_ and on < force.from_) or (force.until and on > force.until)):
        warnings.append(
            text(f"{on} 不在政策有效期内", f"{on} is outside the time the programme is in force")
        )
    if window and not window.opens <= on <= window.closes:
        warnings.append(text(f"{on} 不在申报期内", f"{on} is outside the window for applications"))
    return tuple(warnings)
