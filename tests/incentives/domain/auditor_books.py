"""What the random steps (auditor_steps.py) share: pools, budgets, and the books held together."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from applicants.domain.errors import Conflict, Refused
from applicants.models import BankAccount, Party, User
from incentives.domain import money
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.models import (
    Award,
    Budget,
    BudgetChange,
    Counter,
    Fund,
    LedgerEntry,
    PayoutLine,
    Pool,
    Programme,
    Recovery,
    YearClose,
)
from tests.incentives import factories
from tests.incentives.domain import auditor as audit

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, SECOND = 2026, 2027
MOMENTS = {
    FIRST: datetime(FIRST, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI),
    SECOND: datetime(SECOND, 1, 1, tzinfo=SHANGHAI),
}
YEARS = st.sampled_from([FIRST, FIRST, SECOND])
KINDS = ["supplement", "reduction"]
PICK = st.integers(0, 10**6)


def yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def fen(amount: Decimal | None) -> int:
    return int((amount or 0) * 100)


@dataclass
class World:
    """What every run finds there, made and committed once."""

    programmes: list[Programme]
    fund: Fund
    party: Party
    account: BankAccount
    one: User
    other: User


def make_world() -> World:
    programmes = list(Programme.objects.filter(city="qingdao").order_by("code")[:2])
    party = factories.make_party()
    return World(
        programmes, factories.make_fund(*programmes), party, factories.make_account(party),
        factories.make_user(), factories.make_user(),
    )  # fmt: skip


def assert_same(what: str, found: object, audited: object) -> None:
    assert found == audited, f"{what}: {found}, by the auditor {audited}"


class Books(RuleBasedStateMachine):
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.run_of_its_own = transaction.atomic()
        self.run_of_its_own.__enter__()
        self.auditor = audit.Auditor()
        self.rows: list[Award] = []  # as the auditor's awards, in their order
        self.paid: list[tuple[int, PayoutLine]] = []
        self.demands: list[tuple[int, Recovery, int, int]] = []  # open, and given up
        self.receipts: list[tuple[int, int, int, audit.Receipt]] = []  # demand, entry, given up
        self.serial = 0

    def teardown(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert differences(city_code="qingdao") == []
        finally:
            transaction.set_rollback(True)
            self.run_of_its_own.__exit__(None, None, None)

    def both(self, audited: Callable[[], Any], real: Callable[[], Any]) -> Any:
        """The auditor's result and the verb's; None where both refuse."""
        try:
            foreseen = audited()
        except audit.Disallowed as why:
            try:
                with transaction.atomic():
                    real()
            except (Conflict, Refused):
                return None
            raise AssertionError(f"not refused: {why}") from why
        with transaction.atomic():
            return foreseen, real()

    def number(self) -> str:
        self.serial += 1
        return f"AUDIT-{self.serial}"

    def award(self, pick: int) -> int:
        return pick % len(self.rows)

    # Budgets and pools

    @initialize(years=st.tuples(st.booleans(), st.booleans(), st.booleans()))
    def begin(self, years: tuple[bool, bool, bool]) -> None:
        codes = [programme.code for programme in self.world.programmes]
        self.budgets: dict[str, tuple[Budget, audit.Limit]] = {}
        for year, only in ((FIRST, None), (FIRST, 0), (SECOND, None)):
            budget = Budget.objects.create(
                fund=self.world.fund, year=year, funding_source="x", subject_code="1",
                programme=None if only is None else self.world.programmes[only],
                set_by=self.world.one,
            )  # fmt: skip
            counts = set(codes) if only is None else {codes[only]}
            limit = audit.Limit(year, counts, 0, is_budget=True, of_one=only is not None)
            self.budgets[budget.key] = budget, limit
        for key, opened in zip(self.budgets, years, strict=True):
            if opened:
                self.put({key: 60_000}, "planned")

    def put(self, moves: dict[str, int], kind: str) -> None:
        if any(self.budgets[key][1].year in self.auditor.closed for key in moves):
            return  # a change of a closed year is not even written: see test_budgets
        change = self.written(moves, kind)
        limits = {key: replace(self.budgets[key][1]) for key in moves}

        def audited() -> None:
            self.auditor.change_budget(moves, limits)
            for key, limit in limits.items():
                self.budgets[key] = self.budgets[key][0], limit

        self.both(
            audited, lambda: money.change_budget(
                change=change, at=timezone.now(), actor=self.world.other)
        )  # fmt: skip

    def written(self, moves: dict[str, int], kind: str) -> BudgetChange:
        to, *rest = moves
        return BudgetChange.objects.create(
            budget=self.budgets[to][0], kind=kind, amount=yuan(abs(moves[to])), basis="b",
            taken_from=self.budgets[rest[0]][0] if rest else None, prepared_by=self.world.one,
        )  # fmt: skip

    @rule(
        pick=PICK, amount=st.integers(1, 60_000), kind=st.sampled_from(["supplement", "reduction"])
    )
    def change_budget(self, pick: int, amount: int, kind: str) -> None:
        key = list(self.budgets)[pick % 3]
        self.put({key: -amount if kind == "reduction" else amount}, kind)

    @rule(pick=PICK, amount=st.integers(1, 30_000))
    def transfer(self, pick: int, amount: int) -> None:
        keys = list(self.budgets)
        to, source = keys[pick % 3], keys[(pick + 1 + pick % 2) % 3]
        if self.auditor.closed or self.auditor.apart(self.budgets[to][1], self.budgets[source][1]):
            with pytest.raises(DatabaseError), transaction.atomic():
                self.written({to: amount, source: -amount}, "transfer")
        else:
            self.put({to: amount, source: -amount}, "transfer")

    @rule(which=st.integers(0, 2), year=YEARS, limit=st.integers(1, 120_000))
    def pool(self, which: int, year: int, limit: int) -> None:
        chosen = self.world.programmes if which == 2 else [self.world.programmes[which]]
        code = f"pool-{which}"
        book = audit.Limit(year, {one.code for one in chosen}, limit, is_budget=False)
        self.both(
            lambda: self.auditor.set_pool(f"pool:{code}:{year}", book),
            lambda: set_pool(
                city=factories.qingdao(), code=code, year=year, title=code, limit=yuan(limit),
                programmes=chosen, basis="b", actor=self.world.one,
            ),
        )  # fmt: skip

    @precondition(lambda self: self.serial > 20 and not self.auditor.closed)
    @rule()
    def close_the_first_year(self) -> None:
        self.auditor.closed.add(FIRST)
        YearClose.objects.create(
            city=factories.qingdao(), year=FIRST, report="{}", sha256="",
            prepared_by=self.world.one, closed_by=self.world.other, closed_at=timezone.now(),
        )  # fmt: skip

    # What both say afterwards

    @invariant()
    def agree(self) -> None:
        counted = {
            key: fen(used) if unit == "yuan" else int(used)
            for key, unit, used in Counter.objects.values_list("key", "unit", "used") if used
        }  # fmt: skip
        assert_same("counters", counted, self.auditor.balances())
        keys = {budget.pk: key for key, (budget, _) in getattr(self, "budgets", {}).items()}
        ledger = LedgerEntry.objects.values_list(
            "stage", "payer", "year", "approval_year", "budget"
        ).annotate(total=Sum("amount"))
        summed = {(*row, keys.get(budget)): fen(total) for *row, budget, total in ledger.order_by()}
        assert_same("ledger", summed, dict(self.auditor.ledger))
        awards = Award.objects.order_by("id").values_list("state", "amount", "budget")
        assert_same(
            "awards",
            [(state, fen(amount), keys.get(budget)) for state, amount, budget in awards],
            [(one.state, one.amount, one.budget) for one in self.auditor.awards],
        )
        limits = {f"budget:{pk}": fen(n) for pk, n in
                  Budget.objects.filter(opened=True).values_list("pk", "planned")}  # fmt: skip
        limits |= {pool.key: fen(pool.limit) for pool in Pool.objects.all()}
        audited = {key: limit.fen for key, limit in self.auditor.limits.items()}
        assert_same("limits", limits, audited)
