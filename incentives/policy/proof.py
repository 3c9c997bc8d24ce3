"""Runs a programme's examples, and finds numbers that could change without any noticing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .assessment import assess
from .examples import Example, RoundCase
from .keys import granted, tally_keys
from .programme import Programme
from .result import Assessment
from .rounds import RoundEntry, round_entry, settle_round
from .scalars import Scalar, read_scalar
from .text import InputError


def failures(programme: Programme, example: Example) -> list[str]:
    """What the programme answers otherwise than the example says; empty when it agrees."""
    try:
        found = assessed(programme, example)
        rounds = round_failures(programme, example)
    except InputError as error:
        return [str(error)]
    answers = answers_of(found, example.after)
    expected = {**example.expected(), "granted": example.granted}
    cutting = tuple(line.id for line in found.caps if line.cuts is not None)
    if sorted(cutting) != sorted(example.cut_by):
        return [f"cut_by: expected {list(example.cut_by)}, found {list(cutting)}"]
    return rounds + [
        differs(name, wanted, answers[name], found)
        for name, wanted in expected.items()
        if wanted is not None and answers[name] != wanted
    ]


def assessed(programme: Programme, example: Example) -> Assessment:
    day = example.day
    facts = dict(example.facts)
    if example.recognitions is not None:
        facts["recognitions"] = list(example.recognitions)
    return assess(
        programme,
        day,
        facts,
        example.choices,
        example.settings,
        explained=False,
        history=history_of(programme, example, facts),
        roles=ANYONE,
        approval_year=(example.approved_on or day).year,
    )


ANYONE = {"applicant": "A", "payee": "A"}
"""Examples tell what was granted before by the name of a tally; any one applicant will do."""


def history_of(programme: Programme, example: Example, facts: dict[str, Any]) -> dict[str, Decimal]:
    if not example.history:
        return {}
    year = (example.approved_on or example.day).year
    roles = ANYONE if programme.roles.subject else {**ANYONE, "subject": "A"}
    keys = tally_keys(programme, facts, roles, example.settings, year)
    return {keys[name]: before for name, before in example.history.items()}


def answers_of(found: Assessment, after: Mapping[str, Decimal]) -> dict[str, object]:
    return {
        **vars(found),
        "granted": granted_after(found, after),
        "rows": tuple(line.minimum for line in found.rows),
        "schedule": tuple(line.amount for line in found.schedule),
        "payers": dict(found.payers),
    }


def round_failures(programme: Programme, example: Example) -> list[str]:
    """Where the settlement of the example's round differs from what it says."""
    if example.round is None:
        return []
    wanted, cases = example.round.amounts, example.round.entries
    entries = [entry_of(programme, example, case) for case in cases]
    found = settle_round(programme, entries, example.settings, withdrawn=example.round.withdrawn)
    answers = {line.id: line.amount for line in found.lines}
    return [] if answers == wanted else [f"round: expected {shown(wanted)}, found {shown(answers)}"]


def shown(amounts: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in amounts.items())


def entry_of(programme: Programme, example: Example, case: RoundCase) -> RoundEntry:
    if case.facts is None:
        return RoundEntry(
            case.id, case.amount or Decimal(0), read_rank(programme, case), case.filed
        )
    return round_entry(
        programme,
        case.id,
        example.day,
        case.facts,
        case.choices,
        example.settings,
        filed=case.filed,
    )


def read_rank(programme: Programme, case: RoundCase) -> Scalar | None:
    rank = programme.round.rank if programme.round is not None else None
    if rank is None or case.rank is None:
        return None
    return read_scalar(programme.scope[rank.by].type, case.rank)


def differs(name: str, wanted: object, answer: object, found: Assessment) -> str:
    needs = ", ".join([*found.missing, *found.unset])
    why = f" (decision {found.decision}{f', needs {needs}' if needs else ''})"
    return f"{name}: expected {wanted}, found {answer}{why}"


def granted_after(found: Assessment, after: Mapping[str, Decimal]) -> Decimal | None:
    """What is granted when the caps named have been used so far before."""
    if found.amount is None:
        return None
    used = [(line, after.get(line.id, Decimal(0))) for line in found.caps]
    return granted(found.amount, used).amount
