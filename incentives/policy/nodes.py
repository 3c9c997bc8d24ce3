"""Amounts as data: a small algebra in which each node is worth an interval of yuan."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from .bands import BandsValue, RateBandsValue
from .conditions import Condition
from .positions import (
    Key,
    MoneyValue,
    Name,
    RatesTableValue,
    RateValue,
    RatioValue,
    Ref,
    TableValue,
)
from .text import BadValue, Model, Text, text


class ByTable(Model):
    """Yuan looked up by an option, by true and false, or by a whole number or year."""

    by: Key
    table: TableValue


class ByRates(Model):
    by: Key
    table: RatesTableValue


class ByRateBand(Model):
    by_band: Key
    bands: RateBandsValue


class RateFact(Model):
    """A rate that is itself a fact or a derived value; below 0 it counts 0."""

    fact: Key


def ascending(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    low, high = pair
    if not isinstance(low, Ref) and not isinstance(high, Ref) and low >= high:
        raise BadValue(
            text(f"下限 {low} 不小于上限 {high}", f"the lower bound {low} is not below {high}"),
            text("请先写较小的数", "write the smaller number first"),
        )
    return pair


RatePair = Annotated[tuple[RateValue, RateValue], AfterValidator(ascending)]
MoneyPair = Annotated[tuple[MoneyValue, MoneyValue], AfterValidator(ascending)]


class BetweenRates(Model):
    between: RatePair


class BetweenMoney(Model):
    between: MoneyPair


def shape(value: object) -> str:
    """How a number is written: itself, or a mapping known by its leading key."""
    if isinstance(value, dict):
        return next((f"·{k}" for k in ("between", "by_band", "by", "fact") if k in value), "·by")
    if isinstance(value, BetweenRates | BetweenMoney):
        return "·between"
    if isinstance(value, ByRateBand):
        return "·by_band"
    if isinstance(value, RateFact):
        return "·fact"
    return "·by" if isinstance(value, ByTable | ByRates) else "·number"


SHAPE = Discriminator(shape)
Amount = Annotated[Annotated[MoneyValue, Tag("·number")] | Annotated[ByTable, Tag("·by")], SHAPE]
Each = Annotated[
    Annotated[MoneyValue, Tag("·number")]
    | Annotated[BetweenMoney, Tag("·between")]
    | Annotated[ByTable, Tag("·by")],
    SHAPE,
]
Rate = Annotated[
    Annotated[RateValue, Tag("·number")]
    | Annotated[BetweenRates, Tag("·between")]
    | Annotated[ByRates, Tag("·by")]
    | Annotated[ByRateBand, Tag("·by_band")]
    | Annotated[RateFact, Tag("·fact")],
    SHAPE,
]


class NodeBase(Model):
    """`nothing_below` is judged first: a sum below it counts 0, whatever `at_least` says."""

    id: str | None = None
    label: Text | None = None
    at_most: Amount | None = None
    at_least: Amount | None = None
    nothing_below: Amount | None = None
    when: Condition | None = None


class FactNode(NodeBase):
    """A bare fact name; `missing` is what an optional fact counts while it is not given."""

    fact: Key
    missing: MoneyValue | None = None

    @model_validator(mode="before")
    @classmethod
    def bare(cls, data: Any) -> Any:
        return {"fact": data} if isinstance(data, str) else data


class Fixed(NodeBase):
    """A sum; a plain number or '@name' where a node is expected is one too."""

    fixed: MoneyValue

    @model_validator(mode="before")
    @classmethod
    def plain(cls, data: Any) -> Any:
        return data if isinstance(data, dict | NodeBase) else {"fixed": data}


class By(NodeBase):
    by: Key
    table: TableValue


class ByBand(NodeBase):
    by_band: Key
    bands: BandsValue


class RateOf(NodeBase):
    rate_of: "Node"
    rate: Rate
    choose: str = "rate"


class Match(NodeBase):
    match: Key
    ratio: RatioValue


class PerHead(NodeBase):
    """A sum for each of a count, or for each row of a roster."""

    per_head: Key
    each: Each
    choose: str = "each"


class SumOver(NodeBase):
    """A sum for each row of a roster; a row for which `where` is false counts nothing."""

    sum_over: Key
    where: Condition | None = None
    each: "Node"


class UpTo(NodeBase):
    up_to: Amount
    choose: str = "amount"


class Between(NodeBase):
    between: MoneyPair
    choose: str = "amount"


class Marginal(Model):
    of: "Node"
    marginal: RateBandsValue


class Tiers(NodeBase):
    bands: Marginal


class Listed(NodeBase):
    """`missing: left_out` leaves out a part that only optional facts not given keep unknown."""

    missing: Literal["left_out"] | None = None


class SumOf(Listed):
    sum_of: "Annotated[tuple[Node, ...], Field(min_length=1)]"


class LeastOf(Listed):
    least_of: "Annotated[tuple[Node, ...], Field(min_length=1)]"


class GreatestOf(Listed):
    greatest_of: "Annotated[tuple[Node, ...], Field(min_length=1)]"


class Less(NodeBase):
    """The first less the second, never below 0."""

    less: "tuple[Node, Node]"


class TwoYears(Model):
    this: "Node"
    last: "Node"


class IncreaseOf(NodeBase):
    """What this year is more than last year, never below 0."""

    increase_of: TwoYears


class AlreadyGranted(NodeBase):
    """What history counts under a tally of the programme; 0 on an empty history."""

    already_granted: Name


class Settlement(Model):
    actual: "Node"
    advanced: "Node"


class Settle(NodeBase):
    """What is due beyond the advance; an advance of more than is due is to be recovered."""

    settle: Settlement


KINDS: dict[str, type[NodeBase]] = {
    "rate_of": RateOf,
    "match": Match,
    "per_head": PerHead,
    "sum_over": SumOver,
    "up_to": UpTo,
    "between": Between,
    "fixed": Fixed,
    "by_band": ByBand,
    "by": By,
    "bands": Tiers,
    "sum_of": SumOf,
    "least_of": LeastOf,
    "greatest_of": GreatestOf,
    "less": Less,
    "increase_of": IncreaseOf,
    "already_granted": AlreadyGranted,
    "settle": Settle,
    "fact": FactNode,
}
NAMES = {model: name for name, model in KINDS.items()}


def kind(value: object) -> str | None:
    if isinstance(value, NodeBase):
        return f"·{NAMES[type(value)]}"
    if isinstance(value, dict):
        return next((f"·{k}" for k in KINDS if k in value), None)
    if isinstance(value, str):
        return "·fixed" if value[:1] in "@¥￥" or value[:1].isdigit() else "·fact"
    return "·fixed" if isinstance(value, int | Decimal | Ref) else None


Node = Annotated[
    Annotated[RateOf, Tag("·rate_of")]
    | Annotated[Match, Tag("·match")]
    | Annotated[PerHead, Tag("·per_head")]
    | Annotated[SumOver, Tag("·sum_over")]
    | Annotated[UpTo, Tag("·up_to")]
    | Annotated[Between, Tag("·between")]
    | Annotated[Fixed, Tag("·fixed")]
    | Annotated[ByBand, Tag("·by_band")]
    | Annotated[By, Tag("·by")]
    | Annotated[Tiers, Tag("·bands")]
    | Annotated[SumOf, Tag("·sum_of")]
    | Annotated[LeastOf, Tag("·least_of")]
    | Annotated[GreatestOf, Tag("·greatest_of")]
    | Annotated[Less, Tag("·less")]
    | Annotated[IncreaseOf, Tag("·increase_of")]
    | Annotated[AlreadyGranted, Tag("·already_granted")]
    | Annotated[Settle, Tag("·settle")]
    | Annotated[FactNode, Tag("·fact")],
    Discriminator(
        kind,
        custom_error_type="node_kind",
        custom_error_message=f"no amount; write a fact's name, a sum or one of {', '.join(KINDS)}",
    ),
]
PARTS: tuple[type[Model], ...] = (Marginal, TwoYears, Settlement, *KINDS.values())
for model in PARTS:
    model.model_rebuild()
