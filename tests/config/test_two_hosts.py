"""Two web hosts and two worker hosts on one PostgreSQL and one Valkey; one of each killed at work.

Nothing that was acknowledged is lost, nothing is there twice, and whoever asks again with the key
gets the first answer.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django.db.models import F
from rest_framework.authtoken.models import Token

from applicants.models import Event, IdempotencyKey, Notice, User
from config.services import broker_url
from incentives.domain import sealing
from incentives.domain.reconcile import differences
from incentives.models import Award, LedgerEntry, PayoutBatch, PayoutFile, PayoutLine
from reviews.demo import walk
from reviews.domain.cases import subject_of
from reviews.models import Application
from reviews.models.staff import Role
from tests import factories
from tests.config.hosts import CELERY, Caller, Host, WebHost, until
from tests.config.test_worker_killed import Conversation, MailServer
from tests.incentives.factories import make_award
from tests.servers import in_database

pytestmark = pytest.mark.nightly
CODE = "enterprise-tech-centre-award"
DRAFTS, PROPOSALS, BATCHES, CLIENTS, NOTICES = 24, 8, 40, 8, 100
Job = Callable[[Caller], object]


class HeldMails(MailServer):
    """Lets every mail wait while `open` is not set: whoever sends then is in the middle of it."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass, self.open = HeldConversation, Signal()
        self.open.set()

    def handle_error(self, *_of: object) -> None:
        """Of who was killed the connection breaks."""


class HeldConversation(Conversation):
    server: HeldMails

    def take_mail(self) -> None:
        self.server.open.wait(60)
        super().take_mail()


@pytest.fixture
def mail_server() -> Iterator[HeldMails]:
    with HeldMails() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.open.set()
        server.shutdown()


def token(user: User) -> str:
    return Token.objects.get_or_create(user=user)[0].key


def filing() -> list[Job]:
    cast = factories.Cast(CODE)
    clerk = token(cast.clerk)
    drafts = [factories.draft(cast).pk for _ in range(DRAFTS)]
    return [partial(file, clerk, pk) for pk in drafts]


def file(clerk: str, pk: int, caller: Caller) -> None:
    told = caller.post(clerk, f"applications/{pk}/submit/", {"declaration": True}, f"file-{pk}")
    assert told["state"] == "submitted"


def approving() -> list[Job]:
    jobs: list[Job] = []
    for number in range(PROPOSALS):
        cast = factories.Cast(CODE)
        facts, _choices = walk.example_facts(cast.programme)
        case = factories.proposed(cast, facts | {"centre_name": f"技术中心{number}"})
        jobs.append(partial(approve, token(cast.of(cast.handling, Role.APPROVER)), case.pk))
    return jobs


def approve(approver: str, pk: int, caller: Caller) -> None:
    assert caller.post(approver, f"cases/{pk}/approve/", {}, f"a-{pk}")["state"] == "determined"


def paying() -> list[Job]:
    prepares, approves = (
        token(factories.make_staff(role, "finance"))
        for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    )
    parts = [make_award("77.77").instalments.get().pk for _ in range(BATCHES)]
    return [partial(pay, prepares, approves, part) for part in parts]


def pay(prepares: str, approves: str, part: int, caller: Caller) -> None:
    wanted = {"city": "qingdao", "instalments": [part]}
    batch = caller.post(prepares, "batches/", wanted, f"prepare-{part}")["id"]
    caller.post(approves, f"batches/{batch}/approve/", {}, f"approve-{part}")
    caller.post(prepares, f"batches/{batch}/export/", {}, f"export-{part}")


def environment(addresses: dict[str, str], server: HeldMails) -> dict[str, str]:
    name = str(connection.settings_dict["NAME"])
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": in_database(addresses["DATABASE_URL"], name),
        "REDIS_URL": addresses["REDIS_URL"],
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(server.server_address[1]),
        "EMAIL_USE_TLS": "false",
    }


def mixed(*kinds: list[Job]) -> list[Job]:
    """Each kind spread evenly over the whole, so that all are under way when a host is killed."""
    placed = [(n / len(kind), job) for kind in kinds for n, job in enumerate(kind)]
    return [job for _place, job in sorted(placed, key=lambda one: one[0])]


def waiting() -> Any:
    return Notice.objects.filter(emailed_at=None)


def test_one_of_each_killed_loses_nothing_and_does_nothing_twice(
    committed_db: None, addresses: dict[str, str], mail_server: HeldMails
) -> None:
    jobs = mixed(filing(), approving(), paying())
    Notice.objects.update(emailed_at=F("created_at"))  # those of the way here
    started = environment(addresses, mail_server)
    webs = [WebHost(started) for _ in "12"]
    workers = [Host(CELERY, started) for _ in "12"]
    bell = Celery(broker=broker_url(addresses["REDIS_URL"]))
    try:
        callers = worked(jobs, webs, workers, mail_server, bell)
        asked_again(callers, webs[1])
        interrupted = mails_finish(bell)
        everything_is_there_once(callers)
    finally:
        for one in [*webs, *workers]:
            one.kill()
    assert interrupted == 2  # the killed worker was in the middle of two mails
    mails = mail_server.received
    sent = Notice.objects.filter(emailed_at__gt=F("created_at"))
    assert set(mails) == {f"<notice-{pk}@127.0.0.1>" for pk in sent.values_list("pk", flat=True)}
    assert mails.total() - len(mails) <= 2 * len(workers)


