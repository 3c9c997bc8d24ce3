"""The values of a letter's placeholders, in Chinese as the letter is, whatever its issuer reads."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from incentives.domain.settings import setting
from incentives.models import Award, RegisterEntry
from incentives.policy.capitals import yuan_in_capitals
from reviews.domain import working_days
from reviews.domain.assessing import rules
from reviews.domain.letter_wording import AGAIN, known
from reviews.models import Application, Defect, Determination, Objection, Reconsideration
from reviews.models.determination import Outcome
from reviews.models.letter import LetterKind
from reviews.models.objection import ObjectionState, ReconsiderationState

Told = str | Decimal | date | None
"""Words, yuan, a day, or nothing to say."""


def values_of(
    case: Application, kind: LetterKind, *, number: str, document: str, told: Mapping[str, Told]
) -> dict[str, str]:
    """Of every placeholder that the kind knows; empty for what this case has nothing to say on.

    `told` are those that the verb gives: sums in yuan, days, words. Raises TypeError for a name
    that letters of the kind do not know, for nobody would ever read it.
    """
    strange = set(told) - set(known(kind))
    if strange:
        raise TypeError(f"a letter of kind {kind} does not tell {sorted(strange)}")
    values = _common(case) | {"number": number, "basis": document + rules(case).source.section}
    values |= {name: said(value) for name, value in told.items()}
    values["capitals"] = _capitals(told.get("amount"))
    if set(AGAIN) <= set(known(kind)):
        values |= _again(case)
    if "due_on" not in told and case.due_on:
        values["due_on"] = said(case.due_on)
    return {name: values.get(name, "") for name in known(kind)}


def _common(case: Application) -> dict[str, str]:
    return {
        "case_number": case.number or "",
        "applicant": case.applicant.name,
        "applicant_code": case.applicant.number_shown,
        "you": "你" if case.applicant.is_person else "你单位",
        "programme": case.programme.title_zh,
        "bureau": case.handling_bureau.full_name,
        "city": case.city.name_zh,
        "filed_on": said(working_days.day_of(case.submitted_at) if case.submitted_at else None),
        "issued_on": said(working_days.today()),
    }


def _again(case: Application) -> dict[str, str]:
    days = int(setting(city=case.city, key="reconsideration_days", programme=case.programme))
    last = working_days.today() + timedelta(days=days)
    return {"reconsideration_days": str(days), "reconsideration_until": said(last)}


def _capitals(amount: Told) -> str:
    return yuan_in_capitals(amount) if isinstance(amount, Decimal) else ""


def said(value: Told) -> str:
    """2026年3月9日; 300,000.00; words as they are."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return (value or "").strip()


def refusal(determination: Determination) -> dict[str, Told]:
    """Where ceilings left nothing of what was proposed they are the reason, not what was said."""
    meant = determination.outcome == Outcome.REFUSE
    return {
        "reason": determination.reason if meant else "",
        "cuts": cut_lines(determination.cuts),
    }


def awarded(award: Award) -> dict[str, Told]:
    cut = award.amount < award.assessed
    return {"amount": award.amount, "assessed": award.assessed if cut else None}


def entered(case: Application, entry: RegisterEntry, granted: Decimal | None) -> dict[str, Told]:
    """A grant that ends in a register; `granted` in yuan where it is paid."""
    outcome = rules(case).outcome
    return {
        "amount": granted if outcome.pays else None,
        "what": (outcome.label or rules(case).title).zh,
        "terms": entry.terms,
        "ends_on": entry.ends_on,
        "register": entry.number,
    }


def answered(objection: Objection) -> dict[str, Told]:
    upheld = objection.state == ObjectionState.UPHELD
    return {
        "objector": objection.name,
        "objection_number": objection.number,
        "outcome": "异议成立，撤销原审定" if upheld else "异议不成立，维持原审定",
        "reason": objection.answer,
    }


def reconsidered(asked: Reconsideration) -> dict[str, Told]:
    changed = asked.state == ReconsiderationState.CHANGED
    outcome = "撤销原决定，由本机关重新办理" if changed else "维持原决定"
    return {"outcome": outcome, "reason": asked.answer}


def defect_lines(case: Application, defects: Iterable[Defect]) -> str:
    """All of a return, numbered, each under the label of its fact."""
    facts = rules(case).facts
    return "\n".join(
        f"{place}. {facts[one.fact_key].label.zh}：{one.reason}"
        if one.fact_key
        else f"{place}. {one.reason}"
        for place, one in enumerate(defects, start=1)
    )


def cut_lines(cuts: Iterable[Mapping[str, Any]]) -> str:
    """What each ceiling took off, as the determination keeps it; sums in yuan."""
    return "\n".join(_cut_line(cut) for cut in cuts)


def _cut_line(cut: Mapping[str, Any]) -> str:
    limit, used, room = (
        _counted(Decimal(cut[key]), cut["unit"]) for key in ("limit", "used", "room")
    )
    off = said(Decimal(cut["cut"]))
    return f"按“{cut['label']['zh']}”核减{off}元：上限{limit}，已用{used}，余额{room}。"


def _counted(number: Decimal, unit: str) -> str:
    return f"{said(number)}元" if unit == "yuan" else f"{number:.0f}个"
