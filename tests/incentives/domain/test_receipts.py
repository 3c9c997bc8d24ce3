"""A receipt that was entered wrongly, reversed by two: the award holds again what never came."""

from decimal import Decimal

import psycopg
import pytest
from django.db import transaction

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Party
from incentives.domain import receipts, recoveries
from incentives.domain.budget_execution import execution
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.domain.statement import statement, total
from incentives.models import (
    Award,
    Counter,
    CounterEntry,
    LedgerEntry,
    ReceiptReversal,
    Recovery,
)
from tests.incentives.domain.test_carrying import carried, life, pair, yearly
from tests.incentives.domain.test_netting import due_to, export, prepare
from tests.incentives.domain.test_payers import parts, pay, shared
from tests.incentives.domain.test_recoveries import (
    YEAR,
    back,
    demanded,
    paid,
    paid_award,
    posted,
    used,
    written_off,
)
from tests.incentives.domain.test_settlements import figures, settled_after_the_close
from tests.incentives.domain.test_year_close import LAST, LAST_MOMENT, closed
from tests.incentives.factories import cap, make_budget, make_user, qingdao, reserve

__all__ = ["pair"]

LIFE = cap("life", "3000")


def sound() -> bool:
    return differences(city_code="qingdao") == []


def receipt(recovery: Recovery, which: int = -1) -> int:
    return list(receipts.receipts(recovery).order_by("id").values_list("pk", flat=True))[which]


def prepared(recovery: Recovery, which: int = -1) -> ReceiptReversal:
    return receipts.prepare(
        recovery=recovery, receipt=receipt(recovery, which), reason="金额误录",
        evidence="对账单第3页", user=make_user(),
    )  # fmt: skip


def approve(reversal: ReceiptReversal) -> Recovery:
    receipts.approve(reversal=reversal, user=make_user())
    return Recovery.objects.get(pk=reversal.receipt.recovery_id)


def reverse(recovery: Recovery, which: int = -1) -> Recovery:
    return approve(prepared(recovery, which))


def pool(limit: str) -> str:
    made = set_pool(
        city=qingdao(), code="all", year=YEAR, title="总额", limit=Decimal(limit), programmes=[],
        basis="b", actor=make_user(),
    )  # fmt: skip
    return made.key


def cost() -> Decimal:
    return total(statement(LedgerEntry.objects.all(), "year"), cases=1, label="").cost


def test_the_award_holds_it_again_and_the_right_one_is_entered(db: None) -> None:
    budget = make_budget("5000.00", year=YEAR)
    limits = ("life", budget.key, pool("5000"))
    recovery = demanded(paid_award(caps=[LIFE]), "700.00")
    assert back(recovery, "700.00", "回单7").state == "settled"
    assert reverse(recovery).state == "demanded"
    assert [used(key) for key in limits] == [1000, 1000, 1000]
    assert (recoveries.open_amount(recovery), posted("recovered"), cost()) == (700, 0, 1000)
    figures = execution([budget.pk])[budget.pk]
    assert (figures.paid, figures.available) == (1000, 4000)
    wrong, taken_back = recovery.entries.order_by("id")
    assert (taken_back.amount, taken_back.reverses) == (-700, wrong)
    entry = taken_back.first_entry
    assert entry is not None
    assert (entry.stage, entry.amount) == ("recovered", -700)
    assert all(part in entry.reason for part in (recovery.number, "回单7", "金额误录"))
    assert sound()
    assert back(recovery, "70.00", "回单7").state == "demanded"
    assert [used(key) for key in limits] == [930, 930, 930]
    assert sound()
    with pytest.raises(Conflict), transaction.atomic():
        back(recovery, "70.00", "回单7")
    reverse(recovery)
    assert back(recovery, "7.00", "回单7").entries.filter(again=2).get().amount == 7
    assert (used("life"), cost()) == (993, 993)
    assert sound()


def test_pools_and_budgets_opened_after_it_count_what_never_came(db: None) -> None:
    recovery = demanded(paid_award(), "700.00")
    back(recovery, "300.00")
    early = make_budget("5000.00", year=YEAR)
    reverse(recovery)
    late = make_budget("5000.00", year=YEAR)
    assert (used(early.key), used(late.key)) == (1000, 1000)
    assert sound()


def test_one_receipt_among_others_and_in_any_order(db: None) -> None:
    budget = make_budget("5000.00", year=YEAR)
    event = cap("event", "1000", kind="event", heat=2)
    recovery = demanded(paid_award(caps=[LIFE, event]))
    for amount in ("333.33", "333.33", "333.34"):
        back(recovery, amount)
    assert used("life") == 0
    for which, left in ((1, "333.33"), (0, "666.66"), (0, "1000.00")):
        reverse(recovery, which)
        assert [used(key) for key in ("life", "event", budget.key)] == [Decimal(left)] * 3
        assert sound()
    counter = Counter.objects.get(key="event")
    entry = counter.entries.latest("pk")
    assert (counter.limit, counter.carried, entry.entitled) == (1000, 0, 1000)


