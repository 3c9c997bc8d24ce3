"""Facts read once into the form that compiled programmes take."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ..facts import Value, read_facts
from ..programme import Programme
from ..questions import Fact, RosterFact
from ..scalars import Scalar
from .ground import EXACT_PERCENT, MONEY_PLACES

Typed = int | str | bool | date
TypedRow = Mapping[str, Typed]
TypedValue = Typed | tuple[TypedRow, ...]


def read_typed(programme: Programme, raw: Mapping[str, Any]) -> dict[str, TypedValue]:
    """Facts by key: money as int fen, percent as int fraction * 10**24, dates as date.

    Empty facts are left out; a roster is a tuple of rows by column. Raises InputError as assess.
    """
    scope = programme.scope
    return {key: typed(scope[key], value) for key, value in read_facts(programme, raw).items()}


def typed(fact: Fact, value: Value) -> TypedValue:
    if not isinstance(value, tuple):
        return scaled(fact.type, value)
    columns = fact.columns if isinstance(fact, RosterFact) else {}
    return tuple({k: scaled(columns[k].type, v) for k, v in row.items()} for row in value)


def scaled(kind: str, value: Scalar) -> Typed:
    if not isinstance(value, Decimal):
        return value
    return shifted_exactly(value, MONEY_PLACES if kind == "money" else EXACT_PERCENT)


def shifted_exactly(value: Decimal, places: int) -> int:
    """value * 10**places, exact however many digits there are."""
    _, digits, exponent = value.as_tuple()
    return int("".join(map(str, digits))) * ten_to(int(exponent) + places)


def ten_to(places: int) -> int:
    """10**places, for a count that is not below 0."""
    return int(10**places)
