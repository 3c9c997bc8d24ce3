"""What may be set from outside a programme's file: parameters, and the reading of an assumption."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from . import scalars
from .bands import Bands, RateBands
from .positions import Key, RatesTable, Table, unless_unset
from .text import BadValue, Model, Text, text
from .walk import refs_in

ParameterType = Literal[
    "money", "rate", "integer", "date", "text_list", "table", "rates_table", "bands", "rate_bands"
]
SCALARS = {"money": "money", "rate": "percent", "integer": "integer", "date": "date"}
SHAPES: dict[str, TypeAdapter[Any]] = {
    "text_list": TypeAdapter(Annotated[tuple[str, ...], Field(min_length=1)]),
    "table": TypeAdapter(Table),
    "rates_table": TypeAdapter(RatesTable),
    "bands": TypeAdapter(Bands),
    "rate_bands": TypeAdapter(RateBands),
}
EXPECTED = {
    "text_list": text("请写成 [甲, 乙]", "write a list such as [a, b]"),
    "table": text("请写成 {选项: 金额}", "write {option: yuan, ...}"),
    "rates_table": text("请写成 {选项: 5%}", "write {option: 5%, ...}"),
    "bands": text(
        "请写成 [{from: 0, to: 100, amount: 1}, {from: 100, amount: 2}]",
        "write [{from: 0, to: 100, amount: 1}, {from: 100, amount: 2}]",
    ),
    "rate_bands": text(
        "请写成 [{from: 0, to: 100, rate: 5%}, {from: 100, rate: 3%}]",
        "write [{from: 0, to: 100, rate: 5%}, {from: 100, rate: 3%}]",
    ),
}


def read_setting(type_: str, raw: object) -> Any:
    """A parameter's value by its type; raises BadValue saying what to write."""
    if type_ in SCALARS:
        return scalars.read_scalar(SCALARS[type_], raw)
    try:
        found = SHAPES[type_].validate_python(raw)
    except ValidationError as error:
        raise shape_problem(type_, error) from None
    if (ref := next(refs_in(found), None)) is not None:
        raise BadValue(
            text(f"参数值不能引用 {ref}", f"a setting cannot refer to {ref}"), EXPECTED[type_]
        )
    return found


def shape_problem(type_: str, error: ValidationError) -> BadValue:
    first = error.errors()[0]
    own = first.get("ctx", {}).get("error")
    where = ".".join(str(part) for part in first["loc"])
    if isinstance(own, BadValue):
        return BadValue(
            text(f"{where} {own.problem.zh}", f"{where} {own.problem.en}"), own.expected
        )
    return BadValue(
        text(f"{where} 格式不符", f"{where} has the wrong form".strip()), EXPECTED[type_]
    )


class Parameter(Model):
    """A value an editor may set; None (`unset` in the file) where the clause prints none.

    `keys_of` names the choice fact whose options are the keys of a table; a table used as
    `{by: fact, table: '@name'}` takes it from there.
    """

    type: ParameterType
    value: Annotated[Any, BeforeValidator(unless_unset)] = None
    keys_of: Key | None = None
    label: Text
    help: Text | None = None

    @model_validator(mode="after")
    def readable(self) -> "Parameter":
        _ = self.read
        return self

    @cached_property
    def read(self) -> Any:
        return None if self.value is None else read_setting(self.type, self.value)


Reading = str | tuple[str, ...]


class Assumption(Model):
    """Where the text admits several readings: the question, the one taken, and why."""

    reading: Reading
    otherwise: Annotated[tuple[Reading, ...], Field(min_length=1)]
    says: dict[str, Text] = Field(default_factory=dict)  # each reading in words
    question: Text
    because: Text

    @property
    def readings(self) -> tuple[Reading, ...]:
        return (self.reading, *self.otherwise)
