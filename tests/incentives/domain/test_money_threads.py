"""Caps and pools under real threads and commits; each guard has a control that shows its worth."""

from decimal import Decimal
from functools import partial
from threading import Event
from time import sleep

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from applicants.domain.errors import Refused
from incentives.domain import money
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, Pool, Programme
from tests.incentives.domain.threads import at_once, change, drop_check
from tests.incentives.factories import any_programme, cap, make_user, qingdao, reserve

THREADS, EACH = 16, 10
SHARE = "7777.77"
LIMIT = "1000000.00"
CAP = cap("contended", LIMIT)


def reserve_many(programme: Programme, keys: tuple[str, ...] = ("contended",)) -> Decimal:
    caps = [cap(key, LIMIT) for key in keys]
    return sum(
        (reserve(SHARE, caps=caps, programme=programme).amount for _ in range(EACH)), Decimal(0)
    )


def run_all() -> list[Decimal | Exception]:
    reserve("0.01", caps=[CAP])  # the counter is there before the race
    return at_once([partial(reserve_many, any_programme())] * THREADS)


def awarded() -> Decimal:
    return Award.objects.aggregate(total=Sum("amount"))["total"]


SLOW = (r"v_limit := CASE", "PERFORM pg_sleep(0.005); v_limit := CASE")  # after it looked
NOT_ASKED = (r"AND c\.used \+ p_assessed [^;]+;", ";")  # whether it still has room
UNLOCKED = ((r"FOR NO KEY UPDATE;", ";"), NOT_ASKED, SLOW)


def test_sixteen_threads_fill_a_cap_to_the_fen_and_never_over(committed_db: None) -> None:
    granted = run_all()
    assert sum(granted, Decimal("0.01")) == Decimal(LIMIT)
    assert awarded() == Counter.objects.get(key="contended").used == Decimal(LIMIT)
    assert differences(city_code="qingdao") == []


def test_control_without_the_lock_and_the_check_the_cap_is_overspent(
    committed_db: None, owner_url: str
) -> None:
    change(owner_url, "huiqi_reserve", *UNLOCKED)
    drop_check(owner_url)
    run_all()
    assert awarded() > Decimal(LIMIT)


def test_without_the_lock_the_check_still_holds_the_cap_but_people_see_errors(
    committed_db: None, owner_url: str
) -> None:
    change(owner_url, "huiqi_reserve", *UNLOCKED)
    outcomes = run_all()
    assert {type(outcome) for outcome in outcomes} <= {Decimal, IntegrityError}
    assert IntegrityError in {type(outcome) for outcome in outcomes}
    assert awarded() <= Decimal(LIMIT)


def test_a_pool_over_two_programmes_is_filled_to_the_fen(committed_db: None) -> None:
    first, second = Programme.objects.filter(city="qingdao").order_by("code")[:2]
    pool("joint", "500000.00", first, second)
    at_once([partial(reserve_many, p, ()) for p in (first, second)] * (THREADS // 2))
    assert awarded() == Counter.objects.get(key=f"pool:joint:{year()}").used == Decimal(500000)


def test_caps_named_in_opposite_order_do_not_deadlock(committed_db: None) -> None:
    programme = any_programme()
    jobs = [partial(reserve_many, programme, keys) for keys in (("a", "b"), ("b", "a"))]
    granted = at_once(jobs * (THREADS // 2))
    assert sum(granted) == Decimal(LIMIT)
    assert deadlocks() == 0


def test_control_locks_in_the_order_of_the_request_deadlock(
    committed_db: None, owner_url: str
) -> None:
    ungrouped = [
        (r"CASE k\.unit WHEN 'rows' THEN count\(\*\)::int ELSE 1 END", "1"),
        (r"GROUP BY 1, 2, 3, 4, 5", ""),
    ]  # which may sort as well
    change(owner_url, "huiqi_reserve", (r"ORDER BY heat, key", ""), *ungrouped, SLOW)
    reserve("0.01", caps=[cap("a", LIMIT), cap("b", LIMIT)])
    programme = any_programme()
    jobs = [partial(reserve_many, programme, keys) for keys in (("a", "b"), ("b", "a"))]
    outcomes = at_once(jobs * 2)
    assert any("deadlock" in str(outcome) for outcome in outcomes)


def test_a_pool_set_while_awards_run_counts_every_one_of_them(committed_db: None) -> None:
    programme = any_programme()
    setting = partial(pool, "late", LIMIT, programme)
    outcomes = at_once([partial(reserve_many, programme, ())] * (THREADS - 1) + [setting])
    assert isinstance(outcomes[-1], Pool)
    counter = Counter.objects.get(key=f"pool:late:{year()}")
    assert awarded() == counter.used == Decimal(LIMIT)
    assert differences(city_code="qingdao") == []


def test_a_pool_set_while_an_award_is_released_does_not_count_it(committed_db: None) -> None:
    programme = any_programme()
    award = Award.objects.get(pk=reserve("100", programme=programme).award)
    released, pool_set = Event(), Event()

    def release() -> None:
        with transaction.atomic():
            money.release(award=award, at=timezone.now(), actor=make_user(), reason="退回")
            released.set()
            pool_set.wait(1)  # as long as the pool does not wait for this commit

    def set_meanwhile() -> None:
        released.wait(30)
        pool("late", "100", programme)
        pool_set.set()

    assert at_once([release, set_meanwhile]) == [None, None]
    assert Counter.objects.get(key=f"pool:late:{year()}").used == 0
    assert reserve("100", programme=programme).amount == Decimal(100)


def test_money_moves_only_inside_the_transaction_of_its_decision(committed_db: None) -> None:
    with pytest.raises(RuntimeError, match="transaction of its decision"):
        money.lock_pools(city_code="qingdao")


def test_a_pool_is_not_set_below_what_is_awarded(committed_db: None) -> None:
    programme = any_programme()
    reserve("100", programme=programme)
    with pytest.raises(Refused) as refused:
        pool("small", "99.99", programme)
    assert "100.00" in refused.value.message_dict["limit"][0]
    assert not Pool.objects.exists()


def pool(code: str, limit: str, *programmes: Programme) -> Pool:
    return set_pool(
        city=qingdao(), code=code, year=year(), title=code, limit=Decimal(limit),
        programmes=programmes, basis="市政府专题会议纪要", actor=make_user(),
    )  # fmt: skip


def year() -> int:
    return timezone.localdate().year


OTHERS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def deadlocks() -> int:
    """Counted once the threads' backends are gone, which tell of them as they go."""
    with connection.cursor() as cursor:
        for _time in range(200):
            cursor.execute(OTHERS)
            if cursor.fetchone() == (0,):
                break
            sleep(0.05)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
