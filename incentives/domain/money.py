"""The verbs of money. Each calls one function of the database, which locks, decides and writes.

Amounts are Decimal yuan with two places. The caller holds a transaction: what is decided about a
case and what is written about its money commit together or not at all.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from applicants.models import District, Party, PartyChange, User
from incentives.domain.counters import CounterRequest
from incentives.domain.database_calls import call, call_rows
from incentives.models import (
    Award,
    BudgetChange,
    Bureau,
    ImportRow,
    InstalmentFinding,
    OpeningReversal,
    PayoutBatch,
    PayoutLine,
    ProgrammeVersion,
    ReceiptReversal,
    Recovery,
    Settlement,
)

COUNTER_PARTS = ("key", "kind", "unit", "heat", "limit")
COUNTER_CASTS = ["text[]", "text[]", "text[]", "int[]", "numeric[]"]
RESERVE_CASTS = [
    *["text", "text", "bigint", "bigint", "bigint", "bigint", "bigint", "text", "text"],
    *["numeric", "timestamptz", "bigint", "text", *COUNTER_CASTS, "text[]", "numeric[]"],
]
MANY_CASTS = [
    *["text", "text[]", "bigint[]", "bigint[]", "bigint[]", "bigint[]", "bigint[]", "text[]"],
    *["text[]", "numeric[]", "timestamptz", "bigint", "text[]", "boolean", "int[]", *COUNTER_CASTS],
]


@dataclass(frozen=True, slots=True)
class Cut:
    """A cap that left less than was assessed: its key, limit, what was used, and the room."""

    key: str
    kind: str
    unit: str
    limit: Decimal
    used: Decimal
    room: Decimal
    pro_rata: bool = False  # a budget shared out over all that waited; the room is this share

    @classmethod
    def read(cls, row: dict[str, Any]) -> "Cut":
        numbers = {name: Decimal(row[name]) for name in ("limit", "used", "room")}
        shared = "pro_rata" in row
        return cls(key=row["key"], kind=row["kind"], unit=row["unit"], **numbers, pro_rata=shared)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the caps left of an assessed amount; `award` is None when they left nothing."""

    award: int | None
    amount: Decimal
    cuts: list[Cut]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be reserved for one case. `shares` of payers (of 1) where several pay."""

    case_number: str
    version: ProgrammeVersion
    applicant: Party
    bureau: Bureau
    district: District | None
    verb: str
    payer: str
    assessed: Decimal
    reason: str
    counters: Sequence[CounterRequest]
    shares: Mapping[str, Decimal] = field(default_factory=dict)

    def rows(self) -> list[CounterRequest]:
        """A row of a roster counts as often as it is named."""
        return [one for one in self.counters for _time in range(one.times)]


def reserve(*, at: datetime, actor: User, **asked: Any) -> Grant:
    """Take what caps, same-event groups, budgets and pools leave of `assessed`; write it down.

    The other arguments are those of `Asked`.
    """
    one = Asked(**asked)
    programme, rows = one.version.programme, one.rows()
    arguments = [
        *[programme.city_id, one.case_number, programme.pk, one.version.pk, one.applicant.pk],
        *[one.bureau.pk, one.district.pk if one.district else None, one.verb],
        *["shared" if one.shares else one.payer, one.assessed, at, actor.pk, one.reason],
        *([getattr(row, name) for row in rows] for name in COUNTER_PARTS),
        *[list(one.shares), list(one.shares.values())],
    ]
    row = call("huiqi_reserve", arguments, RESERVE_CASTS)
    return _grant(*row)


def reserve_many(
    *,
    city_code: str,
    wanted: Sequence[Asked],
    at: datetime,
    actor: User,
    sharing: bool = False,
) -> list[Grant]:
    """A batch, decided in its order as `reserve` would one by one, in one statement; all or none.

    With `sharing` a budget that is given pro rata is shared by the whole batch: where its room is
    less than what the other limits leave, by largest remainder to the fen; kept as a `ProRata`.
    Without, Conflict is raised where such a budget is asked, as `reserve` does.
    Awards that several payers share are not for batches: their parts are split one by one.
    """
    if any(one.shares for one in wanted):
        raise ValueError("an award shared by payers is reserved by itself")
    rows = [(place, row) for place, one in enumerate(wanted, start=1) for row in one.rows()]
    columns = [
        [one.case_number for one in wanted],
        [one.version.programme_id for one in wanted],
        [one.version.pk for one in wanted],
        [one.applicant.pk for one in wanted],
        [one.bureau.pk for one in wanted],
        [one.district.pk if one.district else None for one in wanted],
        [one.verb for one in wanted],
        [one.payer for one in wanted],
        [one.assessed for one in wanted],
        at,
        actor.pk,
        [one.reason for one in wanted],
        sharing,
        [place for place, _row in rows],
        *([getattr(row, name) for _place, row in rows] for name in COUNTER_PARTS),
    ]
    found = call_rows("huiqi_reserve_many", [city_code, *columns], MANY_CASTS)
    return [_grant(*row[1:]) for row in sorted(found, key=itemgetter(0))]


def _grant(award: int | None, granted: Decimal, cuts: Any) -> Grant:
    read = [] if cuts == "[]" else json.loads(cuts)  # most of a batch are not cut
    return Grant(award=award, amount=granted, cuts=[Cut.read(cut) for cut in read])


def look(*, city_code: str, counters: Sequence[CounterRequest]) -> dict[str, Decimal]:
    """Lock the counters in the one order and tell what each has used, by key."""
    columns = [[getattr(one, name) for one in counters] for name in ("key", "kind", "unit", "heat")]
    casts = ["text", "text[]", "text[]", "text[]", "int[]"]
    found = call("huiqi_look", [city_code, *columns], casts)[0]
    read = json.loads(found) if isinstance(found, str) else found
    return {key: Decimal(used) for key, used in read.items()}


def commit(*, award: Award, at: datetime, actor: User, reason: str) -> None:
    call(
        "huiqi_commit",
        [award.pk, at, actor.pk, reason],
        ["bigint", "timestamptz", "bigint", "text"],
    )


def release(*, award: Award, at: datetime, actor: User, reason: str) -> None:
    """Give a reserved award back to every cap and pool that it was taken from."""
    call(
        "huiqi_release",
        [award.pk, at, actor.pk, reason],
        ["bigint", "timestamptz", "bigint", "text"],
    )


def redeem(*, award: Award, amount: Decimal, at: datetime, actor: User, reason: str) -> None:
    """Commit the part (yuan) of a voucher's reservation that was used; give the rest back."""
    call(
        "huiqi_redeem",
        [award.pk, amount, at, actor.pk, reason],
        ["bigint", "numeric", "timestamptz", "bigint", "text"],
    )


