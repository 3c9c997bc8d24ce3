"""A programme as polars expressions: many organisations assessed at once, exact to the fen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

import polars as pl

from ..examples import Decision
from ..programme import Programme
from ..questions import RosterFact
from .answer import Row
from .bounds import LARGEST, safe_limits
from .expressions import ColumnWriter, column
from .form import NO, NOUGHT, Name, NotCompiled, Truth
from .lowering import Lowered, lower
from .parts import looks_out_of_rows, names_in
from .rows import compile_rows
from .typed_columns import COLUMN_PERCENT, beyond, declared, dtypes, reader

DECISION = pl.Enum(get_args(Decision))
GRANTABLE = ("pending_round", "needs_choice", "eligible")
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
    by_row: str | None
    row: Row = field(repr=False)
    limits: Mapping[Name, int] = field(default_factory=dict)
    lowered: Lowered | None = field(default=None, repr=False)

    def apply(self, frame: pl.DataFrame, on: date) -> pl.DataFrame:
        """id, decision, minimum and maximum (fen, null where not known) of each row, in order.

        Raises OverflowError for a sum of 2**63 fen or more.
        """
        facts = self.facts(frame)
        if self.lowered is None:
            return self.one_by_one(facts, on)
        columns = Columns(self.lowered, self.beyond, on)
        apart = columns.apart(facts)
        if apart is None:
            return columns.assessed(facts)
        order = pl.concat([(~apart).arg_true(), apart.arg_true()]).arg_sort()
        found = columns.assessed(facts.filter(~apart))
        return pl.concat([found, self.one_by_one(facts.filter(apart), on)])[order]

    def grantable(self, frame: pl.DataFrame, on: date) -> pl.DataFrame:
        """The same for the rows that are eligible, need a choice or wait for a round only."""
        return self.granted(self.hopeful(frame.lazy(), on).collect(), on)

    def hopeful(self, frame: pl.LazyFrame, on: date) -> pl.LazyFrame:
        """The facts of rows that hold every condition, and of those that columns cannot tell of."""
        if self.lowered is None:
            return frame.select("id", *self.needs)
        columns = Columns(self.lowered, self.beyond, on)
        return columns.hopeful(frame.select(self.read)).select("id", *self.needs)

    def granted(self, facts: pl.DataFrame, on: date) -> pl.DataFrame:
        return self.apply(facts, on).filter(pl.col("decision").is_in(GRANTABLE))

    def facts(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(self.read)

    @property
    def read(self) -> list[pl.Expr]:
        """What is read; a roster without rows is not given."""
        return [pl.col("id"), *(given(key, dtype) for key, dtype in self.needs.items())]

    @property
    def beyond(self) -> pl.Expr | None:
        rosters = [key for key, dtype in self.needs.items() if isinstance(dtype, pl.List)]
        return beyond(self.limits, rosters)

    def one_by_one(self, facts: pl.DataFrame, on: date) -> pl.DataFrame:
        read = reader(self.programme.scope, self.needs)
        found = [self.row(read(row), on) for row in facts.iter_rows(named=True)]
        for id_, answer in zip(facts["id"], found, strict=True):
            if answer.maximum is not None and answer.maximum > LARGEST:
                raise OverflowError(f"{self.programme.code}: the sum of {id_} is beyond 64 bits")
        return facts.select("id").hstack(pl.DataFrame(found, schema=RESULT, orient="row"))


def given(key: str, dtype: pl.DataType) -> pl.Expr:
    seen = pl.col(key)
    if not isinstance(dtype, pl.List) or key == "recognitions":
        return seen
    return pl.when(seen.list.len() > 0).then(seen)


class Columns:
    """The expressions of one programme on one day."""

    def __init__(self, lowered: Lowered, beyond: pl.Expr | None, on: date) -> None:
        self.lowered = lowered
        self.beyond = beyond
        self.writer = ColumnWriter(on)

    def apart(self, facts: pl.DataFrame) -> pl.Series | None:
        """Which rows hold a number that the arithmetic might not bear; None if none does."""
        if self.beyond is None:
            return None
        found = self.with_derived(facts.lazy()).select(self.beyond).collect().to_series()
        return found if found.any() else None

    def hopeful(self, facts: pl.LazyFrame) -> pl.LazyFrame:
        holds = self.writer.write(self.lowered.decided)
        wanted = holds if self.beyond is None else holds | self.beyond
        return self.with_derived(facts).filter(wanted)

    def with_derived(self, found: pl.LazyFrame) -> pl.LazyFrame:
        for let in self.lowered.lets:
            number, known = self.writer.write(let.number), self.writer.write(let.known)
            found = found.with_columns(pl.when(known).then(number).alias(column(let.name)))
        return found

    def assessed(self, facts: pl.DataFrame) -> pl.DataFrame:
        low, high = (self.writer.write(n or NOUGHT) for n in (self.lowered.low, self.lowered.high))
        found = self.with_derived(facts.lazy()).select(
            "id", self.refused, minimum=low, maximum=high
        )
        decision = pl.coalesce("refused", self.granted).alias("decision")
        return found.select("id", decision, *self.sums).collect()

    @property
    def refused(self) -> pl.Expr:
        """The decision that nothing is granted yet, null where it may be."""
        refusals: dict[Decision, Truth] = {
            "ineligible": self.lowered.fails,
            "needs_setting": self.lowered.unset,
            "needs_facts": self.lowered.missing,
        }
        cases = [(self.writer.write(t), code(name)) for name, t in refusals.items() if t != NO]
        return self.writer.first_of(cases, pl.lit(None, DECISION)).alias("refused")

    @property
    def granted(self) -> pl.Expr:
        granted = code(self.lowered.grants)
        if self.is_point:
            return granted
        return pl.when(OPEN).then(code("needs_choice")).otherwise(granted)

    @property
    def is_point(self) -> bool:
        return self.lowered.low == self.lowered.high

    @property
    def sums(self) -> list[pl.Expr]:
        if self.lowered.low is None:
            return [pl.lit(None, pl.Int64).alias(name) for name in SUMS]
        low, high = (pl.col(name) for name in SUMS)
        if self.lowered.grants == "pending_round":
            low = pl.lit(0, pl.Int64) if self.is_point else pl.when(OPEN).then(low).otherwise(0)
        known = pl.col("refused").is_null()
        return [
            pl.when(known).then(end).cast(pl.Int64).alias(name)
            for name, end in zip(SUMS, (low, high), strict=True)
        ]


OPEN = pl.col("minimum") < pl.col("maximum")


def code(decision: Decision) -> pl.Expr:
    return pl.lit(decision, DECISION)


def compile_columns(programme: Programme, settings: Mapping[str, Any] | None = None) -> Plan:
    """The programme under these settings over columns of facts.

    Raises InputError for settings that cannot be read.
    """
    row = compile_rows(programme, settings)
    try:
        lowered = lower(programme, settings, percent_places=COLUMN_PERCENT)
        parts = (*lowered.parts, *lowered.lets)
        needs = dtypes(programme.scope, names_in(parts))
        if looks_out_of_rows(parts):
            return Plan(programme, needs, "a row of a roster reads facts outside it", row)
        return Plan(programme, needs, None, row, limits_of(programme, parts), lowered)
    except NotCompiled as why:
        return Plan(programme, dtypes(programme.scope, every_name(programme)), str(why), row)


def limits_of(programme: Programme, parts: tuple[object, ...]) -> dict[Name, int]:
    names = names_in(parts)
    return safe_limits(parts, {n: declared(programme.scope, n).type for n in names})


def every_name(programme: Programme) -> list[Name]:
    """Every fact that may be given, with every column."""
    found = [Name(key) for key in programme.given]
    rosters = ((k, f) for k, f in programme.given.items() if isinstance(f, RosterFact))
    return [*found, *(Name(column, key) for key, fact in rosters for column in fact.columns)]
