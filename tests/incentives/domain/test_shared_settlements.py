"""Settlement of an advance that several payers shared: each its share, to the fen."""

from decimal import Decimal

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import settlements
from incentives.domain.budget_execution import execution
from incentives.domain.reconcile import differences
from incentives.models import Award, Instalment, Recovery, Settlement
from tests.incentives.domain.test_findings import used
from tests.incentives.domain.test_payers import laoshan, ledger, pay
from tests.incentives.domain.test_recoveries import back
from tests.incentives.domain.test_settlements import prepared, race
from tests.incentives.domain.test_shared_findings import CAPS, borne, pay_part, shared
from tests.incentives.domain.test_year_close import LAST, LAST_MOMENT, closed
from tests.incentives.domain.threads import change
from tests.incentives.factories import make_budget, make_user

TODAY = timezone.localdate()


def approve(made: Settlement) -> Settlement:
    return settlements.approve(settlement_id=made.pk, counters=CAPS, user=make_user())


def advanced(*amounts: str) -> Award:
    """Of these parts the first is paid by both, the others wait for a stage each."""
    award = shared(*amounts)
    pay_part(award, 1)
    return award


def added(award: Award) -> list[Instalment]:
    return list(award.instalments.filter(kind="settlement").order_by("number"))


@pytest.mark.parametrize(
    ("entitled", "amount", "asked_back"),
    [("300.03", "300.03", None), ("250.01", "250.01", None), ("100.02", "100.02", None),
     ("60.00", "100.01", "40.01"), ("0", "100.01", "100.01"), ("380.00", "380.00", None),
     ("5000.00", "949.81", None)],
)  # fmt: skip
def test_the_difference_is_paid_lapses_or_is_asked_back(
    db: None, entitled: str, amount: str, asked_back: str | None
) -> None:
    """The city's budget has 600.00, of which an award of 949.81 takes 600.00."""
    budget = make_budget("600.00", year=TODAY.year)
    award = advanced("100.01", "150.00", "50.02")
    made = approve(prepared(award, entitled))
    award.refresh_from_db()
    whole, of = Decimal(amount), borne(award)
    assert (award.amount, sum(of.values())) == (whole, whole)
    assert made.granted == max(whole - Decimal("300.03"), Decimal(0))
    assert (used("own"), used(budget.key), used("count")) == (whole, of["city"], 1)
    assert execution([budget.pk])[budget.pk].available == Decimal("600.00") - of["city"]
    assert {one.payer: one.amount for one in added(award)} == (
        {payer: of[payer] - before for payer, before in BEFORE.items()} if made.granted else {}
    )
    assert differences(city_code="qingdao") == []
    recovery = Recovery.objects.filter(number=made.recovery).first()
    assert (recovery and recovery.amount) == (asked_back and Decimal(asked_back))
    with pytest.raises(Conflict):
        approve(made)
    with pytest.raises(Conflict):
        prepared(award, "1.00")


BEFORE = {"city": Decimal("189.53"), "district": Decimal("110.50")}


def test_what_was_added_is_paid_and_comes_back_by_payer(db: None) -> None:
    budget = make_budget("600.00", year=TODAY.year)
    award = advanced("100.01", "150.00")
    approve(prepared(award, "400.00"))
    city, district = added(award)
    assert (city.part, city.payer, district.payer) == (district.part, "city", "district")
    pay(*award.instalments.filter(payer="city", lines=None, due_on__isnull=False))
    pay(
        *award.instalments.filter(payer="district", lines=None, due_on__isnull=False),
        district=laoshan(),
    )
    assert ledger(award, "paid") == borne(award) == ledger(award, "committed")
    demand = Recovery.objects.create(
        city=award.city, number="QD-ZJ-T", award=award, party=award.applicant,
        amount=Decimal("400.00"), reason="r", due_on=TODAY, prepared_by=make_user(),
    )  # fmt: skip
    Recovery.objects.filter(pk=demand.pk).update(state="demanded", demanded_by=make_user())
    back(demand, "123.45")
    assert used("own") == Decimal("276.55")
    assert used(budget.key) == borne(award)["city"] - ledger(award, "recovered")["city"]
    assert differences(city_code="qingdao") == []
    back(demand, "276.55")
    assert (used("own"), used(budget.key)) == (0, 0)
    assert differences(city_code="qingdao") == []


def test_it_grows_once(committed_db: None) -> None:
    award, results = race(advanced("100.00", "200.00"))
    assert sorted(results) == [0, 0, 0, Decimal("120.00")]
    assert (award.amount, sum(borne(award).values())) == (Decimal("420.00"),) * 2
    assert differences(city_code="qingdao") == []


def test_control_without_the_lock_it_grows_four_times(committed_db: None, owner_url: str) -> None:
    change(owner_url, "huiqi_top_up", ("WHERE id = p_award FOR UPDATE", "WHERE id = p_award"))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE incentives_award DROP CONSTRAINT award_within_assessed")
    award, _results = race(advanced("100.00", "200.00"))
    assert sum(ledger(award, "committed").values()) > Decimal("420.00")


def test_after_the_close_nothing_is_added_and_the_refusal_says_so(db: None) -> None:
    make_budget("500.00", year=LAST)
    award = shared("100.00", "200.00", at=LAST_MOMENT)
    pay_part(award, 1)
    closed()
    made = prepared(award, "350.00")
    with pytest.raises(Conflict, match=str(LAST)), transaction.atomic():
        approve(made)
    settlements.drop(settlement_id=made.pk)
    assert approve(prepared(award, "250.00")).granted == 0
    award.refresh_from_db()
    assert award.amount == Decimal("250.00")
    assert differences(city_code="qingdao") == []
