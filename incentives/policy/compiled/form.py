"""The form both back ends are made from: numbers as integers with a fixed count of decimal places.

`Number` is worth value / 10**places, and is read only where what it stands on is known.
`Truth` is plainly true or false: what is missing or unset is itself a `Truth`, so that the
three-valued logic of conditions is spelled out once, by the lowering.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Comparison = Literal["==", "<", "<=", ">", ">="]
Word = int | str | bool | date


class NotCompiled(ValueError):
    """The programme holds something that only the interpreter works out."""


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, a column in the rows of a roster, or a derived value."""

    key: str
    roster: str | None = None
    derived: bool = False


# Numbers


@dataclass(frozen=True, slots=True)
class Const:
    value: int
    places: int = 0


@dataclass(frozen=True, slots=True)
class Var:
    name: Name
    places: int


@dataclass(frozen=True, slots=True)
class Shift:
    """The same worth with more places: the integer times 10**by."""

    of: "Number"
    by: int

    @property
    def places(self) -> int:
        return self.of.places + self.by


@dataclass(frozen=True, slots=True)
class Times:
    one: "Number"
    other: "Number"

    @property
    def places(self) -> int:
        return self.one.places + self.other.places


@dataclass(frozen=True, slots=True)
class Plus:
    parts: tuple["Number", ...]

    @property
    def places(self) -> int:
        return self.parts[0].places


@dataclass(frozen=True, slots=True)
class Minus:
    """The first less the second; below 0 where the second is more."""

    one: "Number"
    other: "Number"

    @property
    def places(self) -> int:
        return self.one.places


@dataclass(frozen=True, slots=True)
class Least:
    parts: tuple["Number", ...]

    @property
    def places(self) -> int:
        return self.parts[0].places


@dataclass(frozen=True, slots=True)
class Greatest:
    parts: tuple["Number", ...]

    @property
    def places(self) -> int:
        return self.parts[0].places


@dataclass(frozen=True, slots=True)
class Pick:
    """The number of the first case that holds."""

    cases: tuple[tuple["Truth", "Number"], ...]
    otherwise: "Number"

    @property
    def places(self) -> int:
        return self.otherwise.places


@dataclass(frozen=True, slots=True)
class Lookup:
    """A number for each value of a fact, all with the same places; another value counts 0."""

    name: Name
    table: tuple[tuple[Word, int], ...]
    places: int


@dataclass(frozen=True, slots=True)
class Count:
    roster: Name

    @property
    def places(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class SumRows:
    roster: Name
    each: "Number"

    @property
    def places(self) -> int:
        return self.each.places


@dataclass(frozen=True, slots=True)
class Rounded:
    """Half-up to fewer places; only of a number not below 0."""

    of: "Number"
    places: int


@dataclass(frozen=True, slots=True)
class Quotient:
    """The first over the second, which is above 0, half away from 0 to so many places."""

    one: "Number"
    other: "Number"
    places: int


@dataclass(frozen=True, slots=True)
class YearOf:
    day: "Day"

    @property
    def places(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class YearsSince:
    """Whole years from a day to the day of the case."""

    day: "Day"

    @property
    def places(self) -> int:
        return 0


Number = (
    Const | Var | Shift | Times | Plus | Minus | Least | Greatest | Pick | Lookup | Count | SumRows
    | Rounded | Quotient | YearOf | YearsSince
)  # fmt: skip


# Days


@dataclass(frozen=True, slots=True)
class OnDay:
    day: date


@dataclass(frozen=True, slots=True)
class DayVar:
    name: Name


@dataclass(frozen=True, slots=True)
class Back:
    """So many years and days before the day of the case."""

    years: int = 0
    days: int = 0


Day = OnDay | DayVar | Back


# Truths


@dataclass(frozen=True, slots=True)
class Settled:
    value: bool


@dataclass(frozen=True, slots=True)
class Given:
    name: Name


@dataclass(frozen=True, slots=True)
class Not:
    of: "Truth"


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Truth", ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple["Truth", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    one: Number
    comparison: Comparison
    other: Number


@dataclass(frozen=True, slots=True)
class Among:
    """A fact that is no number is one of these values."""

    name: Name
    values: frozenset[Word]


@dataclass(frozen=True, slots=True)
class Same:
    """Two facts that are no numbers have the same value."""

    one: Name
    other: Name


@dataclass(frozen=True, slots=True)
class CompareDays:
    one: Day
    comparison: Comparison
    other: Day


@dataclass(frozen=True, slots=True)
class SomeRow:
    roster: Name
    holds: "Truth"


Truth = Settled | Given | Not | All | Some | Compare | Among | Same | CompareDays | SomeRow


@dataclass(frozen=True, slots=True)
class Let:
    """A derived value: the number, wherever it is known."""

    name: Name
    known: Truth
    number: Number


TODAY = Back()
YES, NO = Settled(True), Settled(False)
NOUGHT = Const(0)
