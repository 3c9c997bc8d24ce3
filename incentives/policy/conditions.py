"""Conditions as data: a test on one fact, or all_of, any_of, not."""

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag, model_validator

from .positions import OWN, OWN_OR_REF, Key, TextsRef, WholeValue
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
}


class Judged(Model):
    id: str | None = None
    says: Text | None = None


class Span(Model):
    """A look-back of whole years or days before the date of the case, both ends included."""

    years: WholeValue | None = None
    days: WholeValue | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> "Span":
        if (self.years is None) == (self.days is None):
            raise BadValue(
                text("within 应只写年数或天数之一", "within needs either years or days"),
                text("请写 {years: 3} 或 {days: 90}", "write {years: 3} or {days: 90}"),
            )
        return self


def spelled(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


Options = Annotated[tuple[str, ...], Field(min_length=1)]


class FactTest(Judged):
    """One operator on one fact; values stay as written and are read by the fact's type."""

    OPERATORS: ClassVar[tuple[str, ...]] = tuple(FITS)

    fact: Key
    is_: str | None = Field(None, alias="is")
    in_: Annotated[TextsRef | Annotated[Options, OWN], OWN_OR_REF] | None = Field(None, alias="in")
    at_least: str | None = None
    above: str | None = None
    at_most: str | None = None
    below: str | None = None
    on_or_after: str | None = None
    on_or_before: str | None = None
    within: Span | None = None

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


class AllOf(Judged):
    all_of: "Annotated[tuple[Condition, ...], Field(min_length=1)]"


class AnyOf(Judged):
    any_of: "Annotated[tuple[Condition, ...], Field(min_length=1)]"


class Not(Judged):
    not_: "Condition" = Field(alias="not")


def kind(value: object) -> str | None:
    if isinstance(value, Judged):
        return {FactTest: "·fact", AllOf: "·all_of", AnyOf: "·any_of", Not: "·not"}[type(value)]
    if not isinstance(value, dict):
        return None
    return next((f"·{k}" for k in ("all_of", "any_of", "not", "fact") if k in value), None)


Condition = Annotated[
    Annotated[FactTest, Tag("·fact")]
    | Annotated[AllOf, Tag("·all_of")]
    | Annotated[AnyOf, Tag("·any_of")]
    | Annotated[Not, Tag("·not")],
    Discriminator(
        kind,
        custom_error_type="condition_kind",
        custom_error_message="no condition; write one with fact, all_of, any_of or not",
    ),
]
for model in (AllOf, AnyOf, Not):
    model.model_rebuild()
