"""Runs a programme's examples, and finds numbers that could change without any noticing."""

from collections.abc import Mapping
from decimal import Decimal

from .assessment import assess
from .examples import Example
from .keys import granted
from .programme import Programme
from .result import Assessment
from .text import InputError


def failures(programme: Programme, example: Example) -> list[str]:
    """What the programme answers otherwise than the example says; empty when it agrees."""
    try:
        found = assess(
            programme,
            example.day,
            example.facts,
            example.choices,
            example.settings,
            explained=False,
        )
    except InputError as error:
        return [str(error)]
    answers = {**vars(found), "granted": granted_after(found, example.after)}
    expected = {**example.expected(), "granted": example.granted}
    cutting = tuple(line.id for line in found.caps if line.cuts is not None)
    if sorted(cutting) != sorted(example.cut_by):
        return [f"cut_by: expected {list(example.cut_by)}, found {list(cutting)}"]
    return [
        differs(name, wanted, answers[name], found)
        for name, wanted in expected.items()
        if wanted is not None and answers[name] != wanted
    ]


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
