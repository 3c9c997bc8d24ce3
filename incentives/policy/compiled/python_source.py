"""The intermediate form as Python: expressions, and the tables and days they name."""

import keyword
from dataclasses import dataclass, field
from functools import singledispatchmethod

from .form import (
    TODAY,
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
    Word,
    YearOf,
    YearsSince,
)

BRACKETED = (Shift, Times, Plus, Minus, Pick, Rounded, All, Some)
TAKEN = {*keyword.kwlist, "on", "facts", "row", "low", "high", "min", "max", "sum", "any", "len"}


def spelled(key: str) -> str:
    """A fact's key as a variable; one that Python or the function needs gets a `_` more."""
    return f"{key}_" if key.rstrip("_") in TAKEN else key


def listed(values: frozenset[Word]) -> str:
    return ", ".join(repr(value) for value in sorted(values, key=repr))


@dataclass
class PythonWriter:
    """Writes expressions; what is made once (`constants`) stands before the function."""

    names: dict[str, None] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    def constant(self, kind: str, value: str) -> str:
        """A name for a value made once."""
        return self.constants.setdefault(value, f"{kind}_{len(self.constants) + 1}")

    def read(self, name: Name) -> str:
        if name.roster is not None:
            return f"row.get({name.key!r})"
        if name.derived:
            return f"_{name.key}"
        self.names[name.key] = None
        return spelled(name.key)

    def of_parts(self, joined: str, parts: tuple[Number | Truth, ...]) -> str:
        return joined.join(self.inner(part) for part in parts)

    def inner(self, part: Number | Truth) -> str:
        """An expression that can stand beside an operator."""
        written = self.write(part)
        return f"({written})" if isinstance(part, BRACKETED) else written

    @singledispatchmethod
    def write(self, part: Number | Truth | Day) -> str:
        raise TypeError(f"no Python for {type(part).__name__}")

    @write.register
    def _(self, part: Const) -> str:
        return str(part.value)

    @write.register
    def _(self, part: Var) -> str:
        return self.read(part.name)

    @write.register
    def _(self, part: Shift) -> str:
        return f"{self.inner(part.of)} * {10**part.by}"

    @write.register
    def _(self, part: Times) -> str:
        return f"{self.inner(part.one)} * {self.inner(part.other)}"

    @write.register
    def _(self, part: Plus) -> str:
        return self.of_parts(" + ", part.parts)

    @write.register
    def _(self, part: Minus) -> str:
        return f"{self.inner(part.one)} - {self.inner(part.other)}"

    @write.register
    def _(self, part: Least) -> str:
        return f"min({', '.join(map(self.write, part.parts))})"

    @write.register
    def _(self, part: Greatest) -> str:
        return f"max({', '.join(map(self.write, part.parts))})"

    @write.register
    def _(self, part: Pick) -> str:
        cases = [f"{self.inner(number)} if {self.write(truth)}" for truth, number in part.cases]
        return " else ".join([*cases, self.inner(part.otherwise)])

    @write.register
    def _(self, part: Lookup) -> str:
        table = ", ".join(f"{value!r}: {number}" for value, number in part.table)
        return f"{self.constant('TABLE', f'{{{table}}}')}[{self.read(part.name)}]"

    @write.register
    def _(self, part: Count) -> str:
        return f"len({self.read(part.roster)})"

    @write.register
    def _(self, part: SumRows) -> str:
        return f"sum({self.write(part.each)} for row in {self.read(part.roster)})"

    @write.register
    def _(self, part: Rounded) -> str:
        unit = 10 ** (part.of.places - part.places)
        return f"({self.inner(part.of)} + {unit // 2}) // {unit}"

    @write.register
    def _(self, part: Settled) -> str:
        return str(part.value)

    @write.register
    def _(self, part: Given) -> str:
        return f"{self.read(part.name)} is not None"

    @write.register
    def _(self, part: Not) -> str:
        if isinstance(part.of, Given):
            return f"{self.read(part.of.name)} is None"
        if isinstance(part.of, Among) and not part.of.values & {True, False}:
            return self.membership(part.of, "not in", "!=")
        return f"not {self.inner(part.of)}"

    @write.register
    def _(self, part: All) -> str:
        return self.of_parts(" and ", part.parts)

    @write.register
    def _(self, part: Some) -> str:
        return self.of_parts(" or ", part.parts)

    @write.register
    def _(self, part: Compare) -> str:
        return f"{self.inner(part.one)} {part.comparison} {self.inner(part.other)}"

    @write.register
    def _(self, part: Among) -> str:
        return self.membership(part, "in", "is" if part.values <= {True, False} else "==")

    def membership(self, part: Among, in_: str, equal: str) -> str:
        if len(part.values) == 1:
            return f"{self.read(part.name)} {equal} {listed(part.values)}"
        return f"{self.read(part.name)} {in_} {{{listed(part.values)}}}"

    @write.register
    def _(self, part: Same) -> str:
        return f"{self.read(part.one)} == {self.read(part.other)}"

    @write.register
    def _(self, part: CompareDays) -> str:
        return f"{self.write(part.one)} {part.comparison} {self.write(part.other)}"

    @write.register
    def _(self, part: OnDay) -> str:
        return self.constant("DAY", repr(part.day).removeprefix("datetime."))

    @write.register
    def _(self, part: DayVar) -> str:
        return self.read(part.name)

    @write.register
    def _(self, part: Back) -> str:
        return "on" if part == TODAY else f"first_day(on, ({part.years}, {part.days}))"

    @write.register
    def _(self, part: YearOf) -> str:
        return f"{self.write(part.day)}.year"

    @write.register
    def _(self, part: YearsSince) -> str:
        return f"years_between({self.write(part.day)}, on)"

    @write.register
    def _(self, part: Quotient) -> str:
        return f"quotient({self.write(part.one)}, {self.write(part.other)}, {10**part.places})"

    @write.register
    def _(self, part: SomeRow) -> str:
        return f"any({self.write(part.holds)} for row in {self.read(part.roster)})"
