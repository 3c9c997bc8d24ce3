"""The nightly check finds what was tampered with; pools that run dry are told of, once."""

from decimal import Decimal

import psycopg
import pytest
from django.core.management import call_command

from applicants.models import City, Event, Notice
from incentives.domain.pools import set_pool
from incentives.models import Counter, Pool
from reviews.domain import watch, working_days
from reviews.models.staff import Role
from tests.factories import make_staff, make_user, qingdao
from tests.incentives.factories import cap, reserve


def watchers() -> dict[Role, int]:
    roles = {
        Role.AUDITOR: None,
        Role.POLICY_EDITOR: None,
        Role.FINANCE_PREPARER: "finance",
        Role.FINANCE_APPROVER: "finance",
        Role.PREPARER: "sti",
    }
    return {role: make_staff(role, bureau).pk for role, bureau in roles.items()}


def told(kind: str) -> list[int]:
    return sorted(Notice.objects.filter(kind=kind).values_list("user", flat=True))


def tamper(owner_url: str) -> None:
    """As only the owner could, behind the money functions."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("UPDATE incentives_counter SET used = used - 1 WHERE key = 'watched'")


def test_a_sound_ledger_leaves_only_its_trace(db: None) -> None:
    watchers()
    reserve("600.00", caps=[cap("watched", "1000")])
    assert watch.check_balances() == 0
    kinds = Event.objects.filter(kind__startswith="check.").values_list("kind", "city")
    assert sorted(kinds) == [
        ("check.clean", pk) for pk in sorted(City.objects.values_list("pk", flat=True))
    ]
    assert told("check.difference") == []


def test_a_changed_balance_is_found_and_told(committed_db: None, owner_url: str) -> None:
    people = watchers()
    reserve("600.00", caps=[cap("watched", "1000")])
    tamper(owner_url)
    assert watch.check_balances() == 1
    found = {"what": "counter", "key": "watched", "recorded": "599.00", "added_up": "600.00"}
    assert Event.objects.get(kind="check.differences").data == {"differences": [found]}
    finance = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    assert told("check.difference") == sorted(people[r] for r in (Role.AUDITOR, *finance))


def test_the_command_prints_differences_and_fails(
    committed_db: None, owner_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reserve("600.00", caps=[cap("watched", "1000")])
    call_command("check_caps")
    assert capsys.readouterr().out == "differences: 0\n"
    tamper(owner_url)
    with pytest.raises(SystemExit, match="1"):
        call_command("check_caps")
    assert capsys.readouterr().out == (
        "qingdao counter watched: recorded 599.00, added up 600.00\ndifferences: 1\n"
    )


def limit_year(limit: str) -> Pool:
    return set_pool(
        city=qingdao(),
        code="all",
        year=working_days.today().year,
        title="All awards",
        limit=Decimal(limit),
        programmes=[],
        basis="a test",
        actor=make_user(),
    )


def test_a_pool_is_told_of_at_ninety_percent_and_when_used_up(db: None) -> None:
    people = watchers()
    concerned = sorted(
        people[r] for r in (Role.POLICY_EDITOR, Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    )
    limit_year("1000.00")
    reserve("899.99")
    assert (watch.watch_pools(), told("pool.nearly_used")) == (0, [])
    reserve("0.01")
    assert [watch.watch_pools(), watch.watch_pools()] == [1, 1]
    assert told("pool.nearly_used") == concerned
    reserve("500.00")
    watch.watch_pools()
    assert told("pool.nearly_used") == sorted(concerned * 2)
    assert Counter.objects.get(kind="pool").used == Decimal("1000.00")
    last = Notice.objects.filter(kind="pool.nearly_used").latest("id").data
    assert (last["percent"], last["used"], last["left"]) == ("100", "1000.00", "0.00")


def test_a_limit_that_is_raised_is_watched_anew(db: None) -> None:
    watchers()
    limit_year("1000.00")
    reserve("950.00")
    watch.watch_pools()
    limit_year("1050.00")
    watch.watch_pools()
    assert len(told("pool.nearly_used")) == 6
