"""A payment that is not made after all: withdrawn by two before it is in a batch."""

from decimal import Decimal
from threading import Event as Signal

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import BankAccount
from incentives.domain import findings, payouts
from incentives.domain.budget_execution import execution
from incentives.domain.reconcile import differences
from incentives.models import (
    Award,
    InstalmentFinding,
    LedgerEntry,
    PayoutBatch,
    PayoutLine,
)
from tests.incentives.domain.test_findings import confirm, due, staged, used
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import make_budget, make_user, qingdao

TODAY = timezone.localdate()


def withdraw(award: Award, number: int = 1) -> InstalmentFinding:
    return findings.prepare(
        instalment_id=award.instalments.get(number=number).pk, found="withdrawn", amount=None,
        due_on=TODAY, reason="申报单位已注销", document=None, user=make_user(),
    )  # fmt: skip


def batch_of(award: Award) -> PayoutBatch:
    ids = [award.instalments.get(number=1).pk]
    return payouts.prepare_batch(city=qingdao(), instalment_ids=ids, user=make_user())


def test_what_is_withdrawn_is_not_paid_and_is_room_again(db: None) -> None:
    budget = make_budget("1000.00", year=TODAY.year)
    award = staged("100.00", "200.00")
    made = withdraw(award)
    with pytest.raises(NotAllowed):
        findings.confirm(finding_id=made.pk, user=made.prepared_by)
    assert confirm(made).became is None
    award.refresh_from_db()
    left = Decimal("200.00")
    assert (award.state, award.amount, used("own"), used(budget.key)) == (
        "committed", left, left, left,
    )  # fmt: skip
    assert LedgerEntry.objects.get(stage="released").amount == Decimal("100.00")
    assert execution([budget.pk])[budget.pk].available == Decimal("800.00")
    assert due() == []
    confirm(withdraw(award, 2))  # a stage that nobody waits for any more
    award.refresh_from_db()
    assert (award.state, used("own"), used("count")) == ("released", Decimal(0), Decimal(0))
    assert differences(city_code="qingdao") == []


def test_it_is_held_from_the_moment_it_is_prepared_until_it_is_dropped(db: None) -> None:
    award = staged("100.00")
    made = withdraw(award)
    assert due() == []
    with pytest.raises(Conflict):
        batch_of(award)
    with pytest.raises(Conflict):
        withdraw(award)
    findings.drop(finding_id=made.pk)
    assert due() == [Decimal("100.00")]
    assert batch_of(award).total == Decimal("100.00")


def test_what_is_in_a_batch_or_paid_is_not_withdrawn(db: None) -> None:
    award = staged("100.00")
    batch = batch_of(award)
    with pytest.raises(Conflict):
        withdraw(award)
    payouts.cancel_batch(batch_id=batch.pk, user=make_user(), reason="误编")
    confirm(withdraw(award))
    assert due() == []


def line_of(award: Award, batch: PayoutBatch) -> PayoutLine:
    part = award.instalments.get(number=1)
    account = BankAccount.objects.get(party=part.payee)
    return PayoutLine(
        batch=batch, number=1, instalment=part, payee=part.payee, account=account,
        amount=part.amount, funding_source="x", subject_code="1",
    )  # fmt: skip


def an_empty_batch() -> PayoutBatch:
    return PayoutBatch.objects.create(
        city=qingdao(), number="QD-BF-TEST", payer="city", line_count=1, total=Decimal("100.00"),
        prepared_by=make_user(), prepared_at=timezone.now(),
    )  # fmt: skip


def test_not_even_past_the_verbs_is_it_put_into_a_batch(db: None) -> None:
    award = staged("100.00")
    withdraw(award)
    with pytest.raises(DatabaseError, match="not reached"), transaction.atomic():
        line_of(award, an_empty_batch()).save()


def test_what_is_withdrawn_after_the_list_was_read_is_told_in_words(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = staged("100.00")

    def withdrawn_meanwhile(*_given: object) -> None:
        withdraw(award)

    monkeypatch.setattr(payouts.payout_checks, "refuse_shared_accounts", withdrawn_meanwhile)
    with pytest.raises(Conflict), transaction.atomic():
        batch_of(award)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_whoever_confirms_waits_for_whoever_prepares_the_batch(
    committed_db: None, owner_url: str, guarded: bool
) -> None:
    """A line that is not committed yet is seen by nobody: only the lock tells of it."""
    if not guarded:
        find = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s"
        lock = "PERFORM 1 FROM incentives_instalment WHERE id = v_part.id FOR UPDATE;"
        with psycopg.connect(owner_url, autocommit=True) as owner:
            source = owner.execute(find, ["huiqi_confirm_part"]).fetchone()[0]
            assert lock in source
            owner.execute(source.replace(lock, ""))
    award = staged("100.00")
    line, user = line_of(award, an_empty_batch()), make_user()
    written = Signal()

    def preparing() -> None:
        with transaction.atomic():
            line.save()
            written.set()
            Signal().wait(1)

    def withdrawing() -> None:
        written.wait(30)
        made = withdraw(award)
        with transaction.atomic():
            findings.confirm(finding_id=made.pk, user=user)

    _done, withdrawn = at_once([preparing, withdrawing])
    assert isinstance(withdrawn, Conflict) == guarded
    award.refresh_from_db()
    assert award.state == ("committed" if guarded else "released")
