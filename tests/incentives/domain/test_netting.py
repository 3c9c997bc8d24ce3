"""A payment keeps back what its payee owes: ledger, demand and transfer add up to the fen."""

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, Refused
from applicants.models import Party
from incentives.domain import netting, payouts, recoveries
from incentives.domain.payout_lines import lowered
from incentives.domain.reconcile import differences
from incentives.models import Award, LedgerEntry, PayoutBatch, PayoutLine, Recovery, RecoveryEntry
from tests.incentives.domain.test_exports import read_csv
from tests.incentives.domain.test_payouts import file_of
from tests.incentives.domain.test_recoveries import back, demanded, paid_award
from tests.incentives.factories import (
    make_account,
    make_award,
    make_party,
    make_user,
    qingdao,
)


@pytest.fixture
def owing(db: None) -> Recovery:
    """A demand of 300.01 yuan."""
    return demanded(paid_award("1000.00"), "300.01")


def due_to(party: Party, amount: str) -> Award:
    return make_award(amount, applicant=party)


def prepare(*awards: Award, net: bool = True, **more: object) -> PayoutBatch:
    ids = [award.instalments.get().pk for award in awards]
    netted: Collection[int] = ids if net else ()
    return payouts.prepare_batch(
        city=qingdao(), instalment_ids=ids, user=make_user(), net=netted, **more
    )


def export(batch: PayoutBatch) -> PayoutBatch:
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    batch.refresh_from_db()
    return batch


def settle(batch: PayoutBatch, result: str, note: str = "") -> None:
    results = {line.pk: (result, note) for line in batch.lines.filter(pays__gt=0)}
    payouts.settle(batch_id=batch.pk, results=results, user=make_user())


def figures(batch: PayoutBatch) -> list[tuple[Decimal, Decimal, Decimal]]:
    return list(batch.lines.order_by("number").values_list("amount", "netted", "pays"))


def ledger(stage: str, award: Award) -> Decimal:
    rows = LedgerEntry.objects.filter(stage=stage, award=award).values_list("amount", flat=True)
    return sum(rows, Decimal(0))


def test_what_is_owed_is_kept_back_and_comes_off_the_demand(owing: Recovery) -> None:
    award = due_to(owing.party, "500.00")
    batch = export(prepare(award))
    assert figures(batch) == [(Decimal("500.00"), Decimal("300.01"), Decimal("199.99"))]
    _heading, row, total = read_csv(file_of(batch, "csv"))
    assert (row[6], total[6]) == ("199.99", "199.99")
    entry = RecoveryEntry.objects.get(kind="netted")
    assert (entry.amount, entry.line, entry.recovery) == (
        Decimal("300.01"), batch.lines.get(), owing,
    )  # fmt: skip
    settle(batch, "paid")
    owing.refresh_from_db()
    assert (owing.state, recoveries.open_amount(owing)) == ("settled", Decimal(0))
    assert ledger("paid", award) == Decimal("500.00")
    assert ledger("recovered", owing.award) == Decimal("300.01")
    assert differences(city_code="qingdao") == []


def test_nothing_is_netted_that_finance_did_not_choose(owing: Recovery) -> None:
    batch = export(prepare(due_to(owing.party, "500.00"), net=False))
    assert figures(batch) == [(Decimal(500), Decimal(0), Decimal(500))]
    assert recoveries.open_amount(owing) == Decimal("300.01")


def test_a_payment_of_less_than_is_owed_is_paid_by_netting_alone(owing: Recovery) -> None:
    award = due_to(owing.party, "200.00")
    batch = export(prepare(award))
    assert (batch.state, batch.lines.get().state) == ("settled", "paid")
    assert len(read_csv(file_of(batch, "csv"))) == 2
    assert recoveries.open_amount(owing) == Decimal("100.01")
    assert ledger("paid", award) == Decimal(200)
    assert differences(city_code="qingdao") == []


def test_two_payments_and_two_demands_never_net_more_than_is_owed(owing: Recovery) -> None:
    second = demanded(paid_award("50.00", applicant=owing.party), "50.00")
    one, other = due_to(owing.party, "320.00"), due_to(owing.party, "100.00")
    batch = prepare(one)
    assert netting.nettable(owing.party_id, qingdao()) == Decimal("30.01")
    later = prepare(other)
    assert figures(later) == [(Decimal(100), Decimal("30.01"), Decimal("69.99"))]
    for each in (batch, later):
        export(each)
    entered = RecoveryEntry.objects.filter(kind="netted").values_list("amount", flat=True)
    assert sum(entered) == Decimal("350.01")
    assert {recoveries.open_amount(each) for each in (owing, second)} == {Decimal(0)}


def test_a_demand_paid_meanwhile_stops_the_export(owing: Recovery) -> None:
    batch = prepare(due_to(owing.party, "500.00"))
    back(owing, "300.01")
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    with pytest.raises(Conflict), transaction.atomic():
        payouts.export_batch(batch_id=batch.pk, user=make_user())
    payouts.cancel_batch(batch_id=batch.pk, user=make_user(), reason="追缴款已到账")
    assert not RecoveryEntry.objects.filter(kind="netted").exists()


def test_a_cancelled_batch_nets_nothing(owing: Recovery) -> None:
    batch = prepare(due_to(owing.party, "500.00"))
    payouts.cancel_batch(batch_id=batch.pk, user=make_user(), reason="x")
    assert netting.nettable(owing.party_id, qingdao()) == Decimal("300.01")


