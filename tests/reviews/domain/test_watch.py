"""The nightly check finds what was tampered with; pools that run dry are told of, once."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from applicants.domain.events import record
from applicants.domain.wording import render
from applicants.models import ChainHead, City, Event, Notice
from incentives.domain import registry
from incentives.domain.pools import set_pool
from incentives.domain.sealing import seal_all
from incentives.models import Counter, PayeeHold, Pool
from reviews.domain import watch, working_days
from reviews.models.staff import Role
from reviews.tasks import nightly_check
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
    nightly_check()
    places = [*(f"city:{pk}" for pk in City.objects.values_list("pk", flat=True)), "system"]
    assert checked() == dict.fromkeys(places, "check.clean")
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


def as_owner(owner_url: str, *statements: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for sql in statements:
            owner.execute(sql)


def checked() -> dict[str, str]:
    """By place, what the newest check ended with."""
    events = Event.objects.filter(kind__startswith="check.").order_by("id")
    return {event.subject: event.kind for event in events}


def test_a_chain_that_cannot_be_lengthened_silences_no_other_check(
    committed_db: None, owner_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    people = watchers()
    of_dalian = make_staff(Role.AUDITOR, None, city="dalian").pk
    reserve("600.00", caps=[cap("watched", "1000")])
    watch.check_balances()
    tamper(owner_url)
    as_owner(
        owner_url,
        "UPDATE applicants_chainhead SET number = number - 1 WHERE chain = 'events:qingdao'",
    )
    record(kind="test.seen", subject="one", actor=None, city=qingdao())
    record(kind="test.seen", subject="one", actor=None, city=City.objects.get(pk="dalian"))
    with pytest.raises(ExceptionGroup):
        seal_all()
    assert ChainHead.objects.get(pk="events:dalian").number > 0
    assert watch.check_balances() > 0
    assert checked() == {
        "city:dalian": "check.clean",
        "city:qingdao": "check.failed",
        "system": "check.clean",
    }
    found = Event.objects.get(kind="check.failed").data["differences"]
    assert [one["what"] for one in found] == ["counter", "cut", "failed"]
    assert "link_once" in found[-1]["error"]
    assert PayeeHold.objects.count() == 1
    assert people[Role.AUDITOR] in told("check.difference")
    assert of_dalian not in told("check.difference")
    assert "check.failed" in caplog.text
    title, text = render(Notice.objects.filter(kind="check.difference").latest("id"), "en")
    assert title.startswith("Nightly check in Qingdao: differences found: 3")
    assert "the end of the chain is not where it should be" in text


def test_a_check_that_breaks_off_leaves_what_the_others_held(
    committed_db: None, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchers()
    reserve("600.00", caps=[cap("watched", "1000")])
    tamper(owner_url)
    monkeypatch.setattr(registry, "tampered", None)
    assert watch.check_balances() == 3
    assert PayeeHold.objects.count() == 1
    assert checked()["city:dalian"] == checked()["city:qingdao"] == "check.failed"


def test_what_belongs_to_no_city_is_told_to_every_auditor(
    committed_db: None, owner_url: str
) -> None:
    auditor = watchers()[Role.AUDITOR]
    of_dalian = make_staff(Role.AUDITOR, None, city="dalian").pk
    record(kind="party.account_added", subject="party:1", actor=None)
    assert watch.check_balances() == 0
    as_owner(
        owner_url,
        "ALTER TABLE applicants_event DISABLE TRIGGER USER",
        'UPDATE applicants_event SET data = \'{"number": "another"}\' WHERE city_id IS NULL',
        "ALTER TABLE applicants_event ENABLE TRIGGER USER",
    )
    assert watch.check_balances() == 1
    assert checked() == {
        "city:dalian": "check.clean",
        "city:qingdao": "check.clean",
        "system": "check.differences",
    }
    assert told("check.difference") == sorted([auditor, of_dalian])


def test_a_digest_that_cannot_be_written_is_told(
    committed_db: None, tmp_path: Path, settings: Any
) -> None:
    auditor = watchers()[Role.AUDITOR]
    reserve("600.00")
    (tmp_path / "full").touch()
    settings.ANCHOR_ROOT = tmp_path / "full"
    watch.check_balances()
    assert checked()["system"] == "check.failed"
    assert told("check.difference") == [auditor]
    _title, text = render(Notice.objects.get(kind="check.difference"), "en")
    assert "NotADirectoryError" in text
    assert "the file is not there" in text


def test_a_night_without_a_check_is_told_of_once_a_day(db: None) -> None:
    people = watchers()
    watch.check_balances()
    assert watch.watch_checks() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=27)):
        assert [watch.watch_checks(), watch.watch_checks()] == [City.objects.count() + 1] * 2
        notices = Notice.objects.filter(kind="check.overdue")
        of_finance = {people[Role.FINANCE_PREPARER], people[Role.FINANCE_APPROVER]}
        assert set(notices.values_list("user", flat=True)) == of_finance | {people[Role.AUDITOR]}
        assert notices.filter(user=people[Role.AUDITOR]).count() == 2  # of the city, of the system
        title, _text = render(notices.earliest("id"), "en")
        assert title.startswith("No nightly check in Qingdao since 20")
        watch.check_balances()
        assert watch.watch_checks() == 0


def test_a_check_that_could_not_be_finished_counts_for_none(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.check_balances()
    with time_machine.travel(timezone.now() + timedelta(hours=27)):
        monkeypatch.setattr(registry, "tampered", None)
        watch.check_balances()
        assert watch.watch_checks() == City.objects.count()
