"""The case phase: from facts and choices to a decision, an amount and the reasons for both."""

from collections.abc import Mapping
from datetime import date
from decimal import Context, localcontext
from functools import partial
from typing import Any

from . import explain
from .caps import Cap
from .case import Case
from .choose import refuse_idle
from .evaluate import evaluate
from .examples import Decision
from .facts import must_be_mapping, read_facts
from .interval import Interval, total
from .judge import Sight
from .lookup import looked_up
from .overrides import read_settings
from .programme import Programme
from .reasons import reasons_of, warnings_of
from .result import Assessment, CapLine, Reason, TakenReading
from .scalars import to_fen
from .walk import choice_names

EXACT = Context(prec=200)


def assess(
    programme: Programme,
    on: date,
    facts: Mapping[str, Any],
    choices: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    explained: bool = True,
) -> Assessment:
    """Assess one case on a day; raises InputError for facts, choices or settings it must refuse.

    `explained=False` leaves the steps out.
    """
    picked = {} if choices is None else choices
    must_be_mapping("choices", picked)
    taken = read_settings(programme, {} if settings is None else settings)
    sight = Sight(on, programme.scope, read_facts(programme, facts), taken)
    with localcontext(EXACT):
        return decided(programme, Case(sight, picked, explained))


def decided(programme: Programme, case: Case) -> Assessment:
    reasons = reasons_of(programme, case)
    if not programme.amount:
        ask_everything(programme, case)
    amount = case_amount(programme, case) if programme.amount else None
    refuse_idle(case, set(choice_names(programme.amount)))
    lines = [line for cap in programme.caps if (line := cap_line(cap, programme, case, amount))]
    decision = decision_of(case, reasons, amount, bool(programme.amount))
    known = amount if decision in {"eligible", "needs_choice"} else None
    if known is not None:
        known = after_caps(known, lines, case)
        decision = "eligible" if known.is_point else "needs_choice"
    return assessment(programme, case, decision, known, reasons, lines)


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
    limit, per = looked_up(cap.limit, case), tuple(case.setting(cap.per))
    cuts = None
    if limit is not None and amount is not None and bites(cap.unit, per, programme):
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
        if line.cuts is not None and line.limit is not None:
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
        amount=amount.low if amount is not None and amount.is_point else None,
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


def readings_of(programme: Programme, case: Case) -> tuple[TakenReading, ...]:
    taken = case.sight.settings.readings
    return tuple(
        TakenReading(name, taken[name], assumption.question)
        for name, assumption in programme.assumptions.items()
    )
