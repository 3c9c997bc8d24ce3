"""An export that nets several demands takes what limits their awards in the one order."""

from collections.abc import Callable
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.utils import timezone

from applicants.domain.errors import crossed
from incentives.domain import money, netting, payouts, recoveries
from incentives.domain.reconcile import differences
from incentives.models import PayoutBatch, Recovery
from tests.incentives.domain.test_netting import due_to, prepare
from tests.incentives.domain.test_recoveries import demanded, paid_award, used
from tests.incentives.domain.threads import at_once, change, wait_for_waiting
from tests.incentives.factories import cap, make_budget, make_user, reserve

CHEAP, OTHER = cap("cheap", "9000", heat=1), cap("other", "9000", heat=1)


def race(monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], PayoutBatch]:
    """The first demand is entered when an award comes that takes a cap of the second."""
    make_budget("9000.00", year=timezone.localdate().year)
    first = demanded(paid_award("100.00", caps=[OTHER]), "100.00")
    second = demanded(paid_award("100.00", caps=[CHEAP], applicant=first.party), "100.00")
    assert [one.pk for one in netting.demands_on(first.party_id, first.city)] == [
        first.pk, second.pk,
    ]  # fmt: skip
    batch = prepare(due_to(first.party, "500.00"))
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    actor, entered, enter = make_user(), Event(), recoveries.enter

    def and_wait(**given: Any) -> None:
        enter(**given)
        if not entered.is_set():
            entered.set()
            wait_for_waiting(1)

    def award() -> object:
        assert entered.wait(30)
        return reserve("50.00", caps=[CHEAP], actor=actor)

    monkeypatch.setattr(recoveries, "enter", and_wait)
    jobs: list[Callable[[], object]] = [
        lambda: payouts.export_batch(batch_id=batch.pk, user=actor),
        award,
    ]
    return list(at_once(jobs)), batch


def test_an_award_waits_its_turn(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes, batch = race(monkeypatch)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    batch.refresh_from_db()
    assert batch.state == "exported"
    assert {recoveries.open_amount(one) for one in Recovery.objects.all()} == {Decimal(0)}
    assert (used("other"), used("cheap")) == (0, 50)
    assert differences(city_code="qingdao") == []


def test_control_without_the_order_they_cross(
    committed_db: None, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(owner_url, "huiqi_lock_demands", (r"ORDER BY heat, key FOR NO KEY UPDATE", ""))
    outcomes, _batch = race(monkeypatch)
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
