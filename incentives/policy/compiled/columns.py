"""A programme as polars expressions: many organisations assessed at once, exact to the fen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

import polars as pl

from ..examples import Decision
from ..programme import Programme
from .bounds import safe_limits
from .expressions import ColumnWriter
from .form import NO, NOUGHT, Name, NotCompiled, Number, Truth
from .lower import Lowered, lower
from .parts import looks_out_of_rows, names_in
from .rows import Row, compile_rows
from .typed_columns import COLUMN_PERCENT, beyond, declared, dtypes, reader

DECISION = pl.Enum(get_args(Decision))
GRANTABLE = ("needs_choice", "eligible")
SUMS = ("minimum", "maximum")
RESULT = {"decision": DECISION, "minimum": pl.Int64(), "maximum": pl.Int64()}


@dataclass(frozen=True)
class Plan:
    """A programme ready for frames with a column `id` and one for each of `needs`.

    Money is in fen, a percentage its fraction * 10**6, null what is not given. Rows with a number
    above its limit, which 64 bits might not hold, are assessed one by one; all rows are where
    `by_row` says why.
    """

    programme: Programme
    needs: Mapping[str, pl.DataType]
    limits: Mapping[Name, int]
    by_row: str | None
    lowered: Lowered = field(repr=False)
    row: Row = field(repr=False)

    def apply(self, frame: pl.DataFrame, on: date) -> pl.DataFrame:
        """id, decision, minimum and maximum (fen, null where not known) of each row, in order."""
        facts = self.facts(frame)
        if self.by_row is not None:
            return self.one_by_one(facts, on)
        apart = facts.select(self.beyond).to_series()
        if not apart.any():
            return self.at_once(facts, on)
        order = pl.concat([(~apart).arg_true(), apart.arg_true()]).arg_sort()
        found = [self.at_once(facts.filter(~apart), on), self.one_by_one(facts.filter(apart), on)]
        return pl.concat(found)[order]

    def grantable(self, frame: pl.DataFrame, on: date) -> pl.DataFrame:
        """The same for the rows that are eligible or need a choice only."""
        facts = self.facts(frame)
        if self.by_row is None:
            facts = facts.filter(ColumnWriter(on).write(self.lowered.decided) | self.beyond)
        return self.apply(facts, on).filter(pl.col("decision").is_in(GRANTABLE))

    def facts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What is read; a roster without rows is not given."""
        return frame.select("id", *(given(key, dtype) for key, dtype in self.needs.items()))

    @property
    def beyond(self) -> pl.Expr:
        rosters = [key for key, dtype in self.needs.items() if isinstance(dtype, pl.List)]
        return beyond(self.limits, rosters)

    def at_once(self, facts: pl.DataFrame, on: date) -> pl.DataFrame:
        writer, lowered = ColumnWriter(on), self.lowered
        low, high = (writer.write(n or NOUGHT) for n in (lowered.low, lowered.high))
        found = facts.lazy().select("id", refused(lowered, writer), minimum=low, maximum=high)
        decision = pl.coalesce("refused", accepted(lowered)).alias("decision")
        return found.select("id", decision, *known_sums(lowered)).collect()

    def one_by_one(self, facts: pl.DataFrame, on: date) -> pl.DataFrame:
        read = reader(self.programme.scope, self.needs)
        found = [self.row(read(row), on) for row in facts.iter_rows(named=True)]
        return facts.select("id").hstack(pl.DataFrame(found, schema=RESULT, orient="row"))


def given(key: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(key)
    return pl.when(column.list.len() > 0).then(column) if isinstance(dtype, pl.List) else column


def refused(lowered: Lowered, writer: ColumnWriter) -> pl.Expr:
    """The decision that nothing is granted yet, null where it may be."""
    refusals: dict[Decision, Truth] = {
        "ineligible": lowered.fails,
        "needs_setting": lowered.unset,
        "needs_facts": lowered.missing,
    }
    cases = [(writer.write(t), code(name)) for name, t in refusals.items() if t != NO]
    return writer.first_of(cases, pl.lit(None, DECISION)).alias("refused")


def accepted(lowered: Lowered) -> pl.Expr:
    if lowered.low == lowered.high:
        return code("eligible")
    open_ = pl.col("minimum") < pl.col("maximum")
    return pl.when(open_).then(code("needs_choice")).otherwise(code("eligible"))


def code(decision: Decision) -> pl.Expr:
    return pl.lit(decision, DECISION)


def known_sums(lowered: Lowered) -> list[pl.Expr]:
    if lowered.low is None:
        return [pl.lit(None, pl.Int64).alias(name) for name in SUMS]
    return [pl.when(pl.col("refused").is_null()).then(pl.col(name)).alias(name) for name in SUMS]


def compile_columns(programme: Programme, settings: Mapping[str, Any] | None = None) -> Plan:
    """The programme under these settings over columns of facts.

    Raises InputError for settings that cannot be read, NotCompiled for what has no compiled form.
    """
    lowered = lower(programme, settings, percent_places=COLUMN_PERCENT)
    parts = (*parts_of(lowered),)
    names = names_in(parts)
    by_row, limits = why_by_row(lowered, parts, names)
    needs = dtypes(programme.scope, names)
    return Plan(programme, needs, limits, by_row, lowered, compile_rows(programme, settings))


def parts_of(lowered: Lowered) -> Iterator[Number | Truth]:
    yield from (lowered.fails, lowered.decided, lowered.unset, lowered.missing)
    yield from (number for number in (lowered.low, lowered.high) if number is not None)


def why_by_row(
    lowered: Lowered, parts: tuple[Number | Truth, ...], names: list[Name]
) -> tuple[str | None, dict[Name, int]]:
    """Why columns do not do, or the limits within which they do."""
    if looks_out_of_rows(parts):
        return "a row of a roster reads facts outside it", {}
    types = {name: declared(lowered.programme.scope, name).type for name in names}
    try:
        return None, safe_limits(parts, types)
    except NotCompiled as why:
        return str(why), {}
