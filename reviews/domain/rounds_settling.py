"""A round of the programme's rules over its real cases, by the functions that the simulator uses.

In order of filing each case is assessed and reserved as its ceilings stand, all of it taken back at
once: what they leave is what it enters the round with, as in a simulation. The rules then rank, cut
and share (`settle_round`, largest remainder to the fen). A case is later determined with its share.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import User
from incentives.domain.language import chosen
from incentives.domain.programmes import rules_of
from incentives.models import ProgrammeVersion
from incentives.policy.derive import look
from incentives.policy.rendering import both
from incentives.policy.rounds import RoundEntry, RoundResult, settle_round
from incentives.policy.scalars import Scalar
from incentives.policy.text import InputError
from reviews.domain import reserving
from reviews.domain.assessing import (
    assess_case,
    effective_facts,
    filing_day,
    history_of,
    rules,
    settings_in_force,
    with_kind,
)
from reviews.domain.rounds_scoring import ready_cases, require_window_over
from reviews.models import Application, Determination, ScoringRound

ZERO = Decimal("0.00")


def settlement(found: ScoringRound, cases: Sequence[Application], *, user: User) -> dict[str, Any]:
    """What the locked round gives each of its locked cases, as JSON, with all it rests on."""
    require_window_over(found)
    ready = {case.pk for case in ready_cases(found)}
    _require_one_wording(cases)
    _require_confirmed([case for case in cases if case.pk in ready])
    lines, outside = [], []
    with transaction.atomic():
        for filed, case in enumerate(cases, 1):
            line: dict[str, Any] = {
                "case": case.pk, "number": case.number, "applicant": case.applicant.name,
                "filed": filed,
            }  # fmt: skip
            why = "" if case.pk in ready else case.state
            entered = None if why else _entered(case, user)
            if entered is None or entered[0] <= 0:
                said = why or ("ineligible" if entered is None else "nothing_left")
                outside.append(line | {"why": said, "above": False, "granted": "0.00"})
                continue
            amount, value = entered
            lines.append(line | {"amount": f"{amount:.2f}", **_kept_value(value)})
        transaction.set_rollback(True)  # nothing is reserved yet: the determinations will
    newest = max(cases, key=lambda case: case.version.number)
    kept = {
        "by": "rules", "version": newest.version_id, "settings": settings_in_force(newest),
        "cases": lines, "outside": outside,
    }  # fmt: skip
    return settled_again(kept)


def _require_one_wording(cases: Sequence[Application]) -> None:
    first = rules(cases[0]).round
    if first is None or any(rules(case).round != first for case in cases):
        raise Conflict(
            _("The cases of this round were started on wordings that rank or share differently.")
        )


def _require_confirmed(cases: Sequence[Application]) -> None:
    open_ones = [
        case.number or ""
        for case in cases
        if case.facts.filter(confirmed__isnull=True, declared__isnull=False).exists()
    ]
    if open_ones:
        raise Refused(_("Confirm the facts of these cases first: %s.") % "、".join(open_ones))


def _entered(case: Application, user: User) -> tuple[Decimal, Scalar | None] | None:
    """What the ceilings leave of the case, reserved meanwhile, and the value it is ranked by."""
    facts, settings = effective_facts(case), settings_in_force(case)
    history = history_of(case, facts, settings)
    result = assess_case(case, facts=facts, settings=settings, history=history)
    if result.decision == "ineligible":
        return None
    if result.decision != "pending_round":
        needs = "、".join([*result.missing, *result.unset]) or result.decision
        told = {"case": case.number, "needs": needs}
        raise Refused(_("Case %(case)s is not ready for the round: %(needs)s.") % told)
    draft = Determination(
        application=case, facts=facts, choices={}, readings=settings, reason="",
        assessed=result.maximum or ZERO,
    )  # fmt: skip
    granted = reserving.reserve(case, draft, actor=user, at=timezone.now()).amount
    rank, known = rules(case).round, with_kind(case, facts)
    sight = look(rules(case), filing_day(case), known, settings).sight.facts
    seen = sight.get(rank.rank.by) if rank and rank.rank else None
    return granted, None if isinstance(seen, tuple) else seen


def _kept_value(value: Scalar | None) -> dict[str, Any]:
    """The value as JSON keeps it, with its type where text alone would lose it."""
    if isinstance(value, Decimal):
        return {"value": f"{value:f}", "type": "decimal"}
    if value is None or isinstance(value, bool | int | str):
        return {"value": value, "type": "plain"}
    return {"value": value.isoformat(), "type": "date"}


def settled_again(kept: dict[str, Any]) -> dict[str, Any]:
    """From the entries, the version and the settings that were kept: the same result."""
    version = ProgrammeVersion.objects.get(pk=kept["version"])
    order = sorted(kept["cases"], key=lambda line: line["filed"])
    entries = [
        RoundEntry(line["number"], Decimal(line["amount"]), _value(line), line["filed"])
        for line in order
    ]
    found = _settled(version, entries, kept["settings"])
    told = {line.id: line for line in found.lines}
    inputs = ("case", "number", "applicant", "filed", "amount", "value", "type")
    lines = []
    for line in order:
        own = told[line["number"]]
        lines.append(
            {key: line[key] for key in inputs}
            | {"rank": own.rank, "tied": own.tied, "above": own.admitted and own.amount > 0}
            | {"granted": f"{own.amount:.2f}", "why": both(own.text)}
        )
    left = None if found.left is None else f"{found.left:.2f}"
    return {
        "by": "rules", "version": kept["version"], "settings": kept["settings"],
        "cases": sorted(lines, key=lambda line: (line["rank"] or 0, line["filed"])),
        "outside": kept["outside"], "total": f"{found.total:.2f}", "left": left,
    }  # fmt: skip


def _settled(
    version: ProgrammeVersion, entries: Sequence[RoundEntry], settings: dict[str, Any]
) -> RoundResult:
    try:
        return settle_round(rules_of(version), entries, settings)
    except InputError as error:
        told = [f"{chosen(one.problem)}: {chosen(one.expected)}" for one in error.problems]
        raise Refused(told) from error


def _value(line: dict[str, Any]) -> Scalar | None:
    if line["type"] == "decimal":
        return Decimal(line["value"])
    value: Scalar | None = line["value"]
    return date.fromisoformat(line["value"]) if line["type"] == "date" else value
