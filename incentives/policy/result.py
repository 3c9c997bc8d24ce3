"""What an assessment says. All sums are Decimal yuan with two places, or None."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .examples import Decision
from .text import Text


@dataclass(frozen=True)
class Step:
    """One thing done to reach the amount, with the sums it came to (rounded for showing)."""

    id: str
    text: Text
    minimum: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class Reason:
    """A condition, whether it holds (None: not known yet) and the values it saw, as text."""

    id: str
    holds: bool | None
    text: Text
    seen: Mapping[str, str | None]


@dataclass(frozen=True)
class CapLine:
    """A cap on this case. `cuts` is what it takes off on an empty history, or None.

    `limit` is in yuan, or a count where unit is awards; None while a fact or setting is missing.
    """

    id: str
    label: Text
    limit: Decimal | None
    per: tuple[str, ...]
    period: str
    year_of: str
    unit: str
    printed: bool
    cuts: Decimal | None


@dataclass(frozen=True)
class OpenChoice:
    """What a reviewer has still to choose: a fraction where kind is rate, otherwise yuan."""

    name: str
    kind: str
    minimum: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class RowLine:
    """The decision on one row of a roster, numbered from 1, and why.

    `holds` is None and so are the sums while it is not known; a row that gets nothing has 0.
    """

    node: str
    roster: str
    row: int
    holds: bool | None
    minimum: Decimal | None
    maximum: Decimal | None
    text: Text


@dataclass(frozen=True)
class DerivedLine:
    """A value worked out from facts, as text (None: not known yet), and how."""

    name: str
    value: str | None
    text: Text


@dataclass(frozen=True)
class InstalmentLine:
    """One payment of the award; due on the award, after months, or at a stage."""

    id: str
    label: Text
    amount: Decimal
    due: Text


@dataclass(frozen=True)
class TakenReading:
    name: str
    reading: str | tuple[str, ...]
    question: Text


@dataclass(frozen=True)
class Assessment:
    """`amount` is given when eligible, `minimum` and `maximum` also when needs_choice.

    They stand after the caps on an empty history. `unset` names the settings still needed.
    In a round nothing is sure: the minimum is 0 and the maximum what it would be.

    `recover` is what an advance was too much. `schedule` and `payers` add up to the amount.
    """

    programme: str
    on: date
    decision: Decision
    amount: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    steps: tuple[Step, ...]
    reasons: tuple[Reason, ...]
    caps: tuple[CapLine, ...]
    missing: tuple[str, ...]
    unset: tuple[str, ...]
    choices: tuple[OpenChoice, ...]
    assumptions: tuple[TakenReading, ...]
    warnings: tuple[Text, ...]
    derived: tuple[DerivedLine, ...] = ()
    rows: tuple[RowLine, ...] = ()
    recover: Decimal | None = None
    schedule: tuple[InstalmentLine, ...] = ()
    payers: Mapping[str, Decimal] = field(default_factory=dict)