def test_a_write_off_that_it_took_back_stands_again(db: None) -> None:
    recovery = demanded(paid_award(caps=[LIFE]))
    back(recovery, "300.00")
    written_off(recovery)
    back(recovery, "250.00")
    assert reverse(recovery).state == "settled"
    assert (posted("recovered"), posted("written_off"), used("life")) == (300, 700, 700)
    again = reverse(recovery)
    assert (again.state, again.write_off_asked_by, again.write_off_reason) == ("demanded", None, "")
    assert recoveries.open_amount(again) == 300
    assert sound()


def test_of_several_payers_it_goes_back_to_those_it_was_of(db: None) -> None:
    award = shared("1000.00")
    for part in parts(award).values():
        pay(part, district=award.district if part.payer == "district" else None)
    recovery = demanded(award, "500.00")
    back(recovery, "333.33")
    came = {one.payer: one.amount for one in LedgerEntry.objects.filter(stage="recovered")}
    back(recovery, "66.67")
    reverse(recovery, 0)
    gone = LedgerEntry.objects.filter(stage="recovered", amount__lt=0)
    assert {one.payer: -one.amount for one in gone} == came
    assert len(came) == 2
    assert sound()


@pytest.mark.parametrize(("kind", "limit"), [("cap", "1500"), ("pool", "1500"), ("event", "1000")])
def test_where_others_have_that_room_the_sum_stands_and_leaves_none(
    db: None, kind: str, limit: str
) -> None:
    key = pool(limit) if kind == "pool" else "limit"
    limits = [] if kind == "pool" else [cap(key, limit, kind=kind, heat=2)]
    recovery = demanded(paid_award(caps=limits))
    back(recovery, "1000.00")
    other = reserve("800.00", caps=limits)
    assert other.amount == 800
    reverse(recovery)
    counter = Counter.objects.get(key=key)
    assert (counter.used, counter.limit) == (1800, Decimal(limit))
    assert counter.carried == counter.used - counter.limit
    assert reserve("1.00", caps=limits).award is None
    assert sound()
    back(recovery, "900.00")
    counter.refresh_from_db()
    assert (counter.used, counter.used <= counter.limit + counter.carried) == (900, True)
    assert sound()


def test_a_budget_is_supplemented_first(db: None) -> None:
    make_budget("1500.00", year=YEAR)
    recovery = demanded(paid_award())
    back(recovery, "1000.00")
    reserve("800.00")
    waits = prepared(recovery)
    with pytest.raises(Conflict, match=r"300\.00"), transaction.atomic():
        approve(waits)
    assert recoveries.open_amount(recovery) == 0
    assert sound()


def test_the_budget_of_a_closed_year_keeps_the_figures_of_its_close(db: None) -> None:
    budget = make_budget("2000.00", year=LAST)
    recovery = demanded(paid_award(caps=[LIFE], at=LAST_MOMENT))
    back(recovery, "400.00")
    closed()
    back(recovery, "100.00")
    before = execution([budget.pk])
    reverse(recovery, 0)
    reverse(recovery, 0)
    assert execution([budget.pk]) == before
    assert (used(budget.key), used("life")) == (600, 1000)
    assert sound()


def test_it_goes_back_to_the_budget_of_each_year_that_it_was_of(db: None) -> None:
    award, last, own = settled_after_the_close("420.00")
    paid(award)
    recovery = demanded(award, "130.00")
    back(recovery, "20.00")
    before = figures(last, own)
    back(recovery, "110.00")
    reverse(recovery)
    assert figures(last, own) == before
    assert (used("own"), used(own.key), used(last.key)) == (370, 70, 300)
    reverse(recovery)
    assert (used("own"), used(own.key), cost()) == (390, 90, 390)
    assert sound()


def held_by(award: Award, *keys: str) -> list[Decimal]:
    entries = CounterEntry.objects.filter(award=award)
    return [sum(e.amount for e in entries.filter(counter__key=key)) for key in keys]


def test_it_goes_where_a_merger_has_put_what_the_award_holds(pair: tuple[Party, Party]) -> None:
    ended, successor = pair
    award = paid_award(caps=[cap(yearly(ended), "3000")], applicant=ended)
    recovery = demanded(award)
    back(recovery, "400.00")
    carried("merger", ended, successor)
    reverse(recovery)
    assert held_by(award, yearly(ended), yearly(successor)) == [0, 1000]
    assert (used(yearly(ended)), used(yearly(successor))) == (0, 1000)
    assert sound()


