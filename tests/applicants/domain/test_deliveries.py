"""Text messages and webhooks: signed, at least once, tried again, and given up visibly."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from applicants.domain import deliveries, preferences
from applicants.domain.crypto import encrypt
from applicants.domain.notice_words import WORDS
from applicants.domain.notices import notify
from applicants.domain.placeholders import from_built_in, named_in
from applicants.models import City, Delivery, Endpoint, Event, Notice, User
from tests.applicants.domain.loopback import CLOSE, Receiver, receiver
from tests.factories import make_user
from tests.incentives.domain.threads import at_once

SECRET = "a secret of two"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def endpoint(server: Receiver, channel: str = "webhook", **more: object) -> Endpoint:
    sealed = encrypt(SECRET.encode(), purpose=deliveries.SECRET)
    fields = {"city_id": "qingdao", "channel": channel, "url": server.url, "set_by": make_user()}
    return Endpoint.objects.create(secret_encrypted=sealed, **(fields | more))


def tell(
    user: User, key: str = "k", kind: str = "case.returned", city: str | None = "qingdao"
) -> None:
    notify(
        user=user,
        kind=kind,
        key=key,
        data={"number": "QI-2026-1", "title_zh": "奖励", "title_en": "award", "reason": "缺章"},
        city=City.objects.get(pk=city) if city else None,
    )


def test_a_webhook_is_signed_and_says_what_the_notice_says(db: None) -> None:
    with receiver(SECRET) as server:
        endpoint(server)
        tell(make_user(language="en"))
        assert [deliveries.send_waiting(), deliveries.send_waiting()] == [1, 0]
    told = json.loads(server.received[0][1])
    assert server.signed == [True]
    assert (told["kind"], told["title"]) == (
        "case.returned",
        "Case QI-2026-1 needs a supplement",
    )
    assert server.received[0][0]["Idempotency-Key"] == f"127.0.0.1-{Delivery.objects.get().pk}"


@pytest.mark.parametrize(
    ("more", "kind", "city", "count"),
    [
        ({}, "case.returned", "qingdao", 1),
        ({"kinds": ["case.returned"]}, "case.returned", "qingdao", 1),
        ({"kinds": ["case.accepted"]}, "case.returned", "qingdao", 0),
        ({"is_active": False}, "case.returned", "qingdao", 0),
        ({}, "case.returned", "dalian", 0),
        ({}, "case.returned", None, 0),
    ],
)
def test_an_endpoint_gets_its_city_s_notices_of_its_kinds(
    db: None, more: dict[str, object], kind: str, city: str | None, count: int
) -> None:
    with receiver(SECRET) as server:
        endpoint(server, **more)
        tell(make_user(), kind=kind, city=city)
    assert Delivery.objects.count() == count


def test_an_endpoint_set_up_later_hears_nothing_of_what_was_told_before(db: None) -> None:
    user = make_user()
    tell(user)
    with receiver(SECRET) as server:
        endpoint(server)
        tell(user)  # the same key: told already
    assert Delivery.objects.count() == 0


def test_a_text_message_goes_to_who_wants_some_and_says_little(db: None) -> None:
    wants, does_not = make_user(), make_user()
    preferences.choose(user=wants, email="each", phone="138 0000 0000", sms=True)
    with receiver(SECRET) as server:
        endpoint(server, "sms")
        tell(wants, "1")
        tell(does_not, "2")
        deliveries.send_waiting()
    assert [json.loads(body) for _headers, body in server.received] == [
        {"to": "13800000000", "text": deliveries.short_text(Notice.objects.get(key="1"))}
    ]
    assert "缺章" not in server.received[0][1].decode()


@pytest.mark.parametrize("kind", WORDS)
def test_no_text_message_names_a_person_a_sum_or_a_reason(kind: str) -> None:
    long = dict.fromkeys(named_in(from_built_in(WORDS[kind][0])), "长" * 100)
    text = deliveries.short_text(Notice(kind=kind, data=long))
    assert len(text) <= 70
    secret = {"payee", "amount", "reason", "note", "owed", "promised"}
    assert named_in(from_built_in(WORDS[kind][0])) & secret == set()


def test_500_then_200_under_the_same_key(db: None, clock: time_machine.Traveller) -> None:
    with receiver(SECRET, 500) as server:
        endpoint(server)
        tell(make_user())
        assert deliveries.send_waiting() == 0
        row = Delivery.objects.get()
        assert (row.attempts, row.sent_at, row.last_error) == (1, None, "HTTP 500")
        clock.shift(timedelta(minutes=9))
        assert deliveries.send_waiting() == 0
        clock.shift(timedelta(minutes=2))
        assert deliveries.send_waiting() == 1
    assert list(server.once.values()) == [2]
    assert server.signed == [True, True]
    first, second = (headers["Huiqi-Timestamp"] for headers, _body in server.received)
    assert int(second) - int(first) == 660


def test_it_is_given_up_visibly(db: None, clock: time_machine.Traveller) -> None:
    with receiver(SECRET, *[CLOSE] * 20) as server:
        endpoint(server)
        tell(make_user())
        for _ in range(12):
            deliveries.send_waiting()
            clock.shift(timedelta(days=2))
    row = Delivery.objects.get()
    assert (row.attempts, row.sent_at, len(server.received)) == (8, None, 8)
    event = Event.objects.get(kind="notice.undeliverable")
    assert (event.subject, event.city_id) == (f"delivery:{row.pk}", "qingdao")


def test_one_endpoint_that_is_down_holds_up_no_other(db: None) -> None:
    with receiver(SECRET, *[500] * 10) as down, receiver(SECRET) as up:
        endpoint(down)
        endpoint(up)
        for number in range(6):
            tell(make_user(), str(number))
        assert deliveries.send_waiting() == 6
    assert (len(down.received), len(up.received)) == (3, 6)


def test_a_number_that_was_taken_back_gets_nothing(db: None) -> None:
    user = make_user()
    preferences.choose(user=user, email="each", phone="13800000000", sms=True)
    with receiver(SECRET) as server:
        endpoint(server, "sms")
        tell(user)
        preferences.choose(user=user, email="each", phone="", sms=False)
        assert deliveries.send_waiting() == 0
    assert server.received == []


def test_eight_senders_send_each_once(committed_db: None) -> None:
    with receiver(SECRET) as server:
        endpoint(server)
        user = make_user()
        for number in range(40):
            tell(user, str(number))
        # In tests a bell rings at once: what was told has been sent; wind it back.
        Delivery.objects.update(sent_at=None, attempts=0, claimed_at=None)
        server.received.clear()
        assert sum(at_once([deliveries.send_waiting] * 8)) == 40  # type: ignore[arg-type]
    assert set(server.once.values()) == {1}
    assert len(server.once) == 40
