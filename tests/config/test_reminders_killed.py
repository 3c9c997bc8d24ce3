"""A worker killed in the midst of reminders, digests and deliveries: none is lost, none is twice.

In the inbox each stands exactly once; mails and webhooks arrive at least once, each under one
Message-ID or idempotency key.
"""

import os
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from celery import Celery
from django.db import connection
from django.db.models import F
from django.utils import timezone

from applicants.domain import deliveries, preferences
from applicants.domain.crypto import encrypt
from applicants.models import Delivery, Digest, Endpoint, Notice
from config.services import broker_url
from reviews.domain import working_days
from reviews.models import Reminder
from reviews.models.staff import Role
from tests import factories
from tests.applicants.domain.loopback import receiver
from tests.config.test_worker_killed import MailServer, mail_server, worker
from tests.factories import Cast
from tests.servers import in_database

__all__ = ["mail_server"]  # the fixture
TASKS = (
    "reviews.send_reminders",
    "applicants.send_outbox",
    "applicants.send_digests",
    "applicants.send_deliveries",
)
SECRET = "a secret of two"


def due_now(count: int) -> list[int]:
    """So many due reminders of a task whose bureau has one who wants each and one a digest."""
    cast = Cast("enterprise-tech-centre-award")
    people = [cast.of(cast.handling, role) for role in (Role.PREPARER, Role.APPROVER)]
    for person, mode in zip(people, ("each", "digest"), strict=True):
        preferences.choose(user=person, email=mode, phone="", sms=False)
    task = factories.submitted(cast).tasks.get()
    Notice.objects.update(emailed_at=timezone.now())  # those of the way there
    Reminder.objects.bulk_create(
        Reminder(
            kind="review_due", key=f"test:{number}", city_id="qingdao", of_id=task.pk,
            application=task.application, task=task, due_on=task.due_on,
            remind_on=working_days.today(),
        )
        for number in range(count)
    )  # fmt: skip
    return [person.pk for person in people]


def until(true: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)


def environment(addresses: dict[str, str], server: MailServer) -> dict[str, str]:
    name = str(connection.settings_dict["NAME"])
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": in_database(addresses["DATABASE_URL"], name),
        "REDIS_URL": addresses["REDIS_URL"],
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(server.server_address[1]),
        "EMAIL_USE_TLS": "false",
    }


def left() -> int:
    """What is still to be written or sent."""
    return (
        Reminder.objects.filter(sent_at=None, stopped_at=None).count()
        + Notice.objects.filter(emailed_at=None).count()
        + Delivery.objects.filter(sent_at=None).count()
    )


def time_passes() -> None:
    """Claims of those who were killed run out, and it is the next morning for the digest."""
    day = timedelta(days=1)
    for model in (Notice, Digest, Delivery):
        model.objects.exclude(claimed_at=None).update(claimed_at=F("claimed_at") - day)
    Notice.objects.filter(part_of=None).update(created_at=F("created_at") - day)


@pytest.mark.parametrize(
    ("reminders", "kills"),
    [(150, 2), pytest.param(3000, 10, marks=pytest.mark.nightly)],
)
def test_nothing_is_lost_or_twice(
    committed_db: None,
    addresses: dict[str, str],
    mail_server: MailServer,
    reminders: int,
    kills: int,
) -> None:
    each, digest = due_now(reminders)
    bell = Celery(broker=broker_url(addresses["REDIS_URL"]))
    started = environment(addresses, mail_server)
    with receiver(SECRET) as program:
        Endpoint.objects.create(
            city_id="qingdao", channel="webhook", url=program.url, set_by_id=each,
            secret_encrypted=encrypt(SECRET.encode(), purpose=deliveries.SECRET),
        )  # fmt: skip
        share, interrupted = 3 * reminders // (kills + 2), 0
        for _ in range(kills):
            before = mail_server.received.total() + len(program.received)
            with worker(started):
                for task in TASKS * 2:
                    bell.send_task(task)
                until(
                    lambda before=before: (
                        mail_server.received.total() + len(program.received) >= before + share
                    )
                )
            interrupted += left() > 0
            time_passes()
        assert interrupted  # the kills came in the middle of the work
        for _ in range(6):
            if not left():
                break
            time_passes()
            with worker(started):
                for task in TASKS:
                    bell.send_task(task)
                until(lambda: left() == 0, 60)
        assert left() == 0
        delivered, signed = dict(program.once), set(program.signed)
    told = Notice.objects.filter(kind="reminder.review_due")
    assert {user: told.filter(user=user).count() for user in (each, digest)} == {
        each: reminders,
        digest: reminders,
    }
    mails = mail_server.received
    singles = {
        f"<notice-{pk}@127.0.0.1>" for pk in told.filter(user=each).values_list("pk", flat=True)
    }
    digests = {f"<digest-{pk}@127.0.0.1>" for pk in Digest.objects.values_list("pk", flat=True)}
    assert set(mails) == singles | digests
    assert mails.total() - len(mails) <= 2 * 3 * kills
    assert (len(delivered), signed) == (2 * reminders, {True})
    assert sum(delivered.values()) - len(delivered) <= 2 * 3 * kills
