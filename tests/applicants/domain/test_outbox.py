"""What is waiting gets sent, once, whoever sweeps, and however often a worker or a server fails."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from pytest_django import Settings

from applicants.domain import outbox
from applicants.models import Event, Notice, User
from tests.factories import make_user
from tests.incentives.domain.threads import at_once, at_once_before

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TITLES = {"number": "QI-2026-000001", "title_zh": "技术中心奖励", "title_en": "Centre award"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def no_mail_server(settings: Settings) -> None:
    """Nobody listens on port 1."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False


def waiting(count: int, user: User | None = None, **fields: Any) -> list[Notice]:
    user = user or make_user(language="en")
    first = Notice.objects.count()
    rows = [
        Notice(user=user, kind="case.accepted", key=f"test:{first + i}", data=TITLES, **fields)
        for i in range(count)
    ]
    return Notice.objects.bulk_create(rows)


def sent_ids() -> Counter[str]:
    return Counter(message.extra_headers["Message-ID"] for message in mail.outbox)


def ids(notices: list[Notice]) -> Counter[str]:
    return Counter(f"<notice-{notice.pk}@127.0.0.1>" for notice in notices)


def test_each_reader_gets_the_own_language_and_a_whole_address(db: None) -> None:
    english, chinese = make_user(language="en"), make_user(language="zh-hans")
    waiting(1, english, url="/cases/7/")
    waiting(1, chinese)
    assert outbox.send_waiting() == 2
    first, second = mail.outbox
    assert (first.to, first.subject) == ([english.email], "Case QI-2026-000001 has been accepted")
    assert first.body == (
        "“Centre award” is now with the responsible bureaus for review."
        "\n\nhttp://127.0.0.1:8000/cases/7/\n"
    )
    assert second.to == [chinese.email]
    assert "技术中心奖励" in second.body


def test_what_was_sent_is_not_sent_again(db: None) -> None:
    waiting(3)
    assert [outbox.send_waiting(), outbox.send_waiting()] == [3, 0]
    assert Notice.objects.filter(emailed_at=None).count() == 0


def test_a_failing_server_leaves_the_notice_waiting_with_its_error(
    db: None, clock: time_machine.Traveller, no_mail_server: None
) -> None:
    waiting(1)
    assert outbox.send_waiting() == 0
    row = Notice.objects.get()
    assert (row.emailed_at, row.attempts) == (None, 1)
    assert row.last_error == "ConnectionRefusedError: [Errno 111] Connection refused"


def test_a_failure_is_tried_again_later_and_its_error_goes(
    db: None,
    clock: time_machine.Traveller,
    settings: Settings,
    no_mail_server: None,
) -> None:
    waiting(1)
    outbox.send_waiting()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.shift(timedelta(minutes=9))
    assert outbox.send_waiting() == 0
    clock.shift(timedelta(minutes=2))
    assert outbox.send_waiting() == 1
    assert Notice.objects.get().last_error == ""


def test_a_notice_is_given_up_visibly(
    db: None, clock: time_machine.Traveller, no_mail_server: None
) -> None:
    notice = waiting(1)[0]
    for _ in range(12):
        outbox.send_waiting()
        clock.shift(timedelta(days=2))
    row = Notice.objects.get()
    assert (row.attempts, row.emailed_at) == (8, None)
    event = Event.objects.get(kind="notice.undeliverable")
    assert (event.subject, event.reason) == (f"notice:{notice.pk}", row.last_error)


def test_a_server_that_is_down_is_left_alone_after_three(
    db: None, clock: time_machine.Traveller, no_mail_server: None
) -> None:
    waiting(5)
    outbox.send_waiting()
    assert list(Notice.objects.order_by("id").values_list("attempts", flat=True)) == [1, 1, 1, 0, 0]


def test_who_has_left_gets_no_mail(db: None) -> None:
    waiting(1, make_user(is_active=False))
    assert outbox.send_waiting() == 0


def test_a_worker_lost_after_its_claim_loses_nothing(
    db: None, clock: time_machine.Traveller
) -> None:
    notices = waiting(1)
    assert outbox.claim() == notices[0]
    assert outbox.send_waiting() == 0
    clock.shift(timedelta(minutes=11))
    assert outbox.send_waiting() == 1
    assert sent_ids() == ids(notices)


def test_eight_sweepers_send_each_notice_once(committed_db: None) -> None:
    notices = waiting(120)
    assert sum(at_once([outbox.send_waiting] * 8)) == 120
    assert sent_ids() == ids(notices)


def test_control_without_the_lock_both_claim_the_same(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = outbox.CLAIM.replace("FOR UPDATE OF q SKIP LOCKED", "")
    assert unlocked != outbox.CLAIM
    monkeypatch.setattr(outbox, "CLAIM", unlocked)
    first, _second = waiting(2)
    assert at_once_before(first, [outbox.claim] * 2) == [first, first]
