"""The verbs of money. Each calls one function of the database, which locks, decides and writes.

Amounts are Decimal yuan with two places. The caller holds a transaction: what is decided about a
case and what is written about its money commit together or not at all.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.models import District, Party, PartyChange, User
from incentives.domain.counters import CounterRequest
from incentives.models import (
    Award,
    Bureau,
    ImportRow,
    PayoutBatch,
    PayoutLine,
    ProgrammeVersion,
)

COUNTER_PARTS = ("key", "kind", "unit", "heat", "limit")
REFUSALS: dict[str, Callable[[str], str | dict[str, str]]] = {
    "HQ001": lambda _told: _("The award is no longer reserved; reload the case."),
    "HQ002": lambda used: {"limit": _("%s yuan have been awarded under it already.") % used},
    "HQ003": lambda _told: _("The payment has moved on; reload the batch."),
    "HQ004": lambda _told: _(
        "A payout line must match a due instalment and an account of its payee."
    ),
    "HQ005": lambda _told: _("The instalments must add up to the award."),
    "HQ006": lambda _told: _("This change has been carried out already."),
    "HQ007": lambda _told: _("Only a list that was taken in opens awards and balances."),
    "23505": lambda _told: _("This case has an award already."),
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A cap that left less than was assessed: its key, limit, what was used, and the room."""

    key: str
    kind: str
    unit: str
    limit: Decimal
    used: Decimal
    room: Decimal

    @classmethod
    def read(cls, row: dict[str, Any]) -> "Cut":
        numbers = {name: Decimal(row[name]) for name in ("limit", "used", "room")}
        return cls(key=row["key"], kind=row["kind"], unit=row["unit"], **numbers)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the caps left of an assessed amount; `award` is None when they left nothing."""

    award: int | None
    amount: Decimal
    cuts: list[Cut]


def reserve(
    *,
    case_number: str,
    version: ProgrammeVersion,
    applicant: Party,
    bureau: Bureau,
    district: District | None,
    verb: str,
    payer: str,
    assessed: Decimal,
    at: datetime,
    actor: User,
    reason: str,
    counters: Sequence[CounterRequest],
) -> Grant:
    """Take what the caps, same-event groups and pools leave of `assessed` and write it down."""
    programme = version.programme
    rows = [one for one in counters for _time in range(one.times)]
    arguments = [
        programme.city_id,
        case_number,
        programme.pk,
        version.pk,
        applicant.pk,
        bureau.pk,
        district.pk if district else None,
        verb,
        payer,
        assessed,
        at,
        actor.pk,
        reason,
        [row.key for row in rows],
        [row.kind for row in rows],
        [row.unit for row in rows],
        [row.heat for row in rows],
        [row.limit for row in rows],
    ]
    casts = [
        "text",
        "text",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "bigint",
        "text",
        "text",
        "numeric",
        "timestamptz",
        "bigint",
        "text",
        "text[]",
        "text[]",
        "text[]",
        "int[]",
        "numeric[]",
    ]
    row = _call("huiqi_reserve", arguments, casts)
    cuts = json.loads(row[2]) if isinstance(row[2], str) else row[2]
    return Grant(award=row[0], amount=row[1], cuts=[Cut.read(cut) for cut in cuts])


def look(*, city_code: str, counters: Sequence[CounterRequest]) -> dict[str, Decimal]:
    """Lock the counters in the one order and tell what each has used, by key."""
    columns = [[getattr(one, name) for one in counters] for name in ("key", "kind", "unit", "heat")]
    casts = ["text", "text[]", "text[]", "text[]", "int[]"]
    found = _call("huiqi_look", [city_code, *columns], casts)[0]
    read = json.loads(found) if isinstance(found, str) else found
    return {key: Decimal(used) for key, used in read.items()}


def commit(*, award: Award, at: datetime, actor: User, reason: str) -> None:
    _call(
        "huiqi_commit",
        [award.pk, at, actor.pk, reason],
        ["bigint", "timestamptz", "bigint", "text"],
    )


def release(*, award: Award, at: datetime, actor: User, reason: str) -> None:
    """Give a reserved award back to every cap and pool that it was taken from."""
    _call(
        "huiqi_release",
        [award.pk, at, actor.pk, reason],
        ["bigint", "timestamptz", "bigint", "text"],
    )


def redeem(*, award: Award, amount: Decimal, at: datetime, actor: User, reason: str) -> None:
    """Commit the part (yuan) of a voucher's reservation that was used; give the rest back."""
    _call(
        "huiqi_redeem",
        [award.pk, amount, at, actor.pk, reason],
        ["bigint", "numeric", "timestamptz", "bigint", "text"],
    )


