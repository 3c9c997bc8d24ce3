"""How an award is paid and shared: instalments, payers, tallies of history, and rounds."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from . import scalars
from .positions import Flag, Key, MoneyValue, MonthDay, Share, WholeValue
from .text import BadValue, Model, Text, text

WHOLE = Decimal(1)


class AfterMonths(Model):
    """Due so many months after the award."""

    months: Annotated[int, Field(ge=1, le=600)]


class OnDay(Model):
    """Due on a day of the calendar, so many years after the year of the award (in Shanghai)."""

    day: MonthDay
    years: Annotated[int, Field(ge=1, le=50)]

    def after(self, year: int) -> date:
        return date.fromisoformat(f"{year + self.years}-{self.day}")


class AtStage(Model):
    """Due when something has happened."""

    stage: Text


class AtEvaluation(Model):
    """Due when an evaluation is passed."""

    evaluation: Text


DUE_KINDS = {
    "months": AfterMonths,
    "day": OnDay,
    "years": OnDay,
    "stage": AtStage,
    "evaluation": AtEvaluation,
}


def due_kind(value: object) -> str:
    for key, kind in DUE_KINDS.items():
        if isinstance(value, kind) or (isinstance(value, dict) and key in value):
            return f"·{kind.__name__}"
    return "·award"


def on_award(value: object) -> object:
    if value != "award":
        raise scalars.wrong(
            ", ".join(map(str, value)) if isinstance(value, dict) else value,
            "不是拨付时间",
            "is no time of payment",
            text(
                "请写 award、{months: 12}、{day: 06-30, years: 1}、{stage: {zh: …, en: …}} "
                "或 {evaluation: {zh: …, en: …}}",
                "write award, {months: 12}, {day: 06-30, years: 1}, {stage: {zh: …, en: …}} "
                "or {evaluation: {zh: …, en: …}}",
            ),
        )
    return value


Due = Annotated[
    Annotated[Literal["award"], BeforeValidator(on_award), Tag("·award")]
    | Annotated[AfterMonths, Tag("·AfterMonths")]
    | Annotated[OnDay, Tag("·OnDay")]
    | Annotated[AtStage, Tag("·AtStage")]
    | Annotated[AtEvaluation, Tag("·AtEvaluation")],
    Discriminator(due_kind),
]


def share_kind(value: object) -> str:
    return "·rest" if value == "rest" else "·share"


InstalmentShare = Annotated[
    Annotated[Share, Tag("·share")] | Annotated[Literal["rest"], Tag("·rest")],
    Discriminator(share_kind),
]


class Instalment(Model):
    """One payment of an award. The last takes what rounding leaves."""

    id: Key
    label: Text
    share: InstalmentShare
    due: Due


class PayerShare(Model):
    payer: Literal["city", "district"]
    share: Share


class Tally(Model):
    """What has been granted before on the same roles or facts, by all programmes of its name."""

    label: Text
    per: tuple[str, ...]
    period: Literal["life", "year"]


class Rank(Model):
    """Who is let in: the first so many by one fact.

    `ties` says what becomes of equals across the last place, `moves_up` whether the next is let
    in when one drops out later.
    """

    by: Key
    order: Literal["highest", "lowest"]
    first: WholeValue
    ties: Literal["all", "none", "earlier"]
    moves_up: Flag


class Round(Model):
    """What only a whole set of cases decides: who is let in, and what the budget leaves each."""

    label: Text
    rank: Rank | None = None
    budget: MoneyValue | None = None
    share: Literal["pro_rata", "first_come"] | None = None

    @model_validator(mode="after")
    def decides_something(self) -> "Round":
        if self.rank is None and self.budget is None:
            raise BadValue(
                text("评审轮次没有规则", "the round has no rule"),
                text("请写 rank、budget 或两者", "write rank, budget or both"),
            )
        if (self.budget is None) != (self.share is None):
            raise BadValue(
                text("budget 须与 share 同时写", "budget and share go together"),
                text(
                    "请写 budget 和 share: pro_rata 或 first_come",
                    "write budget, and share: pro_rata or first_come",
                ),
            )
        return self


def remainder(shares: tuple[Any, ...]) -> Decimal:
    """What the shares written out leave of the whole; below 0 when they are too much."""
    written = (share for share in shares if isinstance(share, Decimal))
    return WHOLE - sum(written, Decimal(0))
