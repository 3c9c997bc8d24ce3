"""The interpreter behind the interface of a compiled function, for what has no compiled form."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from ..assessment import assess
from ..derive import EXACT
from ..overrides import read_settings
from ..programme import Programme
from ..questions import Fact, RosterFact
from ..scalars import trim
from .answer import Compiled, Row
from .ground import EXACT_PERCENT, MONEY_PLACES
from .typed import TypedValue, shifted_exactly


def interpreted(programme: Programme, settings: Mapping[str, Any] | None) -> Row:
    """Raises InputError for settings that cannot be read."""
    taken = {} if settings is None else settings
    read_settings(programme, taken)
    scope = programme.scope

    def row(facts: Mapping[str, TypedValue], on: date) -> Compiled:
        raw = {key: written(scope[key], value) for key, value in facts.items()}
        found = assess(programme, on, raw, {}, taken, explained=False)
        return Compiled(found.decision, fen(found.minimum), fen(found.maximum))

    return row


def written(fact: Fact, value: Any) -> Any:
    """A typed fact as the interpreter reads it."""
    if isinstance(fact, RosterFact):
        return [{k: written(fact.columns[k], v) for k, v in row.items()} for row in value]
    with localcontext(EXACT):
        if fact.type == "percent":
            return f"{trim(Decimal(value).scaleb(2 - EXACT_PERCENT)):f}%"
        return Decimal(value).scaleb(-MONEY_PLACES) if fact.type == "money" else value


def fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else shifted_exactly(yuan, MONEY_PLACES)
