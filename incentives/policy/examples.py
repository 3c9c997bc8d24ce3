"""Worked examples: what a programme must answer, with the arithmetic written out."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from .positions import Date, Money
from .text import BadValue, Model, Text, text

Decision = Literal[
    "ineligible", "pending_round", "needs_setting", "needs_facts", "needs_choice", "eligible"
]
DEFAULT_DAY = date(2021, 1, 1)


class RoundCase(Model):
    """One of a round's cases: its amount, or the facts (and choices) it is assessed by.

    `rank` is the value it is ranked by, where no facts give it; `filed` its place in the queue.
    """

    id: str
    amount: Money | None = None
    rank: str | None = None
    facts: dict[str, Any] | None = None
    choices: dict[str, str] = Field(default_factory=dict)
    filed: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def amount_or_facts(self) -> "RoundCase":
        if (self.amount is None) == (self.facts is None):
            raise BadValue(
                text("应只写 amount 或 facts 之一", "a case of a round needs amount or facts"),
                text("请写 {id: a, amount: 100000}", "write {id: a, amount: 100000}"),
            )
        return self


class RoundExample(Model):
    """The cases of one round, who withdrew, and what each then receives."""

    entries: Annotated[tuple[RoundCase, ...], Field(min_length=1)]
    withdrawn: tuple[str, ...] = ()
    amounts: dict[str, Money]


class Example(Model):
    """`cut_by` names the caps that cut even an empty history: no other may, so that a ceiling
    standing both in an amount and in a cap cannot hide a change of the one behind the other.

    `after` gives what each cap has used before; `granted` is what then remains of the amount.

    `history` gives what each tally has counted before, `recognitions` what the registers hold.
    `rows` are the sums of a roster's rows, 0 where a row gets nothing.

    An example without `on` is assessed on the day it is approved, or on 2021-01-01.
    """

    title: Text
    on: Date | None = None
    approved_on: Date | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    choices: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    decision: Decision | None = None
    amount: Money | None = None
    minimum: Money | None = None
    maximum: Money | None = None
    cut_by: tuple[str, ...] = ()
    after: dict[str, Money] = Field(default_factory=dict)
    granted: Money | None = None
    recognitions: tuple[dict[str, Any], ...] | None = None
    history: dict[str, Money] = Field(default_factory=dict)
    rows: tuple[Money, ...] | None = None
    recover: Money | None = None
    schedule: tuple[Money, ...] | None = None
    payers: dict[str, Money] | None = None
    round: RoundExample | None = None
    working: str | Text | None = None

    @model_validator(mode="after")
    def expects_something(self) -> "Example":
        wanted = [*self.expected().values(), self.granted, self.round]
        if all(value is None for value in wanted):
            raise BadValue(
                text("例子没有写出结果", "the example expects nothing"),
                text(
                    "请写 amount、minimum 和 maximum、granted 或 decision",
                    "write amount, minimum and maximum, granted, or decision",
                ),
            )
        return self

    @property
    def day(self) -> date:
        return self.on or self.approved_on or DEFAULT_DAY

    def expected(self) -> dict[str, object]:
        implied = "eligible" if self.amount is not None else None
        if self.minimum is not None or self.maximum is not None:
            implied = "needs_choice"
        return {
            "decision": self.decision or implied,
            "amount": self.amount,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "recover": self.recover,
            "rows": self.rows,
            "schedule": self.schedule,
            "payers": self.payers,
        }
