"""What is held is not paid, whoever asks and whenever; the rest is paid as before."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from applicants.domain.errors import Conflict, Refused
from applicants.models import BankAccount
from incentives.domain import holds, payout_checks, payouts, suspicions
from incentives.models import Award, Instalment, PayeeHold, PayoutBatch
from incentives.models.payout import HoldKind
from tests.incentives.factories import make_account, make_award, make_party, make_user, qingdao

WAIT = 0.5  # seconds in which a hold that does not have to wait is long open


def part_of(award: Award) -> Instalment:
    return Instalment.objects.select_related("award__city", "payee").get(award=award)


def prepare(*awards: Award, checked: suspicions.Checked | None = None) -> PayoutBatch:
    ids = [part_of(award).pk for award in awards]
    return payouts.prepare_batch(
        city=qingdao(), instalment_ids=ids, user=make_user(), checked=checked
    )


def hold(award: Award) -> PayeeHold:
    return holds.hold(award=award, kind=HoldKind.DIFFERENCE, text="x")


def look_over(*awards: Award, checked: suspicions.Checked | None = None) -> list[PayeeHold]:
    parts = [part_of(award) for award in awards]
    accounts = payout_checks.accounts_found(parts, {})
    return suspicions.look_over(instalments=parts, accounts=accounts, checked=checked or {})


def release(held: PayeeHold) -> None:
    holds.release(hold_id=held.pk, user=make_user(), reason="已核实")


def test_what_is_held_is_not_prepared_and_the_rest_is(db: None) -> None:
    held, free = make_award("10"), make_award("20")
    one = hold(held)
    with pytest.raises(Refused, match=held.case_number) as refused:
        prepare(held, free)
    assert list(refused.value.message_dict) == ["instalments"]
    prepare(free)
    release(one)
    prepare(held)


def test_what_is_held_since_is_not_approved_until_it_is_released(db: None) -> None:
    award = make_award("10")
    batch = prepare(award)
    one = hold(award)
    with pytest.raises(Conflict, match=award.case_number):
        payouts.approve_batch(batch_id=batch.pk, user=make_user())
    release(one)
    payouts.approve_batch(batch_id=batch.pk, user=make_user())


def test_what_is_held_after_the_approval_is_not_exported_and_may_be_cancelled(db: None) -> None:
    award = make_award("10")
    batch = prepare(award)
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    hold(award)
    with pytest.raises(Conflict, match=award.case_number):
        payouts.export_batch(batch_id=batch.pk, user=make_user())
    assert not batch.files.exists()
    payouts.cancel_batch(batch_id=batch.pk, user=make_user(), reason="已冻结")
    assert payouts.due_instalments(qingdao(), part_of(award).due_on).get().award == award


def test_a_hold_on_one_payee_lets_the_others_be_paid(db: None) -> None:
    members = [make_party(), make_party()]
    for member in members:
        make_account(member)
    award = make_award("100", payees=[(members[0], "60"), (members[1], "40")])
    holds.hold(award=award, kind=HoldKind.CREDIT, text="x", payee=members[0])
    held, free = award.instalments.order_by("number")
    with pytest.raises(Refused):
        payouts.prepare_batch(city=qingdao(), instalment_ids=[held.pk], user=make_user())
    payouts.prepare_batch(city=qingdao(), instalment_ids=[free.pk], user=make_user())


@pytest.mark.parametrize("state", ["approved", "exported"])
def test_raw_sql_takes_no_batch_past_a_hold(db: None, state: str) -> None:
    award = make_award("10")
    batch = prepare(award)
    if state == "exported":
        payouts.approve_batch(batch_id=batch.pk, user=make_user())
    hold(award)
    with (
        pytest.raises(DatabaseError, match="held payment"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE incentives_payoutbatch SET state = %s, approved_by_id = %s WHERE id = %s",
            [state, make_user().pk, batch.pk],
        )


def test_payees_with_one_account_are_held_until_somebody_has_looked_at_each(db: None) -> None:
    first, second = make_party("甲公司"), make_party("乙公司")
    for party in (first, second):
        make_account(party, "6217000000000000001")
    one, other = make_award("10", applicant=first), make_award("20", applicant=second)
    found = look_over(one, other)
    assert [(held.kind, held.payee, held.text) for held in found] == [
        ("duplicate", first, "甲公司、乙公司"),
        ("duplicate", second, "甲公司、乙公司"),
    ]
    release(found[0])
    with pytest.raises(Refused, match=other.case_number):
        prepare(one, other)
    release(found[1])
    assert look_over(one, other) == []
    assert prepare(one, other).line_count == 2


def test_another_account_than_the_checked_one_is_held_until_somebody_has_looked(db: None) -> None:
    award = make_award("10")
    old = BankAccount.objects.get(party=award.applicant)
    checked = {part_of(award).pk: old.number_hmac}
    assert look_over(award, checked=checked) == []
    BankAccount.objects.filter(pk=old.pk).update(is_current=False)
    new = make_account(award.applicant)
    with pytest.raises(Refused, match=award.applicant.name):
        prepare(award, checked=checked)
    held = look_over(award, checked=checked)
    assert [(one.kind, one.account, one.text) for one in held] == [("changed", new, new.masked)]
    release(held[0])
    assert prepare(award, checked=checked).lines.get().account == new


def test_a_release_is_for_the_account_that_was_looked_at_alone(db: None) -> None:
    award = make_award("10")
    checked = {part_of(award).pk: "another"}
    release(look_over(award, checked=checked)[0])
    BankAccount.objects.filter(party=award.applicant).update(is_current=False)
    make_account(award.applicant)
    assert [one.kind for one in look_over(award, checked=checked)] == ["changed"]


def opened_beside_an_approval(award: Award, batch: PayoutBatch) -> bool:
    """Whether a hold is open while somebody else has the batch under lock."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            PayoutBatch.objects.select_for_update().get(pk=batch.pk)
            opening: Future[None] = pool.submit(_hold_elsewhere, award)
            try:
                opening.result(WAIT)
            except TooLate:
                early = False
            else:
                early = True
        opening.result(30)
    return early


def _hold_elsewhere(award: Award) -> None:
    try:
        hold(award)
    finally:
        connection.close()


def test_a_hold_waits_for_whoever_is_approving_or_exporting(committed_db: None) -> None:
    award = make_award("10")
    assert opened_beside_an_approval(award, prepare(award)) is False
    assert holds.open_holds().count() == 1


def test_without_its_guard_a_hold_would_slip_in_beside_an_export(
    committed_db: None, owner_url: str
) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("ALTER TABLE incentives_payeehold DISABLE TRIGGER huiqi_hold_waits")
    award = make_award("10")
    assert opened_beside_an_approval(award, prepare(award)) is True