def worked(
    jobs: list[Job], webs: list[WebHost], workers: list[Host], mails: HeldMails, bell: Celery
) -> list[Caller]:
    """Every job done, by clients that lose a host at a third of the way."""
    for web in webs:
        web.wait()
    callers = [Caller(webs[n % 2 :] + webs[: n % 2]) for n in range(CLIENTS)]
    connection.close()
    with ThreadPoolExecutor(CLIENTS) as pool:
        turns = [(caller, jobs[n::CLIENTS]) for n, caller in enumerate(callers)]
        working = [pool.submit(work, caller, own) for caller, own in turns]
        until(lambda: sum(len(caller.calls) for caller in callers) > len(jobs) // 3)
        all_send(mails, bell)
        until(lambda: webs[0].asked >= 2)
        webs[0].kill()
        workers[0].kill()
        mails.open.set()
        for one in working:
            one.result(300)
    assert sum(caller.broken for caller in callers) > 0  # it was killed while it was asked
    return callers


def all_send(mails: HeldMails, bell: Celery) -> None:
    """Both workers are sending: of four processes each is in the middle of a mail."""
    mails.open.clear()
    reader = factories.make_user()
    Notice.objects.bulk_create(
        Notice(user=reader, kind="case.accepted", key=f"test:{n}") for n in range(NOTICES)
    )
    for _ in range(8):
        bell.send_task("incentives.seal_history")
        bell.send_task("applicants.send_outbox")
    until(lambda: waiting().exclude(claimed_at=None).count() == 4)


def work(caller: Caller, jobs: list[Job]) -> None:
    for job in jobs:
        job(caller)


def asked_again(callers: list[Caller], web: WebHost) -> None:
    """Of the host that lives, with the same key: the first answer, whoever gave it."""
    for path, body, headers, first in (call for caller in callers for call in caller.calls):
        again = web.ask(path, body, headers)
        assert (again.status, again.data, again.replayed) == (first.status, first.data, True)


def mails_finish(bell: Celery) -> int:
    """How many the killed worker had begun; their claims run out, and the other sends them."""
    bell.send_task("applicants.send_outbox")
    until(lambda: not waiting().filter(claimed_at=None).exists())
    until(lambda: waiting().count() <= 2)  # a worker has two processes
    begun = waiting().count()
    waiting().update(claimed_at=F("claimed_at") - timedelta(days=1))
    bell.send_task("applicants.send_outbox")
    until(lambda: not waiting().exists())
    return begun


def everything_is_there_once(callers: list[Caller]) -> None:
    calls = [call for caller in callers for call in caller.calls]
    assert IdempotencyKey.objects.exclude(status=None).count() == len(calls)
    assert len(calls) == DRAFTS + PROPOSALS + 3 * BATCHES
    answered = {one.data["number"] for path, _b, _h, one in calls if path.startswith("applic")}
    filed = Application.objects.filter(number__in=answered, state="submitted")
    assert filed.count() == DRAFTS
    once("case.submitted", {subject_of(case) for case in filed})
    approved = Application.objects.filter(state="determined")
    assert approved.count() == PROPOSALS
    once("determination.approved", {subject_of(case) for case in approved})
    numbers = {str(case.number) for case in approved}
    once("money.reserved", numbers)
    every_award_and_line_is_there_once(numbers)


def once(kind: str, subjects: set[str]) -> None:
    rows = Event.objects.filter(kind=kind, subject__in=subjects)
    assert Counter(rows.values_list("subject", flat=True)) == dict.fromkeys(subjects, 1)


def every_award_and_line_is_there_once(approved: set[str]) -> None:
    awards = Award.objects.filter(case_number__in=approved)
    entries = LedgerEntry.objects.filter(case_number__in=approved, stage="reserved")
    assert awards.count() == entries.count() == PROPOSALS
    lines = PayoutLine.objects.values_list("instalment", flat=True)
    assert len(lines) == len(set(lines)) == BATCHES
    batches = list(PayoutBatch.objects.order_by("number"))
    assert [int(one.number[-4:]) for one in batches] == list(range(1, BATCHES + 1))
    assert {one.state for one in batches} == {"exported"}
    assert PayoutFile.objects.count() == 2 * BATCHES
    for kind in ("payout.prepared", "payout.approved", "payout.exported"):
        once(kind, {one.number for one in batches})
    assert differences(city_code="qingdao") == []
    sealing.seal_all()
    assert sealing.verify_all() == []
