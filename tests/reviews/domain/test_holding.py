"""Holds on real cases: found when payments are prepared, kept when that is refused, released."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applicants.domain.errors import NotAllowed, Refused
from applicants.models import BankAccount, Event, Membership
from incentives.domain.holds import open_holds
from incentives.models import Award, PayeeHold
from reviews.domain import holding, paying
from reviews.models.staff import Role
from tests.factories import Cast, decide_award, make_staff, publicity_end, published, qingdao
from tests.incentives.factories import make_award

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast("enterprise-tech-centre-award")


@pytest.fixture
def award(cast: Cast) -> Iterator[Award]:
    case = published(cast)
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        yield decide_award(cast, case)


def prepare(award: Award) -> None:
    ids = list(award.instalments.values_list("pk", flat=True))
    user = make_staff(Role.FINANCE_PREPARER, "finance")
    paying.prepare(city=qingdao(), instalment_ids=ids, user=user)


def entered_after_the_check(award: Award) -> BankAccount:
    """The case's account, as if it had been entered after finance looked."""
    account = BankAccount.objects.get(party=award.applicant, is_current=True)
    later = timezone.now() + timedelta(seconds=1)
    BankAccount.objects.filter(pk=account.pk).update(created_at=later)
    return account


def test_what_finance_checked_is_paid_without_being_held(award: Award) -> None:
    prepare(award)
    assert not PayeeHold.objects.exists()


def test_an_account_nobody_checked_is_held_and_the_hold_outlives_the_refusal(award: Award) -> None:
    account = entered_after_the_check(award)
    with pytest.raises(Refused, match=award.case_number):
        prepare(award)
    held = open_holds().get()
    assert (held.kind, held.payee, held.account) == ("changed", award.applicant, account)
    assert Event.objects.filter(kind="payout.held", subject=award.case_number).count() == 1
    approver = make_staff(Role.FINANCE_APPROVER, "finance")
    holding.release(hold_id=held.pk, user=approver, reason="电话核实")
    prepare(award)


def test_an_account_shared_since_the_batch_was_prepared_is_no_reason_to_stop_it(
    award: Award,
) -> None:
    """The second payee is held, not the one whose payment is on its way."""
    prepare(award)
    account = BankAccount.objects.get(party=award.applicant, is_current=True)
    other = make_award("10")
    BankAccount.objects.filter(party=other.applicant).update(number_hmac=account.number_hmac)
    with pytest.raises(Refused):
        prepare(other)
    assert open_holds().get().award == other


OTHERS = [
    (Role.FINANCE_PREPARER, "finance"),
    (Role.FINANCE_APPROVER, "sti"),
    (Role.APPROVER, "sti"),
    (Role.AUDITOR, None),
]


def test_nobody_else_releases(award: Award) -> None:
    entered_after_the_check(award)
    with pytest.raises(Refused):
        prepare(award)
    held = open_holds().get()
    for role, bureau in OTHERS:
        with pytest.raises(NotAllowed):
            holding.release(hold_id=held.pk, user=make_staff(role, bureau), reason="x")


def test_a_member_of_the_applicant_does_not_release(award: Award) -> None:
    entered_after_the_check(award)
    with pytest.raises(Refused):
        prepare(award)
    approver = make_staff(Role.FINANCE_APPROVER, "finance")
    Membership.objects.create(party=award.applicant, user=approver, role="clerk")
    with pytest.raises(NotAllowed):
        holding.release(hold_id=open_holds().get().pk, user=approver, reason="x")


def test_finance_and_auditors_see_the_holds_of_their_city_alone(award: Award) -> None:
    entered_after_the_check(award)
    with pytest.raises(Refused):
        prepare(award)
    seen = {
        role: holding.holds_for(make_staff(role, bureau)).count()
        for role, bureau in (
            (Role.FINANCE_PREPARER, "finance"),
            (Role.AUDITOR, None),
            (Role.APPROVER, "sti"),
        )
    }
    assert seen == {Role.FINANCE_PREPARER: 1, Role.AUDITOR: 1, Role.APPROVER: 0}
