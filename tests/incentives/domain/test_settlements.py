"""Settlement of an advance on audited figures: more, less, or asked back; once, in bounds."""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from incentives.domain import money, settlements
from incentives.domain.budget_execution import execution
from incentives.domain.reconcile import differences
from incentives.models import Award, LedgerEntry, Recovery, Settlement
from tests.incentives.domain.test_findings import staged, used
from tests.incentives.domain.test_recoveries import paid
from tests.incentives.domain.threads import at_once_behind
from tests.incentives.factories import cap, make_budget, make_user

TODAY = timezone.localdate()
CAPS = [cap("own", "1000.00"), cap("count", "3", unit="awards")]


def advanced(*amounts: str) -> Award:
    """Of these parts the first is paid, the others wait for a stage each."""
    award = staged(*amounts)
    return paid(award)


def prepared(award: Award, entitled: str, **more: object) -> Settlement:
    given = {"facts": {}, "assessment": "{}", "due_on": TODAY, "reason": "审计报告"} | more
    return settlements.prepare(award=award, entitled=Decimal(entitled), user=make_user(), **given)


def approve(made: Settlement) -> Settlement:
    return settlements.approve(settlement_id=made.pk, counters=CAPS, user=make_user())


@pytest.mark.parametrize(
    ("entitled", "amount", "granted", "asked_back"),
    [("300.00", "300.00", "0", None), ("250.01", "250.01", "0", None),
     ("60.00", "100.00", "0", "40.00"), ("380.00", "380.00", "80.00", None),
     ("5000.00", "900.00", "600.00", None)],
)  # fmt: skip
def test_the_difference_is_paid_lapses_or_is_asked_back(
    db: None, entitled: str, amount: str, granted: str, asked_back: str | None
) -> None:
    """The budget has 900.00: 300.00 are awarded, of which 100.00 are paid."""
    budget = make_budget("900.00", year=TODAY.year)
    award = advanced("100.00", "150.00", "50.00")
    made = approve(prepared(award, entitled))
    award.refresh_from_db()
    whole = Decimal(amount)
    assert (award.amount, made.granted) == (whole, Decimal(granted))
    assert (used("own"), used(budget.key), used("count")) == (whole, whole, 1)
    assert execution([budget.pk])[budget.pk].available == Decimal("900.00") - whole
    recovery = Recovery.objects.filter(number=made.recovery).first()
    assert (recovery and recovery.amount) == (asked_back and Decimal(asked_back))
    assert differences(city_code="qingdao") == []
    with pytest.raises(Conflict):
        approve(made)
    with pytest.raises(Conflict):
        prepared(award, "1.00")


def test_refusals(db: None) -> None:
    with pytest.raises(Conflict):
        prepared(staged("100.00", "200.00"), "50.00")
    award = advanced("100.00", "200.00")
    for field, wrong in {"reason": " ", "due_on": TODAY.replace(year=2020)}.items():
        with pytest.raises(Refused) as refused:
            prepared(award, "50.00", **{field: wrong})
        assert set(refused.value.message_dict) == {field}
    made = prepared(award, "50.00")
    with pytest.raises(NotAllowed):
        settlements.approve(settlement_id=made.pk, counters=CAPS, user=made.prepared_by)
    settlements.drop(settlement_id=made.pk)
    assert approve(prepared(award, "300.00")).granted == 0


@pytest.fixture
def owner(committed_db: None, owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as connected:
        yield connected


def test_the_database_refuses_one_person(owner: psycopg.Connection) -> None:
    prepared(advanced("100.00", "200.00"), "50.00")
    with pytest.raises(psycopg.errors.CheckViolation, match="settlement_approved_by_another"):
        owner.execute(
            "UPDATE incentives_settlement SET state = 'approved', approved_at = now(), "
            "granted = 0, approved_by_id = prepared_by_id"
        )
    with pytest.raises(psycopg.Error, match=r"settlement_content|Cannot update|read-?only"):
        owner.execute("UPDATE incentives_settlement SET entitled = 1")


def race() -> tuple[Award, list[object]]:
    """Four who have all come to the cap before the first may go on."""
    award = advanced("100.00", "200.00")

    def grown() -> Decimal:
        with transaction.atomic():
            return money.top_up(
                award=award, entitled=Decimal("420.00"), due_on=TODAY, at=timezone.now(),
                actor=make_user(), reason="r", counters=CAPS,
            )  # fmt: skip

    results = at_once_behind(lambda: money.look(city_code="qingdao", counters=CAPS), [grown] * 4)
    award.refresh_from_db()
    return award, results


def test_it_grows_once(committed_db: None) -> None:
    award, results = race()
    assert sorted(results) == [0, 0, 0, Decimal("120.00")]
    assert (award.amount, used("own")) == (Decimal("420.00"), Decimal("420.00"))
    assert differences(city_code="qingdao") == []


def test_control_without_the_lock_it_grows_four_times(owner: psycopg.Connection) -> None:
    """The award is read without its lock, and what holds the sum otherwise is taken away."""
    source = owner.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'huiqi_top_up'"
    ).fetchone()[0]
    owner.execute(source.replace("WHERE id = p_award FOR UPDATE", "WHERE id = p_award"))
    owner.execute("ALTER TABLE incentives_award DROP CONSTRAINT award_within_assessed")
    race()
    grown = LedgerEntry.objects.filter(stage="committed").values_list("amount", flat=True)
    assert sum(grown) > Decimal("420.00")
