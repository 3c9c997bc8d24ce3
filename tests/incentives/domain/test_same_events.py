"""Awards of one event, together never more than the highest entitled: also as money comes back."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from incentives.domain import money, settlements
from incentives.domain.counters import CounterRequest
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, CounterEntry, Instalment
from tests.incentives.domain.test_findings import confirm, find, staged
from tests.incentives.domain.test_recoveries import back, demanded, give_up, paid, paid_award
from tests.incentives.domain.test_settlements import approve, prepared
from tests.incentives.factories import cap, make_user, reserve

NARROW = cap("narrow", "150.00")
pytestmark = pytest.mark.django_db


def event(entitled: str) -> list[CounterRequest]:
    return [cap("event", entitled, kind="event", heat=2)]


def granted(*entitled: str) -> list[Decimal]:
    """To one after another of the event."""
    return [reserve(one, caps=event(one)).amount for one in entitled]


def stands() -> tuple[Decimal, Decimal]:
    """What the event has used, and the highest entitlement that stands; the books agree."""
    assert differences(city_code="qingdao") == []
    counter = Counter.objects.get(key="event")
    return counter.used, counter.limit


def test_an_award_settled_on_less_leaves_others_no_more_than_that() -> None:
    award = paid(staged("100.00", "200.00", more=event("300.00")))
    approve(prepared(award, "100.00"))
    assert stands() == (100, 100)
    assert granted("150.00") == [50]
    assert stands() == (150, 150)


def test_a_stage_reached_in_part_lowers_what_the_award_is_entitled_to() -> None:
    award = staged("100.00", "200.00", more=event("300.00"))
    confirm(find(award, 2, "partly", "50.00"))
    assert stands() == (150, 150)
    assert granted("200.00", "150.00") == [50, 0]


def test_an_award_recovered_in_full_leaves_no_entitlement() -> None:
    award = paid_award("500.00", caps=event("500.00"))
    back(demanded(award, "500.00"), "500.00")
    assert stands() == (0, 0)
    assert granted("200.00", "200.00", "200.00") == [200, 0, 0]


def test_after_a_recovery_the_highest_that_still_stands_counts() -> None:
    award = paid_award("100.00", caps=event("100.00"))
    back(demanded(award, "100.00"), "100.00")
    assert granted("50.00", "80.00") == [50, 30]
    assert stands() == (80, 80)


def test_what_is_recovered_in_part_lowers_the_entitlement_by_as_much() -> None:
    award = paid_award("500.00", caps=event("500.00"))
    recovery = demanded(award, "300.00")
    back(recovery, "100.00")
    assert stands() == (400, 400)
    back(recovery, "200.00")
    assert stands() == (200, 200)
    assert granted("300.00", "250.00") == [100, 0]


@pytest.mark.parametrize(
    ("audited", "left"), [("150.00", 0), ("200.00", 50), ("250.00", 100), ("300.00", 150)]
)
def test_audited_figures_that_move_no_money_say_what_the_award_is_entitled_to(
    audited: str, left: int
) -> None:
    """Assessed at 250.00, cut to 150.00 by a cap that has no room for more."""
    award = settled_within_a_cap(audited)
    assert stands() == (150, Decimal(audited))
    assert CounterEntry.objects.filter(amount=0).count() == (audited != "250.00")
    assert granted("150.00") == [left]
    back(demanded(award, "100.00"), "100.00")
    assert stands() == (50 + left, max(50 + left, 150 if left else 0))


def settled_within_a_cap(audited: str) -> Award:
    award = paid(staged("100.00", "50.00", assessed="250.00", more=[NARROW, *event("250.00")]))
    made = prepared(award, audited)
    with transaction.atomic():
        done = settlements.approve(
            settlement_id=made.pk, counters=[NARROW, *event(audited)], user=make_user()
        )
    assert done.granted == 0
    return award


def test_the_application_entitles_nobody() -> None:
    with pytest.raises(DatabaseError, match="huiqi_entitle"), transaction.atomic():
        connection.cursor().execute("SELECT huiqi_entitle(1, 1)")


def test_a_voucher_is_entitled_to_what_was_redeemed() -> None:
    voucher = Award.objects.get(pk=reserve("100.00", caps=event("100.00")).award)
    with transaction.atomic():
        money.redeem(
            award=voucher, amount=Decimal("60.00"), at=timezone.now(), actor=make_user(), reason="r"
        )
        Instalment.objects.create(
            award=voucher, number=1, payee=voucher.applicant, amount=Decimal("60.00"),
            due_kind="stage",
        )  # fmt: skip
    assert stands() == (60, 60)
    assert granted("80.00", "80.00") == [20, 0]


def test_an_award_that_was_cut_stays_entitled_while_nothing_is_taken_back() -> None:
    """Cut to 50.00 by a cap: as long as it has all of that, the event stands at 100.00."""
    award = paid_award("100.00", caps=[cap("own", "50.00"), *event("100.00")])
    assert stands() == (50, 100)
    assert granted("40.00") == [40]
    back(demanded(award, "20.00"), "20.00")
    assert stands() == (70, 70)
    assert granted("80.00") == [10]


def test_one_that_came_later_keeps_the_event_as_high_as_it_is_entitled() -> None:
    award = paid_award("100.00", caps=event("100.00"))
    assert granted("150.00") == [50]
    back(demanded(award, "100.00"), "100.00")
    assert stands() == (50, 150)
    assert granted("120.00") == [100]


def test_what_is_written_off_frees_nothing() -> None:
    award = paid_award("500.00", caps=event("500.00"))
    recovery = demanded(award, "500.00")
    give_up(recovery, "500.00")
    assert stands() == (500, 500)
    assert granted("500.00") == [0]
