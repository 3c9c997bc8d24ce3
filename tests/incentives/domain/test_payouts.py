import io
from datetime import timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import BankAccount, Event, Party
from incentives.domain import payouts
from incentives.domain.reconcile import differences
from incentives.models import Instalment, LedgerEntry, PayoutBatch, PayoutFile, PayoutLine
from tests.incentives.domain.test_exports import read_csv
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import (
    make_account,
    make_award,
    make_party,
    make_user,
    qingdao,
    reserve,
)

transactional = pytest.mark.django_db


def due() -> list[int]:
    rows = payouts.due_instalments(qingdao(), timezone.localdate())
    return list(rows.values_list("pk", flat=True))


def prepare(*ids: int) -> PayoutBatch:
    return payouts.prepare_batch(city=qingdao(), instalment_ids=ids or due(), user=make_user())


def exported() -> PayoutBatch:
    batch = prepare()
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    batch.refresh_from_db()
    return batch


def file_of(batch: PayoutBatch, kind: str) -> bytes:
    return payouts.file_content(PayoutFile.objects.get(batch=batch, format=kind), make_user())


@transactional
def test_due_are_the_citys_committed_instalments_up_to_the_day() -> None:
    wanted = make_award("10")
    make_award("10", due_on=timezone.localdate() + timedelta(days=1))
    make_award("10", payer="district")
    reserve("10")
    assert due() == [wanted.instalments.get().pk]


@transactional
def test_a_batch_numbers_its_lines_and_adds_them_up() -> None:
    make_award("10.01")
    make_award("20.02")
    batch = prepare()
    year = timezone.localdate().year
    assert batch.number == f"QD-BF-{year}-0001"
    assert (batch.line_count, batch.total) == (2, Decimal("30.03"))
    assert list(batch.lines.values_list("number", flat=True)) == [1, 2]
    assert due() == []


@transactional
def test_what_is_in_a_batch_is_not_prepared_again() -> None:
    award = make_award("10")
    pk = award.instalments.get().pk
    prepare(pk)
    with pytest.raises(Conflict, match=award.case_number):
        prepare(pk)


@transactional
def test_nothing_chosen_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        payouts.prepare_batch(city=qingdao(), instalment_ids=[], user=make_user())
    assert list(refused.value.message_dict) == ["instalments"]


@transactional
def test_payees_without_an_account_are_named() -> None:
    award = make_award("10")
    award.applicant.bankaccount_set.update(is_current=False)
    with pytest.raises(Refused, match=award.applicant.name):
        prepare()


@transactional
def test_two_payees_with_one_account_are_named_and_not_paid() -> None:
    parties = [make_party("甲公司"), make_party("乙公司")]
    for party in parties:
        make_account(party, "6217000000000000001")
        make_award("10", applicant=party)
    with pytest.raises(Refused, match="甲公司、乙公司"):
        prepare()
    assert not PayoutBatch.objects.exists()


@transactional
def test_an_account_that_was_paid_for_another_payee_is_found_in_a_later_batch() -> None:
    first, second = make_party("甲公司"), make_party("乙公司")
    for party in (first, second):
        make_account(party, "6217000000000000001")
    make_award("10", applicant=first)
    prepare()
    make_award("10", applicant=second)
    with pytest.raises(Refused, match="甲公司"):
        prepare()


@transactional
def test_the_preparer_does_not_approve() -> None:
    make_award("10")
    batch = prepare()
    with pytest.raises(NotAllowed):
        payouts.approve_batch(batch_id=batch.pk, user=batch.prepared_by)


@transactional
@pytest.mark.parametrize("wrong", [{"total": Decimal("10.01")}, {"line_count": 2}])
def test_control_totals_are_recomputed_at_approval(wrong: dict[str, object]) -> None:
    make_award("10")
    batch = prepare()
    PayoutBatch.objects.filter(pk=batch.pk).update(**wrong)
    with pytest.raises(Conflict, match=r"10\.00"):
        payouts.approve_batch(batch_id=batch.pk, user=make_user())


@transactional
def test_an_account_changed_since_stops_the_approval() -> None:
    award = make_award("10")
    batch = prepare()
    award.applicant.bankaccount_set.update(is_current=False)
    make_account(award.applicant)
    with pytest.raises(Conflict, match=award.applicant.name):
        payouts.approve_batch(batch_id=batch.pk, user=make_user())


