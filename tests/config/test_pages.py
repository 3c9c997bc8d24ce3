from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.test import Client

from applicants.models import Event
from reviews.domain import watch

PASSWORD = "a-long-enough-password"

in_database = pytest.mark.django_db


@pytest.fixture
def lost_queue() -> Iterator[None]:
    usual = caches.settings["default"]["LOCATION"]
    caches.settings["default"]["LOCATION"] = "unix:///nowhere"
    del caches["default"]
    yield
    caches.settings["default"]["LOCATION"] = usual
    del caches["default"]


def sign_in(client: Client, password: str, email: str = "clerk@example.org") -> int:
    answer = client.post("/accounts/login/", {"login": email, "password": password})
    return int(answer.status_code)


def test_health_is_one_word(committed_db: None, client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_without_its_queue_it_is_not_well(
    committed_db: None, client: Client, lost_queue: None
) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (500, b"not ok\n")


@in_database
@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        (None, "Bearer None", 404),
        ("open", None, 404),
        ("open", "Bearer shut", 404),
        ("open", "Bearer offen für alle", 404),
        ("open", "Bearer open", 200),
    ],
)
def test_metrics_are_for_those_with_the_token(
    client: Client, settings: Any, token: str | None, given: str | None, status: int
) -> None:
    settings.METRICS_TOKEN = token
    headers = {"Authorization": given} if given else {}
    assert client.get("/metrics", headers=headers).status_code == status


@in_database
def test_metrics_say_when_the_nightly_check_last_ran_through(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "open"

    def told() -> list[str]:
        page = client.get("/metrics", headers={"Authorization": "Bearer open"}).content.decode()
        name = "huiqi_last_nightly_check_timestamp_seconds{"
        return [line for line in page.splitlines() if line.startswith(name)]

    watch.check_balances()
    checks = Event.objects.filter(kind="check.clean").order_by("pk")
    assert told() == [
        f'huiqi_last_nightly_check_timestamp_seconds{{place="{one.subject}"}} {one.at.timestamp()}'
        for one in checks
    ]


@in_database
def test_the_policy_allows_nothing_unsafe_and_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    refused = {"object-src", "base-uri", "frame-ancestors"}
    assert {name for name, sources in directives.items() if sources == "'none'"} == refused
    assert {sources for name, sources in directives.items() if name not in refused} == {"'self'"}
    assert {"default-src", "form-action", "script-src", "style-src"} <= set(directives)


@in_database
def test_five_failures_lock_one_name_out_and_not_the_next(client: Client) -> None:
    for email in ("clerk@example.org", "other@example.org"):
        get_user_model().objects.create_user(email, PASSWORD)
    assert [sign_in(client, "wrong") for _ in range(4)] == [200] * 4
    assert sign_in(client, "wrong", email=" Clerk@Example.org ") == 429
    assert sign_in(client, PASSWORD) == 429
    assert sign_in(client, PASSWORD, email="other@example.org") == 302


@in_database
def test_the_admin_has_the_same_door_as_the_portal(client: Client) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"


@in_database
def test_the_api_tells_strangers_nothing(client: Client) -> None:
    assert client.get("/api/schema/").status_code == 401
