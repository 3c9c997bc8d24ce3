"""An export that nets several demands takes what limits their awards in the one order."""

from contextlib import ExitStack
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from applicants.domain.errors import crossed
from incentives.domain import money, netting, payouts, recoveries
from incentives.domain.reconcile import differences
from incentives.models import PayoutBatch, Recovery
from tests.incentives.domain.test_netting import due_to, prepare
from tests.incentives.domain.test_recoveries import demanded, paid_award, used
from tests.incentives.domain.threads import at_once_in_turn, change
from tests.incentives.factories import cap, make_budget, make_user, reserve

CHEAP, OTHER = cap("cheap", "9000", heat=1), cap("other", "9000", heat=1)


def race() -> tuple[list[object], PayoutBatch]:
    """The export has come to the budget's row when an award takes a cap of its second demand."""
    budget = make_budget("9000.00", year=timezone.localdate().year)
    first = demanded(paid_award("100.00", caps=[OTHER]), "100.00")
    second = demanded(paid_award("100.00", caps=[CHEAP], applicant=first.party), "100.00")
    assert [one.pk for one in netting.demands_on(first.party_id, first.city)] == [
        first.pk, second.pk,
    ]  # fmt: skip
    batch = prepare(due_to(first.party, "500.00"))
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    actor = make_user()
    with ExitStack() as held:
        held.enter_context(transaction.atomic())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT huiqi_look('qingdao', %s, '{budget}', '{yuan}', '{8}')", [[budget.key]]
            )
        outcomes = at_once_in_turn(
            held.close,
            lambda: payouts.export_batch(batch_id=batch.pk, user=actor),
            lambda: reserve("50.00", caps=[CHEAP], actor=actor),
        )
    return list(outcomes), batch


def test_an_award_waits_its_turn(committed_db: None) -> None:
    outcomes, batch = race()
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    batch.refresh_from_db()
    assert batch.state == "exported"
    assert {recoveries.open_amount(one) for one in Recovery.objects.all()} == {Decimal(0)}
    assert (used("other"), used("cheap")) == (0, 50)
    assert differences(city_code="qingdao") == []


def test_control_without_the_order_they_cross(committed_db: None, owner_url: str) -> None:
    change(owner_url, "huiqi_lock_demands", (r"ORDER BY heat, key FOR NO KEY UPDATE", ""))
    outcomes, _batch = race()
    assert [one for one in outcomes if isinstance(one, Exception) and crossed(one)]


def test_a_demand_that_is_signed_meanwhile_is_no_part_of_it(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = demanded(paid_award("100.00"), "60.00")
    batch = prepare(due_to(first.party, "500.00"))
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    lock = money.lock_demands

    def and_sign(**given: object) -> None:
        lock(**given)
        demanded(first.award, "40.00")

    monkeypatch.setattr(money, "lock_demands", and_sign)
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    assert sorted(map(recoveries.open_amount, Recovery.objects.all())) == [0, 40]
