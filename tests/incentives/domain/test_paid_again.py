"""An instalment whose payment came back is paid again by one of those who try at once."""

from datetime import date
from functools import partial

import psycopg
import pytest
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import payouts
from incentives.domain.reconcile import differences
from incentives.models import Instalment, LedgerEntry, PayoutBatch, PayoutLine
from tests.incentives.domain.test_payouts import exported
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import make_account, make_award, make_user, qingdao

pytestmark = pytest.mark.usefixtures("committed_db")
CLERKS = 8


def come_back() -> Instalment:
    make_award("10")
    batch = exported()
    line = batch.lines.get()
    payouts.settle(batch_id=batch.pk, results={line.pk: ("returned", "销户")}, user=make_user())
    line.account.is_current = False
    line.account.save(update_fields=["is_current"])
    make_account(line.payee)
    return payouts.due_instalments(qingdao(), date.max).get()


def test_clerks_who_pay_it_again_at_once_pay_it_once() -> None:
    part = come_back()
    jobs = [
        partial(payouts.prepare_batch, city=qingdao(), instalment_ids=[part.pk], user=make_user())
        for _clerk in range(CLERKS)
    ]
    made = [one for one in at_once(jobs) if not isinstance(one, Conflict)]
    batch = made[0]
    assert isinstance(batch, PayoutBatch)
    assert len(made) == 1
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    paying = {batch.lines.get().pk: ("paid", "")}
    settled = at_once(
        [partial(payouts.settle, batch_id=batch.pk, results=paying, user=make_user())] * CLERKS
    )
    assert sorted(type(one).__name__ for one in settled) == ["Conflict"] * 7 + ["list"]
    assert LedgerEntry.objects.filter(stage="paid").count() == 1
    assert differences(city_code="qingdao") == []


def lines_written_past_the_verb(part: Instalment) -> int:
    """How many living lines of one instalment two batches get, each in a thread."""
    batches = [
        PayoutBatch.objects.create(
            city=qingdao(), number=f"X-{place}", line_count=1, total=part.amount,
            prepared_by=make_user(), prepared_at=timezone.now(),
        )
        for place in range(2)
    ]  # fmt: skip
    account = part.payee.bankaccount_set.get(is_current=True)
    more = {"number": 1, "instalment": part, "payee": part.payee, "account": account}
    at_once(
        [
            partial(PayoutLine.objects.create, batch=batch, amount=part.amount, **more)
            for batch in batches
        ]
    )
    return part.lines.filter(state="pending").count()


def test_the_database_takes_one_of_two_lines() -> None:
    assert lines_written_past_the_verb(come_back()) == 1


def test_without_its_index_it_would_take_both(owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("DROP INDEX instalment_paid_once")
    assert lines_written_past_the_verb(come_back()) == 2