def settle_line(
    *, line: PayoutLine, result: str, at: datetime, actor: User, note: str = ""
) -> None:
    """Record the bank's answer to a line: `paid` or `returned`."""
    _call(
        "huiqi_settle_line",
        [line.pk, result, at, actor.pk, note],
        ["bigint", "text", "timestamptz", "bigint", "text"],
    )


def cancel_lines(*, batch: PayoutBatch) -> None:
    _call("huiqi_cancel_lines", [batch.pk], ["bigint"])


def lock_pools(*, city_code: str) -> None:
    _call("huiqi_lock_pools", [city_code], ["text"])


def sync_pool(*, pool_id: int) -> Decimal:
    """Bring a pool's counter in line with its row; returns what the year has used of it."""
    return Decimal(_call("huiqi_sync_pool", [pool_id], ["bigint"])[0])


def carry(
    *,
    change: PartyChange,
    city_code: str,
    keys: Sequence[str],
    successor_keys: Sequence[str],
    shares: Sequence[Decimal],
    keeps: Sequence[bool],
) -> int:
    """Pass counters on to a successor's (incentives.domain.carrying); how many entries it took.

    `shares` in percent; with `keeps` the party keeps what it counted as well.
    """
    casts = ["bigint", "text", "text[]", "text[]", "numeric[]", "boolean[]"]
    given = [list(keys), list(successor_keys), list(shares), list(keeps)]
    return int(_call("huiqi_carry", [change.pk, city_code, *given], casts)[0])


def open_award(
    *,
    row: ImportRow,
    case_number: str,
    version: ProgrammeVersion,
    applicant: Party,
    bureau: Bureau,
    amount: Decimal,
    at: datetime,
    actor: User,
    reason: str,
    counters: Sequence[CounterRequest],
    verb: str,
    payer: str,
) -> int:
    """Enter an award of `amount` yuan, approved at `at` before this house; counted, never cut."""
    rows = [one for one in counters for _time in range(one.times)]
    parts = [[getattr(row, name) for row in rows] for name in COUNTER_PARTS]
    whose = [row.pk, case_number, version.pk, applicant.pk, bureau.pk, verb, payer]
    casts = [
        *["bigint", "text", "bigint", "bigint", "bigint", "text", "text"],
        *["numeric", "timestamptz", "bigint", "text"],
        *["text[]", "text[]", "text[]", "int[]", "numeric[]"],
    ]
    return int(_call("huiqi_open", [*whose, amount, at, actor.pk, reason, *parts], casts)[0])


def open_balance(*, row: ImportRow, counter: CounterRequest, amount: Decimal) -> int:
    """Enter what a counter had used before this house, in its unit."""
    parts = [getattr(counter, name) for name in COUNTER_PARTS]
    casts = ["bigint", "text", "text", "text", "int", "numeric", "numeric"]
    return int(_call("huiqi_open_balance", [row.pk, *parts, amount], casts)[0])


def _call(function: str, arguments: list[Any], casts: list[str]) -> tuple[Any, ...]:
    if not connection.in_atomic_block:
        raise RuntimeError(f"{function} belongs in the transaction of its decision")
    places = ", ".join(f"%s::{cast}" for cast in casts)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {function}({places})", arguments)  # noqa: S608  # own names
            row: tuple[Any, ...] = cursor.fetchone()
            return row
    except DatabaseError as error:
        refusal = REFUSALS.get(getattr(error.__cause__, "sqlstate", ""))
        told = str(error).partition("\n")[0]
        if refusal is None:
            raise
        raise Conflict(refusal(told)) from error
