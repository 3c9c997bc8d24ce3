"""Each condition in words, with what it saw."""

from datetime import date
from typing import Any

from . import explain
from .case import Case
from .conditions import AllOf, AnyOf, Condition, FactTest, Not
from .facts import shown
from .judge import Sight, judge, operand_of
from .positions import Ref
from .programme import Programme
from .questions import APPLICANT_KIND, ChoiceFact, Fact
from .result import Reason
from .text import Text, join, text
from .walk import Place, walk

COMPARED = {
    "at_least": ("不低于", "is at least"),
    "above": ("高于", "is above"),
    "at_most": ("不高于", "is at most"),
    "below": ("低于", "is below"),
    "on_or_after": ("不早于", "is not before"),
    "on_or_before": ("不晚于", "is not after"),
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
        seen={name: seen(name, case.sight) for name in facts_in(condition)},
    )


def kind_reason(programme: Programme, kind: str) -> Reason:
    allowed = [APPLICANT_KIND.of[name] for name in programme.roles.applicant]
    listed = join(allowed, "、", ", ")
    said = text(f"申报主体应为：{listed.zh}", f"Who may apply: {listed.en}")
    return Reason(
        "applicant_kind", kind in programme.roles.applicant, said, {"applicant_kind": kind}
    )


def facts_in(condition: Condition) -> list[str]:
    tests = (part for part, _ in walk(condition, Place((), {})) if isinstance(part, FactTest))
    return list(dict.fromkeys(test.fact for test in tests))


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
    return test_sentence(condition, sight)


def test_sentence(condition: FactTest, sight: Sight) -> Text:
    fact, operator = sight.scope[condition.fact], condition.operator
    value = operand_of(condition, sight).value
    if value is None:
        return text(f"{fact.label.zh}符合待定参数", f"{fact.label.en} meets a value not yet set")
    if operator == "within":
        return look_back(fact, value)
    if operator == "is":
        return text(
            f"{fact.label.zh}为“{spoken(fact, value).zh}”",
            f"{fact.label.en} is “{spoken(fact, value).en}”",
        )
    if operator == "in":
        listed = join([spoken(fact, v) for v in in_order(condition, value)], "、", ", ")
        return text(f"{fact.label.zh}属于：{listed.zh}", f"{fact.label.en} is one of: {listed.en}")
    zh, en = COMPARED[operator]
    bound = spoken(fact, value)
    return text(f"{fact.label.zh}{zh} {bound.zh}", f"{fact.label.en} {en} {bound.en}")


def in_order(condition: FactTest, values: Any) -> list[Any]:
    """As the file lists them; a set from a setting by its text."""
    if isinstance(condition.in_, Ref) or condition.in_ is None:
        return sorted(values, key=str)
    return [value for written in condition.in_ for value in values if str(value) == written]


def look_back(fact: Fact, span: tuple[int, int]) -> Text:
    years, days = span
    zh, en = (f"{years} 年", f"{years} years") if years else (f"{days} 天", f"{days} days")
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
