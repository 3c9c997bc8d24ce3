"""Reversals signed at once, and beside awards under the same caps."""

from functools import partial

import psycopg
import pytest

from applicants.domain.errors import Conflict
from applicants.models import Party
from incentives.domain import money
from incentives.domain.counters import CounterRequest
from incentives.models import Award, Counter, OpeningReversal
from reviews.domain import reversing
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.incentives.domain.threads import at_once_behind, at_once_in_turn, change, drop_check
from tests.incentives.factories import cap, make_user, reserve
from tests.reviews.domain.test_openings import AWARD, Books, sound
from tests.reviews.domain.test_openings_again import listed, new_party, open_balances, used
from tests.reviews.domain.test_reversing import enterprise, granted, prepared

GIVEN = "100000"


def as_asked(counter: Counter) -> CounterRequest:
    return cap(counter.key, str(counter.limit), kind=counter.kind, heat=counter.heat)


def signed_twice(party: Party) -> list[object]:
    """By two approvers, who both have come to the counter, or to the reversal, before either."""
    books = Books()
    reversal = prepared(books, open_balances(books, listed(party, "500000")))
    signers = [books.approver, make_staff(Role.FINANCE_APPROVER, "finance")]
    counter = as_asked(enterprise(party))
    reserve(GIVEN, caps=[counter], applicant=party)
    return list(
        at_once_behind(
            lambda: money.look(city_code="qingdao", counters=[counter]),
            [
                partial(reversing.approve, reversal_id=reversal.pk, user=signer)
                for signer in signers
            ],
        )
    )


def test_two_who_sign_at_once_reverse_it_once(committed_db: None) -> None:
    party = new_party()
    outcomes = signed_twice(party)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "OpeningReversal"]
    assert used(party) == int(GIVEN)
    assert sound()


def test_control_without_its_lock_it_is_taken_off_twice(committed_db: None, owner_url: str) -> None:
    change(owner_url, "huiqi_reverse_opening", (r"'prepared' FOR UPDATE;", "'prepared';"))
    drop_check(owner_url)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE incentives_openingreversal DISABLE TRIGGER USER")
    party = new_party()
    outcomes = signed_twice(party)
    assert {type(one) for one in outcomes} == {OpeningReversal}
    assert used(party) == int(GIVEN) - 500000


def test_an_award_that_waits_has_the_room_that_the_reversal_leaves(committed_db: None) -> None:
    party, books = new_party(), Books()
    reversal = prepared(books, open_balances(books, listed(party, "5000000")))
    asked = as_asked(enterprise(party))

    def sign() -> None:
        reversing.approve(reversal_id=reversal.pk, user=books.approver)

    def ask() -> money.Grant:
        return reserve(GIVEN, caps=[asked], applicant=party)

    assert ask().award is None
    [grant] = at_once_behind(sign, [ask])
    assert isinstance(grant, money.Grant)
    assert grant.amount == used(party) == int(GIVEN)
    assert sound()


def crossing(party: Party, owner_url: str) -> list[object]:
    """A reversal first in line for a limit, and an award that has come to those before it."""
    books = Books()
    reversal = prepared(books, books.open(AWARD, granted(party, "1000")))
    limits = [as_asked(one) for one in Counter.objects.filter(used=1000).order_by("heat", "key")]
    assert len(limits) > 2
    actor = make_user()
    with psycopg.connect(owner_url) as owner:
        held = "SELECT 1 FROM incentives_counter WHERE key = %s FOR UPDATE"
        owner.execute(held, [limits[1].key])
        return list(
            at_once_in_turn(
                owner.rollback,
                partial(reversing.approve, reversal_id=reversal.pk, user=books.approver),
                lambda: reserve("500", caps=limits, applicant=party, actor=actor),
            )
        )


def test_it_takes_its_locks_in_the_order_of_awards(committed_db: None, owner_url: str) -> None:
    party = new_party()
    outcomes = crossing(party, owner_url)
    assert [type(one).__name__ for one in outcomes] == ["OpeningReversal", "Grant"]
    assert sound()


def test_control_in_another_order_they_cross(committed_db: None, owner_url: str) -> None:
    turned = (r"ORDER BY c.heat, c.key FOR", "ORDER BY c.heat DESC, c.key DESC FOR")
    change(owner_url, "huiqi_reverse_opening", turned)
    outcomes = crossing(new_party(), owner_url)
    assert "OperationalError" in [type(one).__name__ for one in outcomes]


def test_an_award_of_which_money_has_moved_stays(committed_db: None, owner_url: str) -> None:
    party, books = new_party(), Books()
    reversal = prepared(books, books.open(AWARD, granted(party)))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "SELECT huiqi_post(%s, NULL, 'recovered', 1, now(), %s, '')",
            [Award.objects.get().pk, books.approver.pk],
        )
    with pytest.raises(Conflict, match="资金变动"):
        reversing.approve(reversal_id=reversal.pk, user=books.approver)
    assert used(party) == 5000000