def test_it_goes_by_the_parts_of_a_split(pair: tuple[Party, Party]) -> None:
    party, other = pair
    limits = [cap(yearly(party), "3000"), cap(life(party), "3000")]
    award = paid_award(caps=limits, applicant=party)
    recovery = demanded(award)
    back(recovery, "400.00")
    carried("split", party, other, "30")
    back(recovery, "100.00")
    reverse(recovery, 0)
    keys = [name(one) for name in (yearly, life) for one in pair]
    assert [used(key) for key in keys] == [630, 270, 900, 900]
    assert held_by(award, *keys) == [630, 270, 900, 900]
    assert sound()


def test_where_nothing_was_held_at_the_merger_nothing_is_guessed(pair: tuple[Party, Party]) -> None:
    ended, successor = pair
    award = paid_award(caps=[cap(yearly(ended), "3000")], applicant=ended)
    reserve("5.00", caps=[cap(yearly(ended), "3000")], applicant=ended)
    recovery = demanded(award)
    back(recovery, "1000.00")
    carried("merger", ended, successor)
    waits = prepared(recovery)
    with pytest.raises(Conflict), transaction.atomic():
        approve(waits)
    assert sound()


def test_two_sign_and_each_receipt_once(db: None) -> None:
    recovery = demanded(paid_award())
    back(recovery, "10.00")
    back(recovery, "20.00")
    waits = prepared(recovery, 0)
    with pytest.raises(NotAllowed):
        receipts.approve(reversal=waits, user=waits.prepared_by)
    with pytest.raises(Conflict):
        prepared(recovery)
    receipts.drop(reversal=waits, reason="无误", user=make_user())
    with pytest.raises(Conflict):
        approve(waits)
    with pytest.raises(Refused) as empty:
        receipts.drop(reversal=waits, reason=" ", user=make_user())
    assert list(empty.value.message_dict) == ["reason"]
    first = receipt(recovery, 0)
    reverse(recovery, 0)
    with pytest.raises(Refused) as refused:
        receipts.prepare(
            recovery=recovery, receipt=first, reason=" ", evidence="", user=make_user()
        )
    assert set(refused.value.message_dict) == {"receipt", "reason"}


@pytest.mark.parametrize("which", ["netted", "written_off", "elsewhere"])
def test_what_is_no_receipt_of_it_is_refused(db: None, which: str) -> None:
    recovery = demanded(paid_award(), "100.00")
    if which == "netted":
        export(prepare(due_to(recovery.party, "500.00")))
        entry = recovery.entries.get()
    elif which == "written_off":
        entry = written_off(recovery).entries.get()
    else:
        other = demanded(paid_award(), "100.00")
        entry = back(other, "5.00").entries.get()
    with pytest.raises(Refused) as refused:
        receipts.prepare(
            recovery=recovery, receipt=entry.pk, reason="误录", evidence="", user=make_user()
        )
    assert list(refused.value.message_dict) == ["receipt"]
    if which != "elsewhere":
        wrong = ReceiptReversal.objects.create(receipt=entry, reason="r", prepared_by=make_user())
        with pytest.raises(Conflict):
            approve(wrong)


def test_one_signature_and_another_hand_are_refused_by_the_database(
    committed_db: None, owner_url: str
) -> None:
    recovery = demanded(paid_award())
    back(recovery, "1000.00")
    waits = prepared(recovery)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        signed = "UPDATE incentives_receiptreversal SET state = 'approved', approved_at = now(), "
        with pytest.raises(psycopg.errors.CheckViolation, match="receipt_reversal_approved_by"):
            owner.execute(signed + "approved_by_id = prepared_by_id")
        entered = (
            "INSERT INTO incentives_recoveryentry (recovery_id, kind, amount, received_on, "
            "reference, prepared_by_id, recorded_by_id, recorded_at, reverses_id) SELECT "
            "recovery_id, kind, -amount, received_on, reference, prepared_by_id, recorded_by_id, "
            "now(), {} FROM incentives_recoveryentry WHERE amount > 0"
        )
        with pytest.raises(psycopg.errors.CheckViolation, match="below_zero_is_taken_back"):
            owner.execute(entered.format("NULL"))
        approve(waits)
        with pytest.raises(psycopg.errors.UniqueViolation, match="reverses"):
            owner.execute(entered.format("id"))
    back(recovery, "1000.00")
    with pytest.raises(Exception, match="huiqi_recover"):
        Recovery.objects.filter(pk=recovery.pk).update(state="demanded")
    with pytest.raises(Exception, match="permission denied"):
        ReceiptReversal.objects.update(reason="x")
