"""Facts as columns of a frame: their types, their safe limits, and a row of them read back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from ..facts import LONGEST_ROSTER
from ..questions import ChoiceFact, Fact, RosterFact
from .bounds import LARGEST
from .expressions import column
from .form import Name
from .ground import EXACT_PERCENT
from .typed import TypedValue, ten_to

COLUMN_PERCENT = 6
"""A column holds a percentage as its fraction * 10**6; a finer one is assessed row by row."""

DTYPES: dict[str, pl.DataType] = {
    "money": pl.Int64(),
    "integer": pl.Int64(),
    "percent": pl.Int64(),
    "year": pl.Int64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
    "text": pl.String(),
    "identifier": pl.String(),
}
FINER = ten_to(EXACT_PERCENT - COLUMN_PERCENT)
Scope = Mapping[str, Fact]
TypedFacts = Mapping[str, TypedValue]


def declared(scope: Scope, name: Name) -> Fact:
    """The declaration of a fact or of a roster's column."""
    if name.roster is None:
        return scope[name.key]
    fact = scope[name.roster]
    return fact.columns[name.key] if isinstance(fact, RosterFact) else fact


def dtypes(scope: Scope, names: Iterable[Name]) -> dict[str, pl.DataType]:
    """The column of each fact that is read; a roster's rows hold the columns that are read."""
    read = sorted(names, key=str)
    return {n.key: dtype(scope, n, read) for n in read if n.roster is None and not n.derived}


def dtype(scope: Scope, name: Name, read: Iterable[Name]) -> pl.DataType:
    fact = declared(scope, name)
    if isinstance(fact, RosterFact):
        columns = [n for n in read if n.roster == name.key] or [
            Name(next(iter(fact.columns)), name.key)
        ]
        return pl.List(pl.Struct({n.key: dtype(scope, n, ()) for n in columns}))
    return pl.Enum(list(fact.of)) if isinstance(fact, ChoiceFact) else DTYPES[fact.type]


def beyond(limits: Mapping[Name, int], rosters: Iterable[str]) -> pl.Expr | None:
    """Whether a row holds a number above its limit, or a roster longer than any that is read."""
    tests = [pl.col(key).list.len() > LONGEST_ROSTER for key in rosters]
    tests += [above(name, limit) for name, limit in limits.items()]
    return reduce(or_, (test.fill_null(value=False) for test in tests)) if tests else None


def above(name: Name, limit: int) -> pl.Expr:
    if name.roster is None:
        return ~pl.col(column(name)).is_between(-limit, limit)
    inside = pl.element().struct.field(name.key).is_between(-limit, limit)
    return pl.col(name.roster).list.eval(~inside).list.any()


def reader(
    scope: Scope, needs: Iterable[str]
) -> Callable[[Mapping[str, Any]], dict[str, TypedValue]]:
    """Reads a frame's row into typed facts."""
    percents = {key for key in needs if scope[key].type == "percent"}
    rosters = {key: percents_of(scope[key]) for key in needs if scope[key].type == "roster"}

    def read(row: Mapping[str, Any]) -> dict[str, TypedValue]:
        found = exactly({key: row[key] for key in needs}, percents)
        for key in rosters.keys() & found.keys():
            found[key] = tuple(exactly(each, rosters[key]) for each in row[key])
        return found

    return read


def percents_of(fact: Fact) -> set[str]:
    columns = fact.columns if isinstance(fact, RosterFact) else {}
    return {key for key, column in columns.items() if column.type == "percent"}


def exactly(row: Mapping[str, Any], percents: set[str]) -> dict[str, Any]:
    """What is given, percentages with the places of the row function."""
    return {k: v * FINER if k in percents else v for k, v in row.items() if v is not None}


@dataclass(frozen=True)
class Framed:
    """The frame of those cases that columns can hold, and the ids of the others."""

    frame: pl.DataFrame
    apart: list[Any]


def framed(
    scope: Scope, needs: Mapping[str, pl.DataType], cases: Iterable[tuple[Any, TypedFacts]]
) -> Framed:
    """Cases (id, facts as by read_typed) as the frame a plan takes.

    A percentage with more places than a column has stands apart: it is assessed by its row.
    """
    rows, apart = [], []
    for id_, facts in cases:
        try:
            rows.append({"id": id_, **{k: held(scope[k], facts.get(k)) for k in needs}})
        except TooFine:
            apart.append(id_)
    return Framed(pl.DataFrame(rows, schema={"id": None, **needs}), apart)


class TooFine(ValueError):
    pass


def held(fact: Fact, value: Any) -> Any:
    if isinstance(fact, RosterFact) and value is not None:
        return [{k: held(fact.columns[k], v) for k, v in row.items()} for row in value]
    return coarser(value) if fact.type == "percent" and value is not None else value


def coarser(value: int) -> int:
    whole, rest = divmod(value, FINER)
    if rest or whole > LARGEST:
        raise TooFine
    return whole
