"""Receipts reversed beside one another and beside new ones; the controls take the locks away."""

from collections.abc import Callable
from functools import partial

import psycopg

from incentives.domain import money, receipts, recoveries
from incentives.models import ReceiptReversal, Recovery, RecoveryEntry
from tests.incentives.domain.test_receipts import LIFE, prepared, sound
from tests.incentives.domain.test_recoveries import back, demanded, paid_award, used
from tests.incentives.domain.threads import at_once, at_once_behind, at_once_in_turn, change
from tests.incentives.factories import make_user


def hold_life() -> None:
    money.look(city_code="qingdao", counters=[LIFE])


def signed_twice() -> tuple[Recovery, list[object]]:
    """By two approvers, both of whom have come to the demand before either."""
    recovery = demanded(paid_award(caps=[LIFE]))
    back(recovery, "400.00")
    waits = prepared(recovery)
    jobs = [partial(receipts.approve, reversal=waits, user=make_user()) for _time in range(2)]
    return recovery, list(at_once_behind(hold_life, jobs))


def test_two_who_sign_at_once_reverse_it_once(committed_db: None) -> None:
    recovery, outcomes = signed_twice()
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "NoneType"]
    assert (recoveries.open_amount(recovery), used("life")) == (1000, 1000)
    assert sound()


def unlocked(owner_url: str) -> None:
    change(
        owner_url,
        "huiqi_reverse_receipt",
        (r"WHERE id = v_receipt.recovery_id FOR UPDATE;", "WHERE id = v_receipt.recovery_id;"),
        (r"WHERE id = v_recovery.award_id FOR UPDATE;", "WHERE id = v_recovery.award_id;"),
        (r"'prepared' FOR UPDATE;", "'prepared';"),
    )


def test_control_without_its_locks_it_counts_twice(committed_db: None, owner_url: str) -> None:
    unlocked(owner_url)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE incentives_receiptreversal DISABLE TRIGGER USER")
        owner.execute(
            "ALTER TABLE incentives_recoveryentry "
            "DROP CONSTRAINT incentives_recoveryentry_reverses_id_key"
        )
    recovery, outcomes = signed_twice()
    assert outcomes == [None, None]
    assert (recoveries.open_amount(recovery), used("life")) == (1400, 1400)
    assert not sound()


def beside(owner_url: str) -> tuple[Recovery, list[object]]:
    """A reversal first in line for the cap, and the rest of the money, which came meanwhile."""
    recovery = demanded(paid_award(caps=[LIFE]))
    back(recovery, "400.00")
    reversal = prepared(recovery)
    jobs: list[Callable[[], object]] = [
        partial(receipts.approve, reversal=reversal, user=make_user()),
        partial(back, recovery, "600.00"),
    ]
    with psycopg.connect(owner_url) as owner:
        owner.execute("SELECT 1 FROM incentives_counter WHERE key = 'life' FOR UPDATE")
        return recovery, list(at_once_in_turn(owner.rollback, *jobs))


def test_beside_a_new_receipt_the_demand_is_what_both_leave(
    committed_db: None, owner_url: str
) -> None:
    recovery, outcomes = beside(owner_url)
    assert not any(isinstance(one, Exception) for one in outcomes)
    recovery.refresh_from_db()
    assert (recovery.state, recoveries.open_amount(recovery)) == ("demanded", 400)
    assert used("life") == 400
    assert sound()


def test_control_without_its_locks_they_cross(committed_db: None, owner_url: str) -> None:
    unlocked(owner_url)
    _recovery, outcomes = beside(owner_url)
    assert "OperationalError" in [type(one).__name__ for one in outcomes]


def test_many_receipts_reversed_and_entered_at_once(committed_db: None) -> None:
    recovery = demanded(paid_award(caps=[LIFE]))
    for number in range(4):
        back(recovery, "100.00", f"旧{number}")
    entries = RecoveryEntry.objects.filter(reference__startswith="旧")
    waiting = [
        ReceiptReversal.objects.create(receipt=one, reason="误录", prepared_by=make_user())
        for one in entries
    ]
    jobs: list[Callable[[], object]] = [
        partial(receipts.approve, reversal=one, user=make_user()) for one in waiting
    ]
    jobs += [partial(back, recovery, "10.00", f"新{number}") for number in range(4)]
    assert not any(isinstance(one, Exception) for one in at_once(jobs))
    assert (recoveries.open_amount(recovery), used("life")) == (960, 960)
    assert sound()
