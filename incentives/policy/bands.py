"""Half-open bands [from, to): each begins where the one before ends, the last has no end."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from .positions import (
    OWN,
    OWN_OR_REF,
    BandsRef,
    Edge,
    MoneyValue,
    RateBandsRef,
    RateValue,
)
from .text import BadValue, Model, text


class Edges(Model):
    from_: Edge = Field(alias="from")
    to: Edge | None = None

    def holds(self, value: Decimal) -> bool:
        return self.from_ <= value and (self.to is None or value < self.to)


class Band(Edges):
    amount: MoneyValue


class RateBand(Edges):
    rate: RateValue


Row = TypeVar("Row", bound=Edges)


def in_order(bands: tuple[Row, ...]) -> tuple[Row, ...]:
    if not bands or bands[-1].to is not None:
        raise BadValue(
            text("最后一档不应写 to", "the last band has an end"),
            text("删去最后一档的 to", "leave `to` out of the last band"),
        )
    for before, after in pairwise(bands):
        check_joined(before, after)
    return bands


def check_joined(before: Edges, after: Edges) -> None:
    if before.to is None or not before.from_ < before.to == after.from_:
        raise BadValue(
            text("各档不相衔接", f"the bands from {before.from_} and {after.from_} do not meet"),
            text(
                "每档的 to 应大于 from，并等于下一档的 from",
                "write each `to` above its `from` and equal to the next `from`",
            ),
        )


Bands = Annotated[tuple[Band, ...], AfterValidator(in_order)]
RateBands = Annotated[tuple[RateBand, ...], AfterValidator(in_order)]
BandsValue = Annotated[BandsRef | Annotated[Bands, OWN], OWN_OR_REF]
RateBandsValue = Annotated[RateBandsRef | Annotated[RateBands, OWN], OWN_OR_REF]


def band_of(bands: Sequence[Row], value: Decimal) -> Row | None:
    return next((band for band in bands if band.holds(value)), None)
