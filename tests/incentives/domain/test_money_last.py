"""What most awards want is taken last: looked at, written, and only then locked; or undone."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from applicants.models import Event
from incentives.domain import money
from incentives.domain.reconcile import differences
from incentives.models import Award, AwardShare, CounterEntry, LedgerEntry
from tests.incentives.domain.test_budgeted_awards import UNLOCKED, YEAR
from tests.incentives.domain.test_money_threads import NOT_ASKED, awarded
from tests.incentives.domain.threads import at_once_behind, change, drop_check
from tests.incentives.factories import asked, cap, make_budget, make_user, reserve

ROOM, TAKEN, LEFT = "1000.00", "950.00", Decimal("50.00")
OWN = [cap("own", "5000")]


def one() -> list[Decimal]:
    return [reserve("100.00", caps=OWN).amount]


def shared() -> list[Decimal]:
    """The city pays half: the budget has room for twice as much."""
    shares = {"city": Decimal("0.5"), "district": Decimal("0.5")}
    return [reserve("200.00", caps=OWN, payer="shared", shares=shares).amount]


def several() -> list[Decimal]:
    wanted = [asked(amount, caps=OWN) for amount in ("40.00", "60.00", "5.00")]
    with transaction.atomic():
        grants = money.reserve_many(
            city_code="qingdao", wanted=wanted, at=timezone.now(), actor=make_user()
        )
    return [grant.amount for grant in grants]


WAYS = pytest.mark.parametrize(
    ("ask", "granted", "function", "guard"),
    [
        (one, [LEFT], "huiqi_reserve", NOT_ASKED),
        (shared, [2 * LEFT], "huiqi_reserve", NOT_ASKED),
        (several, [Decimal(40), Decimal(10), Decimal(0)], "huiqi_decide_many", UNLOCKED[1]),
    ],
    ids=["one", "shared", "several"],
)
Ask = Callable[[], list[Decimal]]


def asked_while_another_takes_most(ask: Ask) -> list[Decimal] | Exception:
    """It sees room for all, writes, and waits for the budget's row, which then has less."""
    make_budget(ROOM, year=YEAR)
    return at_once_behind(lambda: reserve(TAKEN), [ask])[0]


@WAYS
def test_what_others_took_meanwhile_is_not_given_again(
    committed_db: None, ask: Ask, granted: list[Decimal], function: str, guard: tuple[str, str]
) -> None:
    assert asked_while_another_takes_most(ask) == granted
    given = sum(amount > 0 for amount in granted)
    assert Award.objects.count() == Event.objects.filter(kind="money.reserved").count() == 1 + given
    assert LedgerEntry.objects.count() == 1 + given + AwardShare.objects.count() // 2
    assert CounterEntry.objects.filter(counter__kind="budget").count() == 1 + given
    assert differences(city_code="qingdao") == []


@WAYS
def test_control_without_asking_again_the_budget_is_overspent(
    committed_db: None, owner_url: str,
    ask: Ask, granted: list[Decimal], function: str, guard: tuple[str, str],
) -> None:  # fmt: skip
    change(owner_url, function, guard)
    drop_check(owner_url)
    asked_while_another_takes_most(ask)
    assert awarded() > Decimal(TAKEN) + sum(granted)


def test_who_finds_nothing_left_is_told_of_no_award(committed_db: None) -> None:
    make_budget(ROOM, year=YEAR)
    grant = at_once_behind(lambda: reserve(ROOM), [lambda: reserve("100.00", caps=OWN)])[0]
    assert (grant.award, grant.amount, Award.objects.count()) == (None, 0, 1)
    assert [cut.room for cut in grant.cuts] == [0]


def test_no_foreign_key_of_an_award_waits_for_the_commit(db: None) -> None:
    written = [Award, AwardShare, LedgerEntry, CounterEntry, Event]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass FROM pg_constraint"
            " WHERE condeferrable AND conrelid = ANY (%s::regclass[])",
            [[model._meta.db_table for model in written]],
        )
        assert cursor.fetchall() == []