@transactional
def test_a_cancelled_batch_gives_its_instalments_back() -> None:
    award = make_award("10")
    batch = prepare()
    with pytest.raises(Refused):
        payouts.cancel_batch(batch_id=batch.pk, user=make_user(), reason=" ")
    payouts.cancel_batch(batch_id=batch.pk, user=make_user(), reason="账户有误")
    assert due() == [award.instalments.get().pk]
    with pytest.raises(Conflict):
        payouts.approve_batch(batch_id=batch.pk, user=make_user())


@transactional
def test_an_unapproved_batch_is_not_exported() -> None:
    make_award("10")
    with pytest.raises(Conflict):
        payouts.export_batch(batch_id=prepare().pk, user=make_user())


@transactional
def test_a_batch_without_a_format_is_not_exported_into_nothing() -> None:
    make_award("10")
    batch = prepare()
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    batch.formats.clear()
    with pytest.raises(Conflict):
        payouts.export_batch(batch_id=batch.pk, user=make_user())
    batch.refresh_from_db()
    assert (batch.state, batch.files.count()) == ("approved", 0)


@transactional
def test_the_csv_equals_the_database_to_the_fen() -> None:
    for amount in ("1234567.89", "0.01", "50000"):
        make_award(amount)
    batch = exported()
    heading, *rows, total = read_csv(file_of(batch, "csv"))
    assert len(heading) == 9
    lines = list(batch.lines.select_related("instalment__award", "account"))
    assert [Decimal(row[6]) for row in rows] == [line.amount for line in lines]
    assert [row[8] for row in rows] == [line.instalment.award.case_number for line in lines]
    assert all(
        row[5].startswith("'6217") and row[5].endswith(line.account.last4)
        for row, line in zip(rows, lines, strict=True)
    )
    assert Decimal(total[6]) == batch.total == Decimal("1284567.90")
    assert total[8] == batch.number


@transactional
def test_the_xlsx_equals_the_database_and_keeps_accounts_as_text() -> None:
    make_award("1234567.89", applicant=make_party("=1+1"))
    batch = exported()
    sheet = openpyxl.load_workbook(io.BytesIO(file_of(batch, "xlsx"))).worksheets[0]
    _heading, line, total = sheet.iter_rows()
    assert (line[1].value, line[1].data_type) == ("=1+1", "s")
    assert (len(str(line[5].value)), line[5].data_type) == (19, "s")
    assert Decimal(str(line[6].value)) == Decimal(str(total[6].value)) == batch.total


@transactional
def test_a_second_export_and_every_download_are_the_same_bytes_and_recorded() -> None:
    make_award("10")
    batch = exported()
    before = {kind: file_of(batch, kind) for kind in ("csv", "xlsx")}
    files = payouts.export_batch(batch_id=batch.pk, user=make_user())
    assert {file.format: file_of(batch, file.format) for file in files} == before
    for file in files:
        assert sha256(before[file.format]).hexdigest() == file.sha256
        assert before[file.format][:64] not in bytes(file.content_encrypted)
    events = Event.objects.filter(subject=batch.number, kind="payout.downloaded")
    assert events.count() == 4


@transactional
def test_account_numbers_stand_nowhere_but_in_the_encrypted_file() -> None:
    make_account(party := make_party(), "6217000000000009876")
    make_award("10", applicant=party)
    batch = exported()
    assert "6217000000000009876" in file_of(batch, "csv").decode()
    assert not Event.objects.filter(data__icontains="000009876").exists()
    assert batch.lines.get().account.masked.endswith("9876")


@transactional
def test_the_banks_answers_settle_a_batch() -> None:
    first, second = make_award("10"), make_award("20")
    batch = exported()
    one, two = batch.lines.all()
    payouts.settle(batch_id=batch.pk, results={one.pk: ("paid", "")}, user=make_user())
    batch.refresh_from_db()
    assert batch.state == "exported"
    payouts.settle(batch_id=batch.pk, results={two.pk: ("returned", "户名不符")}, user=make_user())
    batch.refresh_from_db()
    assert batch.state == "settled"
    paid = LedgerEntry.objects.filter(stage="paid").values_list("award_id", "amount", "line_id")
    assert list(paid) == [(first.pk, Decimal(10), one.pk)]
    assert due() == [second.instalments.get().pk]
    assert differences(city_code="qingdao") == []


