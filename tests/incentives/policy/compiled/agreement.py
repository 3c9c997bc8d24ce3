"""The three ways of assessing one case, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from random import Random
from typing import Any

from incentives.policy import InputError, Programme, assess
from incentives.policy.compiled import (
    GRANTABLE,
    Compiled,
    TypedValue,
    compile_columns,
    compile_rows,
    framed,
    read_typed,
)
from tests.incentives.policy.compiled.drawing import Draw, Source

Facts = Mapping[str, Any]


def fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else int(Context(prec=200).multiply(yuan, Decimal(100)))


def interpreted(programme: Programme, on: date, facts: Facts, settings: Facts) -> Compiled:
    found = assess(programme, on, facts, {}, settings, explained=False)
    assert found.amount in {None, found.minimum}
    return Compiled(found.decision, fen(found.minimum), fen(found.maximum))


def readable(
    programme: Programme, on: date, facts: Facts, settings: Facts
) -> tuple[Mapping[str, TypedValue], Compiled] | None:
    """The facts in typed form and the interpreter's answer; None where it refuses the facts."""
    try:
        return read_typed(programme, facts), interpreted(programme, on, facts, settings)
    except InputError:
        return None


@dataclass(frozen=True)
class Disagreement:
    facts: Facts
    interpreted: Compiled
    by_row: Compiled
    by_column: Compiled | None
    """None where a column cannot hold the facts."""
    grantable: bool


def disagreements(
    programme: Programme, settings: Facts, on: date, cases: list[Facts]
) -> list[Disagreement]:
    read = [readable(programme, on, facts, settings) for facts in cases]
    known = {i: found for i, found in enumerate(read) if found is not None}
    row, plan = compile_rows(programme, settings), compile_columns(programme, settings)
    sized = ((i, typed) for i, (typed, answer) in known.items() if (answer.maximum or 0) < 2**63)
    held = framed(programme.scope, plan.needs, sized)
    columns = {id_: Compiled(*found) for id_, *found in plan.apply(held.frame, on).iter_rows()}
    grantable = set(plan.grantable(held.frame, on)["id"])
    found = [
        Disagreement(cases[i], answer, row(typed, on), columns.get(i), i in grantable)
        for i, (typed, answer) in known.items()
    ]
    return [each for each in found if not agrees(each)]


def agrees(found: Disagreement) -> bool:
    answers = {found.interpreted, found.by_row, found.by_column or found.interpreted}
    may_be_granted = found.by_column is not None and found.by_column.decision in GRANTABLE
    return len(answers) == 1 and found.grantable == may_be_granted


def drawn(source: Source, random: Random, count: int) -> list[Any]:
    """The disagreements over so many random cases under one set of random settings."""
    draw = Draw(source, random)
    settings, cases = draw.settings(), [draw.facts() for _ in range(count)]
    found = disagreements(source.programme, settings, draw.on, cases)
    return [(settings, draw.on, each) for each in found]
