"""Values at their places in a programme: a number written out, or '@name' for a setting.

Parameter types: money (yuan), rate, integer, date, text_list, table (option -> yuan),
rates_table (option -> rate), bands (from, to, amount) and rate_bands (from, to, rate).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    WithJsonSchema,
)

from . import scalars
from .text import BadValue, text


@dataclass(frozen=True)
class Ref:
    """'@name': the value of a parameter or assumption, of the type its position wants."""

    name: str
    type: str

    def __str__(self) -> str:
        return f"@{self.name}"


def reference(value: object, type_: str) -> Ref | None:
    if isinstance(value, Ref):
        return value
    if not (isinstance(value, str) and value.startswith("@")):
        return None
    if not value[1:].replace("_", "").isalnum():
        raise BadValue(
            text(f"“{value}”不是参数引用", f"'{value}' is no reference"),
            text("请写成 '@参数名'", "write '@name' of a parameter or assumption"),
        )
    return Ref(value[1:], type_)


def position(read: Callable[[object], Any], type_: str) -> PlainValidator:
    return PlainValidator(lambda value: reference(value, type_) or read(value))


def alone(read: Callable[[object], Any]) -> PlainValidator:
    return PlainValidator(read)


WRITTEN = PlainSerializer(str, return_type=str)
NUMBER_SCHEMA = WithJsonSchema({"type": "string", "description": "yuan such as 300000, or '@name'"})
RATE_SCHEMA = WithJsonSchema({"type": "string", "description": "5%, 0.05 or '@name'"})
DATE_SCHEMA = WithJsonSchema({"type": "string", "format": "date"})
MONTH_DAY_SCHEMA = WithJsonSchema(
    {"type": "string", "pattern": "^[0-1]?[0-9]-[0-3]?[0-9]$", "description": "06-30, never 02-29"}
)
REF_SCHEMA = WithJsonSchema({"type": "string", "pattern": "^@"})
BOOL_SCHEMA = WithJsonSchema({"enum": [True, False, "true", "false"]})

MoneyValue = Annotated[Decimal | Ref, position(scalars.money, "money"), WRITTEN, NUMBER_SCHEMA]
RateValue = Annotated[Decimal | Ref, position(scalars.rate, "rate"), WRITTEN, RATE_SCHEMA]
RatioValue = Annotated[Decimal | Ref, position(scalars.ratio, "rate"), WRITTEN, RATE_SCHEMA]
WholeValue = Annotated[int | Ref, position(scalars.integer, "integer"), WRITTEN, NUMBER_SCHEMA]
Edge = Annotated[Decimal, alone(scalars.number), WRITTEN, NUMBER_SCHEMA]
Money = Annotated[Decimal, alone(scalars.money), WRITTEN, NUMBER_SCHEMA]
Share = Annotated[Decimal, alone(scalars.rate), WRITTEN, RATE_SCHEMA]
Date = Annotated[date, alone(scalars.day), WRITTEN, DATE_SCHEMA]
MonthDay = Annotated[str, alone(scalars.month_day), MONTH_DAY_SCHEMA]
Flag = Annotated[bool, alone(scalars.boolean), BOOL_SCHEMA]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


def unless_unset(value: object) -> object:
    return None if value == "unset" else value


Unset = BeforeValidator(unless_unset)


def to_setting(type_: str) -> PlainValidator:
    def read(value: object) -> Ref:
        found = reference(value, type_)
        if found is None:
            raise BadValue(
                text(f"“{value}”不能放在此处", f"'{value}' does not belong here"),
                text("请写出表，或写 '@参数名'", "write the table itself, or '@name'"),
            )
        return found

    return PlainValidator(read)


def own_or_ref(value: object) -> str:
    return "·ref" if isinstance(value, str | Ref) else "·own"


OWN = Tag("·own")
OWN_OR_REF = Discriminator(own_or_ref)


TableRef = Annotated[Ref, to_setting("table"), WRITTEN, REF_SCHEMA, Tag("·ref")]
RatesTableRef = Annotated[Ref, to_setting("rates_table"), WRITTEN, REF_SCHEMA, Tag("·ref")]
BandsRef = Annotated[Ref, to_setting("bands"), WRITTEN, REF_SCHEMA, Tag("·ref")]
RateBandsRef = Annotated[Ref, to_setting("rate_bands"), WRITTEN, REF_SCHEMA, Tag("·ref")]
TextRef = Annotated[Ref, to_setting("text"), WRITTEN, REF_SCHEMA, Tag("·ref")]
TextsRef = Annotated[Ref, to_setting("text_list"), WRITTEN, REF_SCHEMA, Tag("·ref")]

Table = Annotated[dict[str, MoneyValue], Field(min_length=1)]
RatesTable = Annotated[dict[str, RateValue], Field(min_length=1)]
TableValue = Annotated[TableRef | Annotated[Table, OWN], OWN_OR_REF]
RatesTableValue = Annotated[RatesTableRef | Annotated[RatesTable, OWN], OWN_OR_REF]
