from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import money
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, LedgerEntry
from tests.incentives.factories import any_programme, cap, make_award, make_user, reserve

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def used(key: str) -> Decimal:
    return Counter.objects.get(city="qingdao", key=key).used


def release(award_id: int | None) -> None:
    with transaction.atomic():
        money.release(
            award=Award.objects.get(pk=award_id),
            at=timezone.now(),
            actor=make_user(),
            reason="撤回",
        )


def test_a_cap_is_filled_to_the_fen_and_says_what_it_cut() -> None:
    caps = [cap("unit", "2000000.00")]
    grants = [reserve("300000", caps=caps) for _ in range(8)]
    assert [grant.amount for grant in grants] == [Decimal(300000)] * 6 + [
        Decimal(200000),
        Decimal(0),
    ]
    cut = money.Cut(
        key="unit", kind="cap", unit="yuan",
        limit=Decimal(2000000), used=Decimal(1800000), room=Decimal(200000),
    )  # fmt: skip
    assert grants[6].cuts == [cut]
    assert grants[7].award is None
    assert used("unit") == Decimal(2000000)


def test_the_least_room_decides_and_every_counter_moves_by_what_was_granted() -> None:
    caps = [cap("a", "100"), cap("b", "70.05", heat=0), cap("c", "1", unit="awards")]
    grant = reserve("90", caps=caps)
    assert grant.amount == Decimal("70.05")
    assert [cut.key for cut in grant.cuts] == ["b"]
    assert (used("a"), used("b"), used("c")) == (Decimal("70.05"), Decimal("70.05"), Decimal(1))


def test_a_count_of_awards_lets_whole_awards_through_or_none() -> None:
    caps = [cap("once", "1", unit="awards")]
    assert [reserve("50", caps=caps).amount for _ in range(2)] == [Decimal(50), Decimal(0)]


def test_a_refused_reservation_writes_nothing_but_an_empty_counter() -> None:
    reserve("10", caps=[cap("full", "10")])
    reserve("10", caps=[cap("full", "10"), cap("other", "10")])
    assert used("other") == Decimal(0)
    assert LedgerEntry.objects.count() == Award.objects.count() == 1


def test_release_gives_the_room_back_to_every_counter() -> None:
    caps = [cap("a", "100"), cap("n", "1", unit="awards")]
    first = reserve("100", caps=caps)
    assert reserve("100", caps=caps).award is None
    release(first.award)
    assert (used("a"), used("n")) == (Decimal(0), Decimal(0))
    assert reserve("100", caps=caps).amount == Decimal(100)
    assert differences(city_code="qingdao") == []


def test_an_award_is_released_once() -> None:
    grant = reserve("100", caps=[cap("a", "100")])
    release(grant.award)
    with pytest.raises(Conflict):
        release(grant.award)
    assert used("a") == Decimal(0)


def test_a_committed_award_is_not_released() -> None:
    award = make_award("100", caps=[cap("a", "100")])
    with pytest.raises(Conflict):
        release(award.pk)
    assert used("a") == Decimal(100)


def event(entitled: str) -> list[object]:
    return [cap("event", entitled, kind="event", heat=2)]


def test_the_same_event_pays_the_highest_in_all_and_a_later_higher_one_tops_up() -> None:
    amounts = [reserve(x, caps=event(x)).amount for x in ("3000000", "5000000", "2000000")]
    assert amounts == [Decimal(3000000), Decimal(2000000), Decimal(0)]


def test_releasing_the_higher_one_brings_the_event_back_to_what_was_entitled_before() -> None:
    reserve("3000000", caps=event("3000000"))
    higher = reserve("5000000", caps=event("5000000"))
    release(higher.award)
    counter = Counter.objects.get(key="event")
    assert (counter.used, counter.limit) == (Decimal(3000000), Decimal(3000000))
    assert reserve("4000000", caps=event("4000000")).amount == Decimal(1000000)
    assert differences(city_code="qingdao") == []


def test_releasing_the_lower_one_leaves_its_room_to_the_next() -> None:
    lower = reserve("3000000", caps=event("3000000"))
    reserve("5000000", caps=event("5000000"))
    release(lower.award)
    counter = Counter.objects.get(key="event")
    assert (counter.used, counter.limit) == (Decimal(2000000), Decimal(5000000))


def test_the_approval_year_is_shanghais() -> None:
    old = datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    new = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    awards = [Award.objects.get(pk=reserve("1", at=at).award) for at in (old, new)]
    assert [award.approval_year for award in awards] == [2026, 2027]


def test_one_case_has_one_living_award() -> None:
    first = reserve("5", case_number="QI-1")
    with pytest.raises(Conflict, match=r"already|已有"):
        reserve("5", case_number="QI-1")
    release(first.award)
    assert reserve("5", case_number="QI-1").amount == Decimal(5)


def test_the_ledger_tells_the_way_of_an_award() -> None:
    award = make_award("100", programme=any_programme())
    stages = LedgerEntry.objects.filter(award=award).order_by("id").values_list("stage", "amount")
    assert list(stages) == [("reserved", Decimal(100)), ("committed", Decimal(100))]
