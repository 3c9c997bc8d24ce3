"""A request sent twice is carried out once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from applicants.domain import idempotency
from applicants.domain.errors import Conflict, Refused
from applicants.domain.events import record
from applicants.domain.idempotency import OtherRequest, Outcome, once
from applicants.models import Event, IdempotencyKey, User
from tests import factories
from tests.api.client import Api

CODE = "enterprise-tech-centre-award"
THREADS = 8


def submitting(api: Api, case: int, key: str, body: object = None, language: str = "en"):
    sent = {"declaration": True} if body is None else body
    return api.send("POST", f"applications/{case}/submit/", sent, Idempotency_Key=key)


@pytest.fixture
def cast(db: None) -> factories.Cast:
    return factories.Cast(CODE)


def test_the_same_request_gives_the_first_answer_again(cast: factories.Cast) -> None:
    case, api = factories.draft(cast), Api(cast.clerk)
    first, again = (submitting(api, case.pk, "k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert Event.objects.filter(kind="case.submitted").count() == 1
    assert submitting(api, case.pk, "k2").status_code == 409


def test_another_body_or_path_under_the_same_key_is_refused(cast: factories.Cast) -> None:
    case, other, api = factories.draft(cast), factories.draft(cast), Api(cast.clerk)
    submitting(api, case.pk, "k1")
    answer = submitting(api, case.pk, "k1", {"declaration": False})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (
        422,
        "idempotency_key_used",
    )
    assert submitting(api, other.pk, "k1").status_code == 422
    assert factories.fresh(other).state == "draft"


def test_a_key_belongs_to_one_person(cast: factories.Cast) -> None:
    other = factories.Cast(CODE)
    for one in (cast, other):
        case = factories.draft(one)
        assert submitting(Api(one.clerk), case.pk, "k1").status_code == 200
        assert factories.fresh(case).state == "submitted"


def test_a_refusal_keeps_nothing(cast: factories.Cast) -> None:
    case, api = factories.draft(cast), Api(cast.clerk)
    assert submitting(api, case.pk, "k1", {"declaration": False}).status_code == 400
    assert submitting(api, case.pk, "k1").status_code == 200


def test_a_key_is_forgotten_after_a_day(cast: factories.Cast) -> None:
    case, api = factories.draft(cast), Api(cast.clerk)
    submitting(api, case.pk, "k1")
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59), tick=False):
        assert submitting(api, case.pk, "k1").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1), tick=False):
        assert submitting(api, case.pk, "k1").status_code == 409
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("key", [" ", "k" * 101, "a b", "钥"])
def test_a_key_that_is_none_is_refused(cast: factories.Cast, key: str) -> None:
    answer = submitting(Api(cast.clerk), factories.draft(cast).pk, key)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "Idempotency-Key"


def carry_out(user: User, barrier: Barrier) -> str:
    """`ran`, `replayed` or `waiting`; what runs leaves an event."""

    def run() -> Outcome:
        record(kind="test.ran", subject="test", actor=user)
        return Outcome(201, {"done": True})

    try:
        barrier.wait(timeout=20)
        outcome = once(user=user, key="k", path="/p/", body_sha256="0" * 64, run=run)
        assert (outcome.status, outcome.data) == (201, {"done": True})
        return "replayed" if outcome.replayed else "ran"
    except Conflict:
        return "waiting"
    finally:
        connections.close_all()


def test_of_many_at_once_one_is_carried_out(committed_db: None) -> None:
    user = factories.make_user()
    for round_ in range(1, 6):
        IdempotencyKey.objects.all().delete()
        barrier = Barrier(THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            told = list(pool.map(carry_out, [user] * THREADS, [barrier] * THREADS))
        assert told.count("ran") == 1
        assert set(told) <= {"ran", "replayed", "waiting"}
        assert Event.objects.filter(kind="test.ran").count() == round_


def test_without_the_lock_several_would_be_carried_out(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the test above can fail."""

    def unlocked(user: User, key: str) -> IdempotencyKey:
        row = IdempotencyKey.objects.get(user=user, key=key)
        sleep(0.2)
        return row

    monkeypatch.setattr(idempotency, "_locked", unlocked)
    user, barrier = factories.make_user(), Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        told = list(pool.map(carry_out, [user] * THREADS, [barrier] * THREADS))
    assert told.count("ran") > 1


def test_while_the_first_runs_others_are_told_to_wait(committed_db: None) -> None:
    user = factories.make_user()
    inside, told = Barrier(2), Barrier(2)

    def slow() -> Outcome:
        inside.wait(timeout=20)
        told.wait(timeout=20)
        return Outcome(200, None)

    def first() -> Outcome:
        try:
            return once(user=user, key="k", path="/p/", body_sha256="0" * 64, run=slow)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        inside.wait(timeout=20)
        with pytest.raises(Conflict):
            once(user=user, key="k", path="/p/", body_sha256="0" * 64, run=slow)
        told.wait(timeout=20)
        assert running.result().replayed is False
    assert once(user=user, key="k", path="/p/", body_sha256="0" * 64, run=slow).replayed is True
    with pytest.raises(OtherRequest):
        once(user=user, key="k", path="/p/", body_sha256="1" * 64, run=slow)


def test_what_failed_half_way_leaves_nothing_and_may_be_tried_again(committed_db: None) -> None:
    user = factories.make_user()

    def broken() -> Outcome:
        record(kind="test.ran", subject="test", actor=user)
        raise Refused("no")

    with pytest.raises(Refused):
        once(user=user, key="k", path="/p/", body_sha256="0" * 64, run=broken)
    assert Event.objects.filter(kind="test.ran").count() == 0
    done = once(
        user=user, key="k", path="/p/", body_sha256="1" * 64, run=lambda: Outcome(200, None)
    )
    assert done == Outcome(200, None)
