"""The intermediate form as polars expressions over Int64: what no row could overflow."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce, singledispatchmethod
from operator import add, and_, eq, ge, gt, le, lt, or_

import polars as pl

from ..judge import first_day
from .form import (
    All,
    Among,
    Back,
    Compare,
    CompareDays,
    Const,
    Count,
    Day,
    DayVar,
    Given,
    Greatest,
    Least,
    Lookup,
    Minus,
    Name,
    Not,
    Number,
    OnDay,
    Pick,
    Plus,
    Quotient,
    Rounded,
    Same,
    Settled,
    Shift,
    Some,
    SomeRow,
    SumRows,
    Times,
    Truth,
    Var,
    YearOf,
    YearsSince,
)

OPERATORS = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def column(name: Name) -> str:
    """A derived value stands in a column of its own, beside a fact of its name."""
    return f"_{name.key}" if name.derived else name.key


def whole(value: int) -> pl.Expr:
    return pl.lit(value, pl.Int64)


@dataclass(frozen=True)
class ColumnWriter:
    """`on` is the day of the case; inside a list `row` stands for its element."""

    on: date
    row: pl.Expr = field(default_factory=pl.element)

    def read(self, name: Name) -> pl.Expr:
        if name.roster is not None:
            return self.row.struct.field(name.key)
        return pl.col(column(name))

    @singledispatchmethod
    def write(self, part: Number | Truth | Day) -> pl.Expr:
        raise TypeError(f"no column for {type(part).__name__}")

    @write.register
    def _(self, part: Const) -> pl.Expr:
        return whole(part.value)

    @write.register
    def _(self, part: Var) -> pl.Expr:
        return self.read(part.name)

    @write.register
    def _(self, part: Shift) -> pl.Expr:
        return self.write(part.of) * whole(10**part.by)

    @write.register
    def _(self, part: Times) -> pl.Expr:
        return self.write(part.one) * self.write(part.other)

    @write.register
    def _(self, part: Plus) -> pl.Expr:
        return reduce(add, map(self.write, part.parts))

    @write.register
    def _(self, part: Minus) -> pl.Expr:
        return self.write(part.one) - self.write(part.other)

    @write.register
    def _(self, part: Least) -> pl.Expr:
        *parts, last = part.parts
        if len(parts) == 1 and isinstance(last, Const):
            return self.write(parts[0]).clip(upper_bound=whole(last.value))
        return pl.min_horizontal(*map(self.write, part.parts))

    @write.register
    def _(self, part: Greatest) -> pl.Expr:
        *parts, last = part.parts
        if len(parts) == 1 and isinstance(last, Const):
            return self.write(parts[0]).clip(lower_bound=whole(last.value))
        return pl.max_horizontal(*map(self.write, part.parts))

    @write.register
    def _(self, part: Pick) -> pl.Expr:
        cases = [(self.write(truth), self.write(number)) for truth, number in part.cases]
        return self.first_of(cases, self.write(part.otherwise))

    @staticmethod
    def first_of(cases: list[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
        for truth, found in reversed(cases):
            otherwise = pl.when(truth).then(found).otherwise(otherwise)
        return otherwise

    @write.register
    def _(self, part: Lookup) -> pl.Expr:
        seen, (*first, (_, last)) = self.read(part.name), part.table
        return self.first_of([(seen == pl.lit(v), whole(n)) for v, n in first], whole(last))

    @write.register
    def _(self, part: Count) -> pl.Expr:
        return self.read(part.roster).list.len().cast(pl.Int64)

    @write.register
    def _(self, part: SumRows) -> pl.Expr:
        each = replace(self, row=pl.element()).write(part.each)
        return self.read(part.roster).list.eval(each).list.sum()

    @write.register
    def _(self, part: Rounded) -> pl.Expr:
        unit = 10 ** (part.of.places - part.places)
        return (self.write(part.of) + whole(unit // 2)) // whole(unit)

    @write.register
    def _(self, part: Settled) -> pl.Expr:
        return pl.lit(part.value)

    @write.register
    def _(self, part: Given) -> pl.Expr:
        return self.read(part.name).is_not_null()

    @write.register
    def _(self, part: Not) -> pl.Expr:
        if isinstance(part.of, Given):
            return self.read(part.of.name).is_null()
        return ~self.write(part.of)

    @write.register
    def _(self, part: All) -> pl.Expr:
        return reduce(and_, map(self.write, part.parts))

    @write.register
    def _(self, part: Some) -> pl.Expr:
        return reduce(or_, map(self.write, part.parts))

    @write.register
    def _(self, part: Compare) -> pl.Expr:
        one, other = self.write(part.one), self.write(part.other)
        found: pl.Expr = OPERATORS[part.comparison](one, other)
        return found

    @write.register
    def _(self, part: Among) -> pl.Expr:
        seen = self.read(part.name)
        if part.values == {True}:
            return seen
        if part.values == {False}:
            return ~seen
        return reduce(or_, (seen == pl.lit(value) for value in sorted(part.values, key=repr)))

    @write.register
    def _(self, part: Same) -> pl.Expr:
        return self.read(part.one).cast(pl.String) == self.read(part.other).cast(pl.String)

    @write.register
    def _(self, part: CompareDays) -> pl.Expr:
        found: pl.Expr = OPERATORS[part.comparison](self.write(part.one), self.write(part.other))
        return found

    @write.register
    def _(self, part: OnDay) -> pl.Expr:
        return pl.lit(part.day)

    @write.register
    def _(self, part: DayVar) -> pl.Expr:
        return self.read(part.name)

    @write.register
    def _(self, part: Back) -> pl.Expr:
        return pl.lit(first_day(self.on, (part.years, part.days)))

    @write.register
    def _(self, part: YearOf) -> pl.Expr:
        return self.write(part.day).dt.year().cast(pl.Int64)

    @write.register
    def _(self, part: YearsSince) -> pl.Expr:
        since, today = self.write(part.day), self.on.month * 100 + self.on.day
        later = since.dt.month().cast(pl.Int64) * 100 + since.dt.day() > today
        return whole(self.on.year) - since.dt.year() - later.cast(pl.Int64)

    @write.register
    def _(self, part: Quotient) -> pl.Expr:
        one, other = self.write(part.one), self.write(part.other)
        size = (one.abs() * whole(2 * 10**part.places) + other) // (other * 2)
        return pl.when(one < 0).then(-size).otherwise(size)

    @write.register
    def _(self, part: SomeRow) -> pl.Expr:
        holds = replace(self, row=pl.element()).write(part.holds)
        return self.read(part.roster).list.eval(holds).list.any()
