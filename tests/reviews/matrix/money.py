"""The verbs of money, each by everybody: who may is written here, and the page tells it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from applicants.models import User
from incentives.domain import holds
from incentives.models import Award, Budget, PayoutBatch, ReceiptReversal, Recovery
from reviews.domain import (
    budgeting,
    holding,
    outlooks,
    paying,
    payout_layouts,
    pooling,
    recovering,
    reversing,
)
from reviews.models import Application
from reviews.models.staff import Role
from tests.factories import Cast, decide_award, make_staff, qingdao
from tests.incentives.factories import (
    any_programme,
    make_account,
    make_award,
    make_budget,
    make_fund,
    make_party,
)
from tests.reviews.domain.test_openings import Books as Opening
from tests.reviews.domain.test_openings_again import listed, new_party, open_balances
from tests.reviews.matrix.trying import DONE

ALL = {"all roles", "proposer with all roles", "sti preparer"}  # these two are one person
MEMBER = {"member on the staff"}
PREPARES = {"finance_preparer"} | ALL
SIGNS = {"finance_approver"} | ALL
FINANCE = PREPARES | SIGNS
CHANGE = {"kind": "supplement", "amount": Decimal(1), "basis": "调整"}


class Books:
    """A fund with its budget, batches and demands at each of their stages, by other people."""

    def __init__(self, published: Sequence[tuple[Cast, Application]]) -> None:
        self.city = qingdao()
        self.preparer = make_staff(Role.FINANCE_PREPARER, "finance")
        self.approver = make_staff(Role.FINANCE_APPROVER, "finance")
        self.year = date.today().year
        self.fund = make_fund()
        self.budget: Budget = make_budget("1000.00", year=self.year, fund=self.fund)
        self.change = budgeting.prepare(budget_id=self.budget.pk, user=self.preparer, **CHANGE)
        self.close = budgeting.prepare_close(city=self.city, year=self.year - 1, user=self.preparer)
        self.due = self._part()
        self.prepared, self.approved = self._batch("prepared"), self._batch("approved")
        (_cast, self.paid), _other = published
        batch, self.exported = (self._batch("exported", decide_award(*one)) for one in published)
        results = {line.pk: ("paid", "") for line in batch.lines.all()}
        paying.settle(batch_id=batch.pk, results=results, user=self.preparer)
        self.asked, self.demanded, self.unpaid, self.mistyped = (
            self._recovery() for _time in range(4)
        )
        for one in (self.demanded, self.unpaid, self.mistyped):
            recovering.demand(recovery_id=one.pk, user=self.approver)
        for one in (self.demanded, self.mistyped):
            recovering.enter(recovery_id=one.pk, user=self.preparer, **_receipt("回单0"))
        self.wrong = self.reverse(self.mistyped, self.preparer)
        recovering.ask_write_off(recovery_id=self.unpaid.pk, reason="破产", user=self.preparer)
        self.opened, waits = self._openings()
        self.reversal = reversing.prepare(
            opening_id=waits, reason="误录", evidence="", user=self.preparer
        )
        self.held = holds.hold(award=make_award("1.00"), kind="shared", text="同一账户")

    def _part(self) -> int:
        party = make_party()
        make_account(party, f"6228990000{party.pk:09d}")  # nobody else's
        return make_award("5.00", payees=[(party, "5.00")]).instalments.get().pk

    def _batch(self, stage: str, award: Award | None = None) -> PayoutBatch:
        ids = [award.instalments.get().pk if award else self._part()]
        batch = paying.prepare(city=self.city, instalment_ids=ids, user=self.preparer)
        if stage != "prepared":
            paying.approve(batch_id=batch.pk, user=self.approver)
        if stage == "exported":
            paying.export(batch_id=batch.pk, user=self.preparer)
        return batch

    def _openings(self) -> list[int]:
        """The rows of a list of balances that was taken in."""
        rows = [listed(new_party()) for _time in range(2)]
        return list(open_balances(Opening(), *rows).rows.values_list("pk", flat=True))

    def reverse(self, recovery: Recovery, user: User) -> ReceiptReversal:
        receipt = recovery.entries.get().pk
        return recovering.prepare_reversal(
            recovery_id=recovery.pk, receipt=receipt, reason="金额误录", user=user
        )

    def _recovery(self) -> Recovery:
        return recovering.prepare(case_id=self.paid.pk, user=self.preparer, **_demand())


def _demand() -> dict[str, Any]:
    return {"amount": Decimal("1.00"), "reason": "迁出", "due_on": date.today()}


def _receipt(reference: str) -> dict[str, Any]:
    return {"amount": Decimal("0.50"), "received_on": date.today(), "reference": reference}


@dataclass(frozen=True)
class Verb:
    name: str
    may: set[str]
    call: Callable[[Books, User], Any]


VERBS = (
    Verb("set up a fund", PREPARES | MEMBER, lambda b, user: budgeting.create_fund(
        city=b.city, code="new", name_zh="新", name_en="New", programmes=[any_programme()],
        user=user)),
    Verb("set up a budget", PREPARES | MEMBER, lambda b, user: budgeting.set_up(
        fund=b.fund, programme=None, year=b.year + 1, planned=Decimal(1), funding_source="财指",
        subject_code="206", basis="年度预算", carries_over=False, user=user)),
    Verb("prepare a change of a budget", PREPARES | MEMBER, lambda b, user: budgeting.prepare(
        budget_id=b.budget.pk, user=user, **CHANGE)),
    Verb("approve it", SIGNS | MEMBER, lambda b, user: budgeting.approve(
        change_id=b.change.pk, user=user)),
    Verb("drop it", FINANCE | MEMBER, lambda b, user: budgeting.cancel(
        change_id=b.change.pk, reason="重复", user=user)),
    Verb("compute the outlook", FINANCE | MEMBER, lambda b, user: outlooks.start(
        city=b.city, user=user)),
    Verb("set a pool", SIGNS | MEMBER, lambda b, user: pooling.set_pool(
        city=b.city, code="new", year=b.year, title="总额", limit=Decimal(10**9),
        programmes=[any_programme()], basis="文件", user=user)),
    Verb("prepare the close of a year", PREPARES | MEMBER, lambda b, user:
        budgeting.prepare_close(city=b.city, year=b.year - 2, user=user)),
    Verb("close the year", SIGNS | MEMBER, lambda b, user: budgeting.close_year(
        close_id=b.close.pk, user=user)),
    Verb("set a payout format", {"policy_editor"}, lambda b, user: payout_layouts.set_format(
        city=b.city, code="new", after=None, title="新", form="csv",
        columns=[{"heading": one, "source": one} for one in ("line", "account", "pays")],
        options={}, basis="银行要求", user=user)),
    Verb("prepare a payout batch", PREPARES | MEMBER, lambda b, user: paying.prepare(
        city=b.city, instalment_ids=[b.due], user=user)),
    Verb("approve the batch", SIGNS | MEMBER, lambda b, user: paying.approve(
        batch_id=b.prepared.pk, user=user)),
    Verb("cancel the batch", FINANCE | MEMBER, lambda b, user: paying.cancel(
        batch_id=b.prepared.pk, reason="重复", user=user)),
    Verb("export its files", FINANCE | MEMBER, lambda b, user: paying.export(
        batch_id=b.approved.pk, user=user)),
    Verb("download a file", FINANCE | MEMBER, lambda b, user: paying.download(
        file=b.exported.files.first(), user=user)),
    Verb("record the bank's answers", FINANCE | MEMBER, lambda b, user: paying.settle(
        batch_id=b.exported.pk, user=user,
        results={line.pk: ("paid", "") for line in b.exported.lines.all()})),
    Verb("release a held payment", SIGNS | MEMBER, lambda b, user: holding.release(
        hold_id=b.held.pk, user=user, reason="电话核实")),
    Verb("prepare a recovery", PREPARES, lambda b, user: recovering.prepare(
        case_id=b.paid.pk, user=user, **_demand())),
    Verb("sign the demand", SIGNS, lambda b, user: recovering.demand(
        recovery_id=b.asked.pk, user=user)),
    Verb("drop the recovery", FINANCE, lambda b, user: recovering.cancel(
        recovery_id=b.asked.pk, reason="误办", user=user)),
    Verb("enter what came back", PREPARES, lambda b, user: recovering.enter(
        recovery_id=b.demanded.pk, user=user, **_receipt("回单1"))),
    Verb("prepare the reversal of a receipt", PREPARES, lambda b, user: b.reverse(
        b.demanded, user)),
    Verb("approve the reversal of the receipt", SIGNS, lambda b, user: recovering.approve_reversal(
        recovery_id=b.mistyped.pk, reversal=b.wrong.pk, user=user)),
    Verb("drop the reversal of the receipt", FINANCE, lambda b, user: recovering.drop_reversal(
        recovery_id=b.mistyped.pk, reversal=b.wrong.pk, reason="误办", user=user)),
    Verb("ask for a write-off", PREPARES, lambda b, user: recovering.ask_write_off(
        recovery_id=b.demanded.pk, reason="破产", user=user)),
    Verb("sign the write-off", SIGNS, lambda b, user: recovering.write_off(
        recovery_id=b.unpaid.pk, user=user)),
    Verb("prepare the reversal of an opening", PREPARES | MEMBER, lambda b, user:
        reversing.prepare(opening_id=b.opened, reason="误录", evidence="", user=user)),
    Verb("approve the reversal", SIGNS | MEMBER, lambda b, user: reversing.approve(
        reversal_id=b.reversal.pk, user=user)),
    Verb("drop the reversal", FINANCE | MEMBER, lambda b, user: reversing.drop(
        reversal_id=b.reversal.pk, reason="误办", user=user)),
)  # fmt: skip


def by_verb(verb: Verb, books: Books, user: User) -> str:
    try:
        verb.call(books, user)
    except (ValidationError, PermissionDenied) as refused:
        return type(refused).__name__
    return DONE