@pytest.mark.parametrize("answers", [["returned"], ["paid", "returned"]])
def test_what_was_netted_is_carried_on_when_the_payment_comes_back(
    owing: Recovery, answers: list[str]
) -> None:
    award = due_to(owing.party, "500.00")
    batch = export(prepare(award))
    for answer in answers:
        settle(batch, answer, "销户")
    again = export(prepare(award, net=False))
    assert figures(again) == [(Decimal("500.00"), Decimal("300.01"), Decimal("199.99"))]
    settle(again, "paid")
    assert RecoveryEntry.objects.filter(kind="netted").count() == 1
    paid, returned = ledger("paid", award), ledger("returned", award)
    assert paid - returned == Decimal("500.00")
    assert ledger("recovered", owing.award) == Decimal("300.01")
    assert differences(city_code="qingdao") == []


def test_the_database_nets_no_more_than_the_line_says(owing: Recovery) -> None:
    batch = prepare(due_to(owing.party, "500.00"), net=False)
    with pytest.raises(DatabaseError, match=r"0\.00"), transaction.atomic():
        recoveries.enter(
            recovery_id=owing.pk,
            amount=Decimal(1),
            received_on=timezone.localdate() - timedelta(days=1),
            reference="x",
            user=make_user(),
            line=batch.lines.get(),
        )


def a_person() -> Party:
    person = make_party("张三")
    Party.objects.filter(pk=person.pk).update(
        kind="person", uscc=None, identity_hmac="h", identity_last4="0011", identity_encrypted=b"x"
    )
    person.refresh_from_db()
    make_account(person)
    return person


def test_tax_of_a_person_is_withheld_and_told_in_columns_of_its_own(db: None) -> None:
    award = due_to(a_person(), "1000.00")
    withheld = {award.instalments.get().pk: Decimal("160.00")}
    batch = export(prepare(award, withheld=withheld))
    heading, row, _total = read_csv(file_of(batch, "csv"))
    told = dict(zip(heading, row, strict=True))
    assert (told["金额（元）"], told["应付金额（元）"], told["代扣税款（元）"]) == (
        "840.00", "1000.00", "160.00",
    )  # fmt: skip
    settle(batch, "paid")
    assert ledger("paid", award) == Decimal(1000)


@pytest.mark.parametrize("tax", ["-0.01", "1000.01", "1.001"])
def test_no_other_tax_is_withheld(db: None, tax: str) -> None:
    award = due_to(a_person(), "1000.00")
    with pytest.raises(Refused) as refused:
        prepare(award, withheld={award.instalments.get().pk: Decimal(tax)})
    assert list(refused.value.message_dict) == ["withheld"]


def test_no_tax_is_withheld_from_an_organisation(db: None) -> None:
    award = make_award("10")
    with pytest.raises(Refused, match=award.applicant.name):
        prepare(award, withheld={award.instalments.get().pk: Decimal(1)})


def test_tax_withheld_is_carried_on_when_the_payment_comes_back(db: None) -> None:
    award = due_to(a_person(), "1000.00")
    part = award.instalments.get().pk
    batch = export(prepare(award, withheld={part: Decimal("160.00")}))
    settle(batch, "returned", "销户")
    again = prepare(award)
    line = again.lines.get()
    assert (line.withheld, line.pays) == (Decimal("160.00"), Decimal("840.00"))
    payouts.cancel_batch(batch_id=again.pk, user=make_user(), reason="x")
    with pytest.raises(Refused, match=r"160\.00") as refused:
        prepare(award, withheld={part: Decimal("159.99")})
    assert list(refused.value.message_dict) == ["withheld"]
    more = prepare(award, withheld={part: Decimal("200.00")}, why_less={part: "x"})
    line = more.lines.get()
    assert (line.pays, line.withheld_less, lowered(more)) == (Decimal("800.00"), "", [])


def test_less_tax_is_withheld_with_a_reason_that_the_line_keeps(db: None) -> None:
    award = due_to(a_person(), "1000.00")
    part = award.instalments.get().pk
    settle(export(prepare(award, withheld={part: Decimal("160.00")})), "returned", "销户")
    less = {part: Decimal("60.00")}
    with pytest.raises(Refused, match=r"160\.00"):
        prepare(award, withheld=less, why_less={part: " "})
    batch = export(prepare(award, withheld=less, why_less={part: " 税率误用 "}))
    (line,) = lowered(batch)
    assert (line.before, line.withheld, line.pays) == (160, 60, 940)
    assert line.withheld_less == "税率误用"
    settle(batch, "returned", "销户")
    again = prepare(award).lines.get()
    assert (again.withheld, again.withheld_less) == (60, "")


def test_the_database_takes_no_line_that_loses_the_tax(db: None) -> None:
    award = due_to(a_person(), "1000.00")
    part = award.instalments.get()
    batch = export(prepare(award, withheld={part.pk: Decimal("160.00")}))
    settle(batch, "returned", "销户")
    again = prepare(award)
    line = again.lines.get()
    payouts.cancel_batch(batch_id=again.pk, user=make_user(), reason="x")
    other = PayoutBatch.objects.create(
        city=qingdao(), number="X-1", line_count=1, total=1000, prepared_by=make_user(),
        prepared_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="does not match"), transaction.atomic():
        PayoutLine.objects.create(
            batch=other, number=1, instalment=part, payee=line.payee, account=line.account,
            amount=1000,
        )  # fmt: skip
