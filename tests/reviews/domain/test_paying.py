"""Paying real cases, by the people of the finance bureau."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from applicants.domain.errors import NotAllowed
from applicants.models import Event, Membership, Notice, User
from incentives.domain.payouts import due_instalments
from incentives.models import Award, PayoutBatch, PayoutFile
from reviews.demo import walk
from reviews.domain import paying
from reviews.domain.cases import subject_of
from reviews.models import Application, PayeeShare
from reviews.models.staff import Role
from tests.factories import Cast, decide_award, make_staff, publicity_end, published, qingdao

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast("enterprise-tech-centre-award")


@pytest.fixture
def award(cast: Cast) -> Iterator[Award]:
    yield from _awarded(cast)


def _awarded(cast: Cast, *facts: object) -> Iterator[Award]:
    case = published(cast, *facts)
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        yield decide_award(cast, case)


@pytest.fixture
def preparer() -> User:
    return make_staff(Role.FINANCE_PREPARER, "finance")


@pytest.fixture
def approver() -> User:
    return make_staff(Role.FINANCE_APPROVER, "finance")


def ids(award: Award) -> list[int]:
    return list(award.instalments.values_list("pk", flat=True))


def prepare(award: Award, user: User) -> PayoutBatch:
    return paying.prepare(city=qingdao(), instalment_ids=ids(award), user=user)


def test_a_payment_reaches_the_applicant_and_the_history_of_the_case(
    award: Award, cast: Cast, preparer: User, approver: User
) -> None:
    batch = prepare(award, preparer)
    paying.approve(batch_id=batch.pk, user=approver)
    files = paying.export(batch_id=batch.pk, user=preparer)
    assert paying.download(file=files[0], user=preparer)
    paying.settle(batch_id=batch.pk, results={batch.lines.get().pk: ("paid", "")}, user=preparer)
    case = Application.objects.get(number=award.case_number)
    event = Event.objects.filter(subject=subject_of(case)).latest("id")
    assert (event.kind, event.data["amount"]) == ("payment.paid", str(award.amount))
    notice = Notice.objects.get(kind="payment.paid")
    assert (notice.user, notice.data["amount"]) == (cast.clerk, str(award.amount))


def test_a_returned_payment_tells_why(award: Award, preparer: User, approver: User) -> None:
    batch = prepare(award, preparer)
    paying.approve(batch_id=batch.pk, user=approver)
    paying.export(batch_id=batch.pk, user=approver)
    results = {batch.lines.get().pk: ("returned", "户名不符")}
    paying.settle(batch_id=batch.pk, results=results, user=approver)
    assert Notice.objects.get(kind="payment.returned").data["note"] == "户名不符"
    assert due_instalments(qingdao(), date.max).get().award == award


def test_a_team_is_paid_to_the_accounts_its_case_names_and_told_of_each_payment(
    preparer: User, approver: User
) -> None:
    cast = Cast("national-project-team-award")
    facts, choices = walk.example_facts(cast.programme)
    for award in _awarded(cast, facts, choices):
        batch = prepare(award, preparer)
        accounts = batch.lines.values_list("account", flat=True)
        shares = PayeeShare.objects.filter(application__number=award.case_number)
        assert sorted(accounts) == sorted(shares.values_list("account", flat=True))
        paying.approve(batch_id=batch.pk, user=approver)
        paying.export(batch_id=batch.pk, user=preparer)
        results = {line.pk: ("paid", "") for line in batch.lines.all()}
        paying.settle(batch_id=batch.pk, results=results, user=preparer)
        told = Notice.objects.filter(kind="payment.paid").values_list("data__amount", flat=True)
        assert sum(map(Decimal, told)) == award.amount
        assert len(told) == 2


STEPS: dict[str, Callable[[PayoutBatch, User], object]] = {
    "approve": lambda batch, user: paying.approve(batch_id=batch.pk, user=user),
    "cancel": lambda batch, user: paying.cancel(batch_id=batch.pk, user=user, reason="x"),
    "export": lambda batch, user: paying.export(batch_id=batch.pk, user=user),
    "settle": lambda batch, user: paying.settle(batch_id=batch.pk, results={}, user=user),
    "download": lambda batch, user: paying.download(file=PayoutFile(batch=batch), user=user),
}
OTHERS = [
    (Role.PREPARER, "finance"),
    (Role.APPROVER, "sti"),
    (Role.FINANCE_APPROVER, "sti"),
    (Role.AUDITOR, None),
    (Role.POLICY_EDITOR, None),
]


def test_nobody_else_pays(award: Award, preparer: User) -> None:
    batch = prepare(award, preparer)
    for role, bureau in OTHERS:
        other = make_staff(role, bureau)
        for step in STEPS.values():
            with pytest.raises(NotAllowed):
                step(batch, other)


@pytest.mark.parametrize("role", [Role.FINANCE_APPROVER, Role.PREPARER])
def test_only_the_finance_preparer_prepares(award: Award, role: Role) -> None:
    with pytest.raises(NotAllowed):
        prepare(award, make_staff(role, "finance"))


def test_the_finance_preparer_does_not_approve(award: Award, preparer: User) -> None:
    batch = prepare(award, preparer)
    with pytest.raises(NotAllowed):
        paying.approve(batch_id=batch.pk, user=make_staff(Role.FINANCE_PREPARER, "finance"))


def test_a_member_of_the_applicant_neither_prepares_nor_approves(
    award: Award, cast: Cast, preparer: User, approver: User
) -> None:
    Membership.objects.create(party=cast.party, user=approver, role="clerk")
    batch = prepare(award, preparer)
    with pytest.raises(NotAllowed):
        paying.approve(batch_id=batch.pk, user=approver)
    other = make_staff(Role.FINANCE_PREPARER, "finance")
    Membership.objects.create(party=cast.party, user=other, role="clerk")
    with pytest.raises(NotAllowed):
        prepare(award, other)
