"""Registry records as the frame that a compiled programme takes.

What is written in its plain form is read by columns; the few other values one by one, by the
reader that cases are read by. What cannot be read is not given, exactly as for a single case.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from incentives.domain.registry_keys import registry_key
from incentives.policy.compiled.typed import typed
from incentives.policy.compiled.typed_columns import COLUMN_PERCENT, TooFine, held
from incentives.policy.facts import read_fact, read_roster
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import ChoiceFact, Fact, RangedFact, RosterFact
from incentives.policy.scalars import literal
from incentives.policy.text import BadValue, Problem

PLAIN = {
    "money": r"^\d{1,15}(\.\d{1,2})?$",
    "integer": r"^\d{1,14}$",
    "year": r"^(19|20|21)\d\d$",
    "percent": rf"^(0(\.\d{{1,{COLUMN_PERCENT}}})?|1)$",
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "boolean": r"^(true|false)$",
    "text": r"^[!-~]{1,2000}$",
    "identifier": r"^[0-9A-Z-]{1,200}$",
}
PLACES = {"money": 2, "percent": COLUMN_PERCENT}
ENTRY = {name: pl.String() for name in ("title", "level", "from", "until")}


@dataclass(frozen=True)
class Read:
    """The frame, and the ids of the rows with a value too fine for its column."""

    frame: pl.DataFrame
    apart: frozenset[int]


def typed_frame(rules: Rules, needs: Mapping[str, pl.DataType], texts: pl.DataFrame) -> Read:
    """A frame with `id` and the columns that a plan needs, from a slice of the registry."""
    apart: set[int] = set()
    columns = {key: _column(rules, key, dtype, texts, apart) for key, dtype in needs.items()}
    frame = texts.select("id").with_columns(s.alias(key) for key, s in columns.items())
    return Read(frame, frozenset(apart))


def _column(
    rules: Rules, key: str, dtype: pl.DataType, texts: pl.DataFrame, apart: set[int]
) -> pl.Series:
    if key == "applicant_kind":
        return texts[key].cast(dtype, strict=False)
    if key == "recognitions":
        return recognitions(texts[key], dtype)
    fact = rules.facts.get(key)
    name = registry_key(rules, key) if fact else key
    if fact is None or name not in texts.columns:
        return pl.Series(key, [None] * texts.height, dtype=dtype)
    return typed_column(fact, dtype, texts[name], texts["id"], apart)


def recognitions(written: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The entries with the columns that are read; dates as dates."""
    assert isinstance(dtype, pl.List)  # noqa: S101  # for the type: a roster always is
    inner: Any = dtype.inner
    wanted = {field.name: field.dtype for field in inner.fields}
    entry = pl.element().struct.field
    parts = [
        entry(name).str.to_date(strict=False) if of == pl.Date else entry(name)
        for name, of in wanted.items()
    ]
    decoded = written.str.json_decode(pl.List(pl.Struct(ENTRY)))
    frame = decoded.alias("written").to_frame()
    return frame.select(pl.col("written").list.eval(pl.struct(parts)).cast(dtype)).to_series()


def typed_column(
    fact: Fact, dtype: pl.DataType, texts: pl.Series, ids: pl.Series, apart: set[int]
) -> pl.Series:
    """The values of one fact, null where there is none that can be read."""
    frame = texts.alias("text").to_frame()
    plain = pl.col("text").is_in(list(fact.of)) if isinstance(fact, ChoiceFact) else _plain(fact)
    value = pl.when(plain).then(pl.col("text"))
    found = frame.select(value=_value(fact, value, dtype), odd=~plain)
    column = _within(fact, found["value"])
    odd = found["odd"].fill_null(value=False)
    return _one_by_one(fact, column, texts, odd, ids, apart) if odd.any() else column


def _plain(fact: Fact) -> pl.Expr:
    pattern = PLAIN.get(fact.type)
    text = pl.col("text")
    if pattern is None:  # a roster
        return pl.when(text.is_not_null()).then(pl.lit(False))
    return text.str.contains(pattern)


def _value(fact: Fact, text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if fact.type in PLACES:
        places = PLACES[fact.type]
        parts = text.str.split_exact(".", 1).struct
        rest = parts.field("field_1").fill_null("").str.pad_end(places, "0")
        return (parts.field("field_0") + rest).cast(pl.Int64)
    if fact.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if fact.type == "boolean":
        return text == "true"
    if isinstance(fact, RosterFact):
        return pl.lit(None, dtype)
    return text.cast(dtype)


def _within(fact: Fact, column: pl.Series) -> pl.Series:
    """A value outside the fact's bounds is none that can be read."""
    if not isinstance(fact, RangedFact):
        return column
    low, high = (
        None if bound is None else _held(fact, literal(fact.type, bound))
        for bound in (fact.minimum, fact.maximum)
    )
    value = pl.col(column.name)
    if low is not None:
        column = column.to_frame().select(pl.when(value >= low).then(value)).to_series()
    if high is not None:
        column = column.to_frame().select(pl.when(value <= high).then(value)).to_series()
    return column


def _held(fact: Fact, value: Any) -> Any:
    return held(fact, typed(fact, value))


def _one_by_one(
    fact: Fact, column: pl.Series, texts: pl.Series, odd: pl.Series, ids: pl.Series, apart: set[int]
) -> pl.Series:
    values = column.to_list()
    for place in odd.arg_true():
        try:
            values[place] = _read(fact, texts[place])
        except TooFine:
            apart.add(ids[place])
    return pl.Series(column.name, values, dtype=column.dtype)


def _read(fact: Fact, text: str) -> Any:
    try:
        if not isinstance(fact, RosterFact):
            return _held(fact, read_fact(fact, text))
        problems: list[Problem] = []
        rows = read_roster(fact.type, fact, json.loads(text), problems)
        return None if problems or not rows else _held(fact, rows)
    except (BadValue, json.JSONDecodeError):
        return None