@transactional
def test_a_paid_line_that_comes_back_is_due_again_and_both_stand_in_the_ledger() -> None:
    award = make_award("10")
    batch = exported()
    line = batch.lines.get()
    for result in (("paid", ""), ("returned", "销户")):
        payouts.settle(batch_id=batch.pk, results={line.pk: result}, user=make_user())
    stages = LedgerEntry.objects.filter(line=line).order_by("id").values_list("stage", flat=True)
    assert list(stages) == ["paid", "returned"]
    assert due() == [award.instalments.get().pk]
    assert differences(city_code="qingdao") == []


@transactional
@pytest.mark.parametrize(
    "answer", [("paid", "x" * 201), ("returned", " "), ("lost", ""), ("pending", "")]
)
def test_a_wrong_answer_names_its_line_and_settles_nothing(answer: tuple[str, str]) -> None:
    make_award("10")
    batch = exported()
    with pytest.raises(Refused, match="1"):
        payouts.settle(batch_id=batch.pk, results={batch.lines.get().pk: answer}, user=make_user())
    assert not LedgerEntry.objects.filter(stage="paid").exists()


@transactional
def test_a_line_is_not_paid_twice_nor_one_of_another_batch() -> None:
    make_award("10")
    batch = exported()
    line = batch.lines.get()
    payouts.settle(batch_id=batch.pk, results={line.pk: ("paid", "")}, user=make_user())
    with pytest.raises(Conflict):
        payouts.settle(batch_id=batch.pk, results={line.pk: ("paid", "")}, user=make_user())
    with pytest.raises(Refused, match=batch.number):
        payouts.settle(batch_id=batch.pk, results={-1: ("paid", "")}, user=make_user())


def test_two_clerks_preparing_the_same_at_once_make_one_batch(committed_db: None) -> None:
    make_award("10")
    chosen = due()
    users = [make_user() for _ in range(8)]
    jobs = [
        partial(payouts.prepare_batch, city=qingdao(), instalment_ids=chosen, user=user)
        for user in users
    ]
    outcomes = at_once(jobs)
    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds == ["Conflict"] * 7 + ["PayoutBatch"]
    assert PayoutLine.objects.count() == 1
    assert PayoutBatch.objects.get().number.endswith("-0001")


@transactional
def test_a_named_account_is_paid_until_a_payment_to_it_comes_back() -> None:
    member = make_party()
    award = make_award("10", payees=[(member, "10")])
    instalment = award.instalments.get()
    named = {instalment.pk: make_account(member)}
    BankAccount.objects.filter(party=member).update(is_current=False)
    preparing = {"city": qingdao(), "instalment_ids": [instalment.pk], "accounts": named}
    batch = payouts.prepare_batch(user=make_user(), **preparing)
    payouts.approve_batch(batch_id=batch.pk, user=make_user(), accounts=named)
    payouts.export_batch(batch_id=batch.pk, user=make_user(), accounts=named)
    line = batch.lines.get()
    payouts.settle(batch_id=batch.pk, results={line.pk: ("returned", "销户")}, user=make_user())
    with pytest.raises(Refused, match=member.name):
        payouts.prepare_batch(user=make_user(), **preparing)
    own = make_account(member)
    assert payouts.prepare_batch(user=make_user(), **preparing).lines.get().account == own


@transactional
def test_a_team_is_paid_member_by_member() -> None:
    members = [make_party(), make_party()]
    for member in members:
        make_account(member)
    shares: list[tuple[Party, str]] = [(members[0], "60"), (members[1], "40")]
    award = make_award("100", payees=shares)
    batch = prepare()
    paid = batch.lines.values_list("payee_id", "amount")
    assert list(paid) == [(members[0].pk, Decimal(60)), (members[1].pk, Decimal(40))]
    assert Instalment.objects.filter(award=award).count() == 2


@transactional
@pytest.mark.parametrize("change", ["prepared_by_id = prepared_by_id + 1", "number = 'X'"])
def test_a_batch_keeps_its_preparer_and_number_whatever_sql_says(change: str) -> None:
    make_award("10")
    batch = prepare()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE incentives_payoutbatch SET {change} WHERE id = %s", [batch.pk])


@transactional
def test_no_batch_begins_approved() -> None:
    one, other = make_user(), make_user()
    with pytest.raises(DatabaseError), transaction.atomic():
        PayoutBatch.objects.create(
            city=qingdao(), number="X", state="approved", line_count=0, total=0,
            prepared_by=one, prepared_at=timezone.now(), approved_by=other,
            approved_at=timezone.now(),
        )  # fmt: skip
