"""Returned, another account given, looked at, paid again: once."""

from datetime import date

import pytest

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import BankAccount, Event, User
from incentives.domain.holds import open_holds
from incentives.domain.payouts import due_instalments
from incentives.domain.reconcile import differences
from incentives.models import Award, LedgerEntry, PayoutBatch
from reviews.demo import walk
from reviews.domain import holding, paying
from reviews.domain.returned import give_account, returned_parts
from reviews.models import Application
from tests.factories import (
    Cast,
    make_user,
    qingdao,
)
from tests.reviews.domain.test_paying import _awarded, approver, award, cast, preparer

__all__ = ["_awarded", "approver", "award", "cast", "preparer"]
pytestmark = pytest.mark.django_db
NEW = {"bank": "新银行青岛分行", "number": "6222020000000000123"}


def case_of(award: Award) -> Application:
    return Application.objects.get(number=award.case_number)


def paid(preparer: User, approver: User, answer: tuple[str, str]) -> PayoutBatch:
    """What is due, through a batch to the bank's answer to its first line; the others are paid."""
    ids = list(due_instalments(qingdao(), date.max).values_list("pk", flat=True))
    batch = paying.prepare(city=qingdao(), instalment_ids=ids, user=preparer)
    paying.approve(batch_id=batch.pk, user=approver)
    paying.export(batch_id=batch.pk, user=preparer)
    results = {line.pk: ("paid", "") for line in batch.lines.all()}
    results[min(results)] = answer
    paying.settle(batch_id=batch.pk, results=results, user=preparer)
    return batch


def give(award: Award, user: User, **more: str) -> BankAccount:
    part = returned_parts(case_of(award)).get()
    return give_account(case_id=case_of(award).pk, instalment_id=part.pk, user=user, **NEW, **more)


def release_all(approver: User) -> None:
    for held in open_holds():
        holding.release(hold_id=held.pk, user=approver, reason="电话核实")


def test_a_corrected_payment_is_looked_at_and_paid_once_more(
    award: Award, cast: Cast, preparer: User, approver: User
) -> None:
    first = paid(preparer, approver, ("returned", "销户"))
    account = give(award, cast.clerk)
    event = Event.objects.get(kind="payment.account_given")
    assert event.data["account"] == account.masked
    with pytest.raises(Refused, match=award.case_number):
        paid(preparer, approver, ("paid", ""))
    release_all(approver)
    second = paid(preparer, approver, ("paid", ""))
    assert (first.lines.get().state, second.lines.get().state) == ("returned", "paid")
    assert second.lines.get().account == account
    assert LedgerEntry.objects.filter(stage="paid", award=award).count() == 1
    assert not due_instalments(qingdao(), date.max).exists()
    assert differences(city_code="qingdao") == []


def test_the_first_line_is_not_paid_any_more(
    award: Award, cast: Cast, preparer: User, approver: User
) -> None:
    first = paid(preparer, approver, ("returned", "销户"))
    give(award, cast.clerk)
    release_all(approver)
    paid(preparer, approver, ("paid", ""))
    with pytest.raises(Conflict):
        paying.settle(
            batch_id=first.pk, results={first.lines.get().pk: ("paid", "")}, user=preparer
        )


def test_a_member_of_a_team_without_an_account_of_its_own_is_paid_again(
    preparer: User, approver: User
) -> None:
    cast = Cast("national-project-team-award")
    facts, choices = walk.example_facts(cast.programme)
    for team in _awarded(cast, facts, choices):
        first = paid(preparer, approver, ("returned", "户名不符"))
        payee = first.lines.get(state="returned").payee
        account = give(team, cast.clerk)
        assert (account.party, account.is_current) == (payee, False)
        assert [held.payee for held in open_holds()] == [payee]
        release_all(approver)
        second = paid(preparer, approver, ("paid", ""))
        line = second.lines.get()
        assert (line.payee, line.account, line.state) == (payee, account, "paid")
        assert differences(city_code="qingdao") == []


def test_no_account_is_given_for_what_is_on_its_way_or_paid(
    award: Award, cast: Cast, preparer: User, approver: User
) -> None:
    case = case_of(award)
    part = award.instalments.get().pk
    asked = {"case_id": case.pk, "instalment_id": part, "user": cast.clerk, **NEW}
    with pytest.raises(Conflict):
        give_account(**asked)
    paid(preparer, approver, ("paid", ""))
    with pytest.raises(Conflict):
        give_account(**asked)
    assert not Event.objects.filter(kind="payment.account_given").exists()


def test_strangers_and_staff_give_no_account(award: Award, preparer: User, approver: User) -> None:
    paid(preparer, approver, ("returned", "销户"))
    for user in (make_user(), preparer):
        with pytest.raises(NotAllowed):
            give(award, user)


@pytest.mark.parametrize(("wrong", "field"), [("12", "number"), ("x" * 10, "number")])
def test_a_wrong_account_is_refused_at_its_field(
    award: Award, cast: Cast, preparer: User, approver: User, wrong: str, field: str
) -> None:
    paid(preparer, approver, ("returned", "销户"))
    part = returned_parts(case_of(award)).get()
    with pytest.raises(Refused) as refused:
        give_account(
            case_id=case_of(award).pk,
            instalment_id=part.pk,
            user=cast.clerk,
            bank="银行",
            number=wrong,
        )
    assert list(refused.value.message_dict) == [field]