def confirm_finding(
    *, finding: InstalmentFinding, at: datetime, actor: User, reason: str
) -> int | None:
    """What was found due becomes an instalment (its id); the rest lapses and gives room again."""
    casts = ["bigint", "timestamptz", "bigint", "text"]
    became = call("huiqi_confirm_finding", [finding.pk, at, actor.pk, reason], casts)[0]
    return None if became is None else int(became)


def top_up(
    *,
    award: Award,
    entitled: Decimal,
    due_on: date,
    at: datetime,
    actor: User,
    reason: str,
    counters: Sequence[CounterRequest],
) -> Decimal:
    """Add to a committed award what its limits leave of `entitled` yuan; returns what was added.

    It falls due as an instalment more, to the applicant.
    """
    casts = ["bigint", "numeric", "date", "timestamptz", "bigint", "text", *COUNTER_CASTS]
    parts = [[getattr(one, name) for one in counters] for name in COUNTER_PARTS]
    given = [award.pk, entitled, due_on, at, actor.pk, reason]
    return Decimal(call("huiqi_top_up", [*given, *parts], casts)[0])


def approve_settlement(*, settlement: Settlement, recovery: str, at: datetime, actor: User) -> None:
    """Sign what has been carried out: found due, topped up, or asked back by `recovery`."""
    casts = ["bigint", "text", "timestamptz", "bigint"]
    call("huiqi_approve_settlement", [settlement.pk, recovery, at, actor.pk], casts)


