"""Values worked out from facts: never asked, and in scope wherever a fact is."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from .conditions import Condition
from .nodes import Node
from .positions import Key, RateValue, WholeValue
from .questions import RangedFact
from .text import Model, Text


class DerivedBase(Model):
    label: Text
    help: Text | None = None
    type: Literal["money", "integer", "percent"]

    @property
    def as_fact(self) -> RangedFact:
        """What conditions, tables and amounts see of it."""
        return RangedFact(type=self.type, label=self.label, help=self.help)


class Growth(Model):
    this: Node
    last: Node


def zero_kind(value: object) -> str:
    return "·unknown" if value == "unknown" else "·rate"


WhenZero = Annotated[
    Annotated[Literal["unknown"], Tag("·unknown")] | Annotated[RateValue, Tag("·rate")],
    Discriminator(zero_kind),
]


class GrowthRate(DerivedBase):
    """(this - last) / last, half-up to 0.01%; negative when this is less.

    Where last is 0 it is `when_last_zero`, or asked of the reviewer where that is `unknown`.
    """

    type: Literal["percent"]
    growth_rate_of: Growth
    when_last_zero: WhenZero


class Series(Model):
    from_: Annotated[Key, Field(alias="from")]
    at: Key


class SeriesIndex(DerivedBase):
    """1, 2, … in the calendar years from the first on; 0 outside the years of the series."""

    type: Literal["integer"]
    series_index: Series
    years: WholeValue


class YearsSince(DerivedBase):
    """Whole years from a date to the day of the case; below 0 for a date still to come."""

    type: Literal["integer"]
    years_since: Key


class CountOf(DerivedBase):
    """How many rows of a roster there are, or those for which `where` holds."""

    type: Literal["integer"]
    count_of: Key
    where: Condition | None = None


class TotalOf(DerivedBase):
    """The sum of one column of a roster."""

    type: Literal["money", "integer", "percent"]
    total_of: Key
    column: Key
    where: Condition | None = None


class DerivedAmount(DerivedBase):
    """Any amount that leaves nothing to choose, half-up to the fen."""

    type: Literal["money"]
    amount: Node


KINDS: dict[str, type[DerivedBase]] = {
    "growth_rate_of": GrowthRate,
    "series_index": SeriesIndex,
    "years_since": YearsSince,
    "count_of": CountOf,
    "total_of": TotalOf,
    "amount": DerivedAmount,
}
NAMES = {model: name for name, model in KINDS.items()}


def kind(value: object) -> str | None:
    if isinstance(value, DerivedBase):
        return f"·{NAMES[type(value)]}"
    if not isinstance(value, dict):
        return None
    return next((f"·{k}" for k in KINDS if k in value), None)


Derived = Annotated[
    Annotated[GrowthRate, Tag("·growth_rate_of")]
    | Annotated[SeriesIndex, Tag("·series_index")]
    | Annotated[YearsSince, Tag("·years_since")]
    | Annotated[CountOf, Tag("·count_of")]
    | Annotated[TotalOf, Tag("·total_of")]
    | Annotated[DerivedAmount, Tag("·amount")],
    Discriminator(
        kind,
        custom_error_type="derived_kind",
        custom_error_message=f"no derived value; write one of {', '.join(KINDS)}",
    ),
]
