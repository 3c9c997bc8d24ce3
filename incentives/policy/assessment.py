"""The case phase: from facts and choices to a decision, an amount and the reasons for both."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from functools import partial
from typing import Any

from . import explain
from .caps import Cap
from .case import Case
from .choose import refuse_idle
from .derive import EXACT, look
from .evaluate import evaluate
from .examples import Decision
from .facts import must_be_mapping
from .history import History, read_history
from .interval import Interval, total
from .limits import limit_of
from .payment import instalments, paid_by
from .programme import Programme
from .reasons import reasons_of, warnings_of
from .result import Assessment, CapLine, DerivedLine, Reason, TakenReading
from .scalars import to_fen
from .walk import choice_names


def assess(
    programme: Programme,
    on: date,
    facts: Mapping[str, Any],
    choices: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    explained: bool = True,
    history: Mapping[str, Any] | None = None,
    roles: Mapping[str, str] | None = None,
    approval_year: int | None = None,
) -> Assessment:
    """Assess one case on a day; raises InputError for facts, choices or settings it must refuse.

    `explained=False` leaves the steps out. `history` gives yuan by tally key (`tally_keys`) and
    rows by key (`row_requests`); without it nothing has been granted before. With it `roles` names
    who the keys speak of, and `approval_year` (by default the year of `on`) the year counted in.
    """
    picked = {} if choices is None else choices
    must_be_mapping("choices", picked)
    found = look(programme, on, facts, {} if settings is None else settings)
    past = History(
        programme, approval_year or on.year, read_history(history or {}), dict(roles or {})
    )
    with localcontext(EXACT):
        return decided(programme, Case(found.sight, picked, explained, past), found.lines)


def decided(programme: Programme, case: Case, derived: tuple[DerivedLine, ...]) -> Assessment:
    reasons = reasons_of(programme, case)
    if not programme.amount:
        ask_everything(programme, case)
    amount = case_amount(programme, case) if programme.amount else None
    if case.choices:
        refuse_idle(case, set(choice_names(programme.amount)))
    lines = [line for cap in programme.caps if (line := cap_line(cap, programme, case, amount))]
    if programme.round is not None and programme.round.rank is not None:
        case.fact(programme.round.rank.by)
    decision = decision_of(case, reasons, amount, bool(programme.amount))
    known = amount if decision in {"eligible", "needs_choice"} else None
    if known is not None:
        known = after_caps(known, lines, case)
        decision = "eligible" if known.is_point else "needs_choice"
    if programme.round is not None and decision == "eligible":
        decision = "pending_round"
        known = None if known is None else Interval(Decimal("0.00"), known.high)
    found = assessment(programme, case, decision, known, reasons, lines)
    return replace(found, derived=derived, **divided(programme, case, found.amount))


def divided(programme: Programme, case: Case, amount: Decimal | None) -> dict[str, Any]:
    """The decisions on rows, and how a settled amount is paid, by whom, and what goes back."""
    parts: dict[str, Any] = {"rows": tuple(case.rows)}
    if amount is None:
        return parts
    if case.recover:
        parts["recover"] = total(case.recover).to_fen().low
    return {
        **parts,
        "schedule": instalments(programme, amount),
        "payers": paid_by(programme, amount),
    }


def case_amount(programme: Programme, case: Case) -> Interval | None:
    """The sum of the components, rounded once, before any cap."""
    found = [
        evaluate(node, case, node.id or f"{number}")
        for number, node in enumerate(programme.amount, 1)
    ]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found):
        return None
    exact = total(parts)
    rounded = exact.to_fen()
    if len(parts) > 1:
        case.step("total", rounded, lambda: explain.added_up(parts, rounded))
    if rounded != exact:
        case.step("rounding", rounded, lambda: explain.rounded(rounded))
    return rounded


def ask_everything(programme: Programme, case: Case) -> None:
    """Where no sum is worked out, a case is known once every fact asked for is given."""
    for key, fact in programme.facts.items():
        if not fact.optional and case.holds(fact.asked_if):
            case.fact(key)


def decision_of(
    case: Case, reasons: list[Reason], amount: Interval | None, priced: bool
) -> Decision:
    if any(reason.holds is False for reason in reasons):
        return "ineligible"
    if case.unset:
        return "needs_setting"
    if case.missing or (amount is None and priced):
        return "needs_facts"
    return "eligible" if amount is None or amount.is_point else "needs_choice"


def cap_line(cap: Cap, programme: Programme, case: Case, amount: Interval | None) -> CapLine | None:
    """The cap as it stands on an empty history, or None where it does not apply."""
    if case.holds(cap.when) is False:
        return None
    limit, per = limit_of(cap, case), tuple(case.setting(cap.per))
    cuts = None
    if (cut := case.cut_rows.get(cap.id)) is not None:
        cuts = to_fen(cut)
    elif limit is not None and amount is not None and bites(cap.unit, per, programme):
        cuts = to_fen(amount.high - limit) if amount.high > limit else None
    return CapLine(
        id=cap.id,
        label=cap.label,
        limit=limit,
        per=per,
        period=str(case.setting(cap.period)),
        year_of=str(case.setting(cap.year_of)),
        unit=cap.unit,
        printed=cap.printed,
        cuts=cuts,
    )


def bites(unit: str, per: tuple[str, ...], programme: Programme) -> bool:
    """A cap on each member's payment cannot cut the sum of them before it is shared out."""
    shared = programme.roles.payee == "members" and "payee" in per
    return unit == "yuan" and not shared


def after_caps(amount: Interval, lines: list[CapLine], case: Case) -> Interval:
    for line in lines:
        if line.cuts is not None and line.limit is not None and line.unit == "yuan":
            amount = amount.at_most(line.limit)
            case.step(
                f"cap:{line.id}", amount, partial(explain.cut, line.label, line.limit, line.cuts)
            )
    return amount


def assessment(
    programme: Programme,
    case: Case,
    decision: Decision,
    amount: Interval | None,
    reasons: list[Reason],
    lines: list[CapLine],
) -> Assessment:
    return Assessment(
        programme=programme.code,
        on=case.sight.on,
        decision=decision,
        amount=settled(decision, amount),
        minimum=None if amount is None else amount.low,
        maximum=None if amount is None else amount.high,
        steps=tuple(case.steps),
        reasons=tuple(reasons),
        caps=tuple(lines),
        missing=tuple(key for key in programme.scope if key in case.missing),
        unset=tuple(sorted(case.unset)),
        choices=tuple(case.open.values()),
        assumptions=readings_of(programme, case),
        warnings=warnings_of(programme, case.sight.on),
    )


def settled(decision: Decision, amount: Interval | None) -> Decimal | None:
    """What a round may still cut to nothing is no amount yet, even where it is 0 already."""
    known = amount is not None and amount.is_point and decision != "pending_round"
    return amount.low if amount is not None and known else None


def readings_of(programme: Programme, case: Case) -> tuple[TakenReading, ...]:
    taken = case.sight.settings.readings
    return tuple(
        TakenReading(name, taken[name], assumption.question)
        for name, assumption in programme.assumptions.items()
    )