def drop_settlement(*, settlement: Settlement) -> None:
    call("huiqi_drop_settlement", [settlement.pk], ["bigint"])


def settle_line(
    *, line: PayoutLine, result: str, at: datetime, actor: User, note: str = ""
) -> None:
    """Record the bank's answer to a line: `paid` or `returned`."""
    call(
        "huiqi_settle_line",
        [line.pk, result, at, actor.pk, note],
        ["bigint", "text", "timestamptz", "bigint", "text"],
    )


def cancel_lines(*, batch: PayoutBatch) -> None:
    call("huiqi_cancel_lines", [batch.pk], ["bigint"])


def lock_pools(*, city_code: str) -> None:
    call("huiqi_lock_pools", [city_code], ["text"])


def lock_books(*, city_code: str) -> None:
    """Wait until nobody writes into the ledger, and keep everybody out of it until commit."""
    call("huiqi_lock_books", [city_code], ["text"])


def sync_pool(*, pool_id: int) -> Decimal:
    """Bring a pool's counter in line with its row; returns what the year has used of it."""
    return Decimal(call("huiqi_sync_pool", [pool_id], ["bigint"])[0])


def change_budget(*, change: BudgetChange, at: datetime, actor: User) -> None:
    """Approve a prepared change: its money is in the budget, and out of the one it was taken from.

    With its first money a budget is open, and counts what its year had approved before.
    """
    call("huiqi_change_budget", [change.pk, actor.pk, at], ["bigint", "bigint", "timestamptz"])


def recover(
    *,
    recovery: Recovery,
    kind: str,
    amount: Decimal,
    received_on: date,
    reference: str,
    prepared_by: User,
    at: datetime,
    actor: User,
    line: PayoutLine | None = None,
) -> int:
    """Enter `amount` yuan that came back of a demand, was netted against a line, or given up."""
    casts = ["bigint", "text", "numeric", "date", "text", "bigint", "bigint", "timestamptz"]
    given = [recovery.pk, kind, amount, received_on, reference, line.pk if line else None]
    people = [prepared_by.pk, at, actor.pk]
    return int(call("huiqi_recover", [*given, *people], [*casts, "bigint"])[0])


def lock_demands(*, recovery_ids: Collection[int]) -> None:
    """Before money is entered on several of them: all that each will lock, in the one order."""
    call("huiqi_lock_demands", [sorted(recovery_ids)], ["bigint[]"])


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
    return int(call("huiqi_carry", [change.pk, city_code, *given], casts)[0])


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
    return int(call("huiqi_open", [*whose, amount, at, actor.pk, reason, *parts], casts)[0])


def open_balance(*, row: ImportRow, counter: CounterRequest, amount: Decimal) -> int:
    """Enter what a counter had used before this house, in its unit."""
    parts = [getattr(counter, name) for name in COUNTER_PARTS]
    casts = ["bigint", "text", "text", "text", "int", "numeric", "numeric"]
    return int(call("huiqi_open_balance", [row.pk, *parts, amount], casts)[0])


def reverse_opening(*, reversal: OpeningReversal, at: datetime, actor: User) -> None:
    """Sign it: what was opened is taken off every counter on which it stands now."""
    call("huiqi_reverse_opening", [reversal.pk, at, actor.pk], ["bigint", "timestamptz", "bigint"])


def drop_reversal(*, reversal: OpeningReversal) -> None:
    call("huiqi_drop_reversal", [reversal.pk], ["bigint"])


def reverse_receipt(*, reversal: ReceiptReversal, at: datetime, actor: User) -> None:
    """Sign it: the award holds again what never came, and the demand is open again."""
    call("huiqi_reverse_receipt", [reversal.pk, at, actor.pk], ["bigint", "timestamptz", "bigint"])


def drop_receipt_reversal(*, reversal: ReceiptReversal) -> None:
    call("huiqi_drop_receipt_reversal", [reversal.pk], ["bigint"])
