"""Conditions as data: a test on one fact or on the registers, or all_of, any_of, not."""

from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag, model_validator

from .positions import OWN, OWN_OR_REF, Key, Name, TextsRef, WholeValue
from .text import BadValue, Model, Text, text

NUMBERS = {"money", "integer", "percent", "year"}
WORDS = {"choice", "text", "identifier"}
DAYS = {"date"}
FITS = {
    "is": WORDS | {"boolean", "integer", "year"},
    "in": WORDS | {"integer", "year"},
    "at_least": NUMBERS,
    "above": NUMBERS,
    "at_most": NUMBERS,
    "below": NUMBERS,
    "on_or_after": DAYS,
    "on_or_before": DAYS,
    "within": DAYS,
    "at_least_ago": DAYS,
}
LOOKING_BACK = {"within", "at_least_ago"}


class Judged(Model):
    id: str | None = None
    says: Text | None = None

    @cached_property
    def looks_at(self) -> tuple[str, ...]:
        """The facts it sees, each once."""
        return tuple(dict.fromkeys(name for part in self.inside for name in part.looks_at))

    @property
    def inside(self) -> "tuple[Judged, ...]":
        return ()


class Span(Model):
    """Whole years or days before the day of the case, both ends included."""

    years: WholeValue | None = None
    days: WholeValue | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> "Span":
        if (self.years is None) == (self.days is None):
            raise BadValue(
                text("应只写年数或天数之一", "a time needs either years or days"),
                text("请写 {years: 3} 或 {days: 90}", "write {years: 3} or {days: 90}"),
            )
        return self


class OtherFact(Model):
    """Another fact to compare with, of the same type."""

    fact: Key


def operand_kind(value: object) -> str:
    return "·fact" if isinstance(value, dict | OtherFact) else "·own"


Operand = Annotated[
    Annotated[str, Tag("·own")] | Annotated[OtherFact, Tag("·fact")], Discriminator(operand_kind)
]


def spelled(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


Options = Annotated[tuple[str, ...], Field(min_length=1)]


class FactTest(Judged):
    """One operator on one fact; values stay as written and are read by the fact's type."""

    OPERATORS: ClassVar[tuple[str, ...]] = tuple(FITS)

    fact: Key
    is_: Operand | None = Field(None, alias="is")
    in_: Annotated[TextsRef | Annotated[Options, OWN], OWN_OR_REF] | None = Field(None, alias="in")
    at_least: Operand | None = None
    above: Operand | None = None
    at_most: Operand | None = None
    below: Operand | None = None
    on_or_after: Operand | None = None
    on_or_before: Operand | None = None
    within: Span | None = None
    at_least_ago: Span | None = None

    @model_validator(mode="before")
    @classmethod
    def booleans_as_words(cls, data: Any) -> Any:
        return {k: spelled(v) for k, v in data.items()} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def one_operator(self) -> "FactTest":
        if len([o for o in FITS if self.operand(o) is not None]) != 1:
            raise BadValue(
                text("一个条件应有且只有一个比较", "a test needs exactly one comparison"),
                text(
                    f"请写以下之一：{'、'.join(FITS)}；多个用 all_of",
                    f"write one of {', '.join(FITS)}; join several by all_of",
                ),
            )
        return self

    def operand(self, operator: str) -> Any:
        return getattr(self, {"is": "is_", "in": "in_"}.get(operator, operator))

    @property
    def operator(self) -> str:
        return next(o for o in FITS if self.operand(o) is not None)

    @cached_property
    def looks_at(self) -> tuple[str, ...]:
        other = self.operand(self.operator)
        return (self.fact, other.fact) if isinstance(other, OtherFact) else (self.fact,)


class AllOf(Judged):
    all_of: "Annotated[tuple[Condition, ...], Field(min_length=1)]"

    @property
    def inside(self) -> tuple[Judged, ...]:
        return self.all_of


class AnyOf(Judged):
    any_of: "Annotated[tuple[Condition, ...], Field(min_length=1)]"

    @property
    def inside(self) -> tuple[Judged, ...]:
        return self.any_of


class Not(Judged):
    not_: "Condition" = Field(alias="not")

    @property
    def inside(self) -> tuple[Judged, ...]:
        return (self.not_,)


class Recognition(Model):
    """A title in the city's registers; `level` lists those that count, none meaning any."""

    title: Name
    level: tuple[str, ...] = ()


class Held(Judged):
    """Held on the day of the case."""

    held: Recognition


class NotHeld(Judged):
    not_held: Recognition


class FirstTime(Judged):
    """Never held before, whatever its dates."""

    first_time: Recognition


KINDS: dict[str, type[Judged]] = {
    "all_of": AllOf,
    "any_of": AnyOf,
    "not": Not,
    "held": Held,
    "not_held": NotHeld,
    "first_time": FirstTime,
    "fact": FactTest,
}
NAMES = {model: name for name, model in KINDS.items()}


def kind(value: object) -> str | None:
    if isinstance(value, Judged):
        return f"·{NAMES[type(value)]}"
    if not isinstance(value, dict):
        return None
    return next((f"·{k}" for k in KINDS if k in value), None)


Condition = Annotated[
    Annotated[FactTest, Tag("·fact")]
    | Annotated[AllOf, Tag("·all_of")]
    | Annotated[AnyOf, Tag("·any_of")]
    | Annotated[Not, Tag("·not")]
    | Annotated[Held, Tag("·held")]
    | Annotated[NotHeld, Tag("·not_held")]
    | Annotated[FirstTime, Tag("·first_time")],
    Discriminator(
        kind,
        custom_error_type="condition_kind",
        custom_error_message=f"no condition; write one with {', '.join(KINDS)}",
    ),
]
for model in (AllOf, AnyOf, Not):
    model.model_rebuild()
