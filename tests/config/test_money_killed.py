"""Killed in the midst of money: the program ten times, and PostgreSQL ten times under writers.

What was acknowledged is there, what was not is wholly there or not at all, and every payout line is
paid exactly once. The PostgreSQL killed here is one of its own that keeps its promises (`fsync`,
`synchronous_commit`), as in a demo and in production.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from itertools import cycle
from pathlib import Path
from threading import Event

import pytest
from django.db import DatabaseError, InterfaceError, connection, connections, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from applicants.models import Event as Happening
from applicants.models import Party, User
from config.embedded.binaries import installed
from config.environment import database_from_url
from config.paths import STATE
from config.secret_files import read_json
from incentives.domain import money, payouts
from incentives.domain.reconcile import differences
from incentives.models import Award, LedgerEntry, PayoutBatch, PayoutLine
from tests.config.test_embedded import home, postmaster, served, wait_until_gone
from tests.incentives.factories import asked, cap, make_award, make_party, make_user, qingdao
from tests.incentives.factories import reserve as reserve_one
from tests.servers import in_database

__all__ = ["home"]  # the fixture
pytestmark = pytest.mark.nightly
KILLS, WRITERS = 10, 8
LINES, A_BATCH = 400, 40


def exported(lines: int) -> PayoutBatch:
    party = make_party()
    awards = [make_award("77.77", applicant=party) for _ in range(lines)]
    ids = [award.instalments.get().pk for award in awards]
    batch = payouts.prepare_batch(city=qingdao(), instalment_ids=ids, user=make_user())
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    return batch


def every_line_is_paid_once(lines: int) -> None:
    paid = LedgerEntry.objects.filter(stage="paid").values_list("line", flat=True)
    assert sorted(paid) == sorted(PayoutLine.objects.values_list("pk", flat=True))
    assert PayoutLine.objects.filter(state="paid").count() == len(paid) == lines


def every_award_is_whole(acknowledged: set[str]) -> None:
    """Award, entry and event of each, once; nothing that was acknowledged is missing."""
    numbers = sorted(Award.objects.values_list("case_number", flat=True))
    assert acknowledged <= set(numbers)
    entries = LedgerEntry.objects.filter(stage="reserved").values_list("case_number", flat=True)
    events = Happening.objects.filter(kind="money.reserved").values_list("subject", flat=True)
    assert sorted(entries) == sorted(events) == numbers
    assert differences(city_code="qingdao") == []


# The program


def pay_and_award(batches: list[int], user: User, party: Party, told: int) -> None:
    """What a worker does: batch after batch, each in a transaction, each told once it is done."""
    for pk in cycle(batches):
        award_many(user, party, told)
        pending = PayoutLine.objects.filter(batch=pk, state="pending").values_list("pk", flat=True)
        if results := dict.fromkeys(pending, ("paid", "")):
            payouts.settle(batch_id=pk, results=results, user=user)
            os.write(told, f"paid {pk}\n".encode())


def award_many(user: User, party: Party, told: int) -> None:
    wanted = [
        asked(
            "7.77",
            caps=[cap(f"cap {n % 7}", "9999999")],
            applicant=party,
            case_number=f"KILLED-{random.getrandbits(60)}",
        )
        for n in range(60)
    ]
    with transaction.atomic():
        money.reserve_many(city_code="qingdao", wanted=wanted, at=timezone.now(), actor=user)
    os.write(told, "".join(f"award {one.case_number}\n" for one in wanted).encode())


@contextmanager
def program(work: Callable[[int], None]) -> Iterator[int]:
    """A process of its own, killed without a word at the end; yields where it tells."""
    connections.close_all()
    listening, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):
            os.close(listening)
            work(told)
        os._exit(1)
    os.close(told)
    try:
        yield listening
    finally:
        os.kill(pid, signal.SIGKILL)
        _pid, status = os.waitpid(pid, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL  # it had not ended by itself


def read_all(pipe: int) -> list[str]:
    with os.fdopen(pipe) as told:
        return [line.rstrip("\n") for line in told if line.endswith("\n")]


def test_a_program_killed_in_the_midst_of_batches(committed_db: None) -> None:
    batches = [exported(A_BATCH).pk for _ in range(LINES // A_BATCH)]
    user, party, rng = make_user(), make_party(), random.Random(5)
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        with program(partial(pay_and_award, batches, user, party)) as listening:
            time.sleep(rng.uniform(0.2, 1.2))
        told = read_all(listening)
        acknowledged |= {line.removeprefix("award ") for line in told if line.startswith("award")}
        for pk in batches:
            states = set(PayoutLine.objects.filter(batch=pk).values_list("state", flat=True))
            assert len(states) == 1  # a batch is answered as a whole, or not at all
            if f"paid {pk}" in told:
                assert states == {"paid"}
    for pk in batches:
        pending = PayoutLine.objects.filter(batch=pk, state="pending").values_list("pk", flat=True)
        if results := dict.fromkeys(pending, ("paid", "")):
            payouts.settle(batch_id=pk, results=results, user=user)
    assert acknowledged
    every_line_is_paid_once(LINES)
    every_award_is_whole(acknowledged)


# PostgreSQL


def copy_into(source: str, target: str) -> None:
    programs = installed().postgres
    with subprocess.Popen([programs / "pg_dump", source], stdout=subprocess.PIPE) as dump:
        subprocess.run(
            [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", target],
            stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    assert dump.returncode == 0


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


class Writer:
    """Awards and pays until told to stop; after an error it does not know, and asks again."""

    def __init__(self, number: int, lines: list[PayoutLine], user: User, party: Party) -> None:
        self.number, self.lines, self.user, self.party = number, lines, user, party
        self.acknowledged: set[str] = set()
        self.failed = 0

    def write(self, stop: Event) -> None:
        serial = 0
        while not stop.is_set() or self.lines:
            serial += 1
            try:
                self.award(f"W{self.number}-{serial}")
                if self.lines and serial % 3 == 0:
                    self.pay(self.lines[-1])
                    self.lines.pop()
            except (DatabaseError, InterfaceError):
                self.failed += 1
                connection.close()
                time.sleep(0.05)
        connection.close()

    def award(self, case_number: str) -> None:
        caps = [cap(f"own {self.number}", "99999999", heat=0), cap("all", "99999999", heat=5)]
        reserve_one(
            "7.77", caps=caps, applicant=self.party, actor=self.user, case_number=case_number
        )
        self.acknowledged.add(case_number)

    def pay(self, line: PayoutLine) -> None:
        with suppress(Conflict), transaction.atomic():  # paid before the answer was lost
            money.settle_line(line=line, result="paid", at=timezone.now(), actor=self.user)


def kill_now(place: Path) -> None:
    pid = postmaster(place)
    alive = children(pid)
    os.kill(pid, signal.SIGKILL)
    for one in [pid, *alive]:
        wait_until_gone(one)


def test_postgres_killed_under_eight_writers(
    committed_db: None, addresses: dict[str, str], home: Path
) -> None:
    usual = dict(connection.settings_dict)
    source = in_database(addresses["DATABASE_OWNER_URL"], usual["NAME"])
    connections.close_all()
    try:
        with served(home) as servers:
            urls = read_json(home / STATE)
            copy_into(source, urls["DATABASE_OWNER_URL"])
            connection.settings_dict.update(database_from_url("x", urls["DATABASE_URL"]))
            batch, user, party = exported(LINES), make_user(), make_party()
            before = set(Award.objects.values_list("case_number", flat=True))
            lines = list(batch.lines.all())
            writers = [Writer(n, lines[n::WRITERS], user, party) for n in range(WRITERS)]
            stop, pool = Event(), ThreadPoolExecutor(WRITERS)
            working = [pool.submit(writer.write, stop) for writer in writers]
            time.sleep(1)
            kill_now(home)
            servers.wait(60)
        for _ in range(KILLS - 1):
            with served(home) as servers:
                time.sleep(1.5)
                kill_now(home)
                servers.wait(60)
        with served(home):
            stop.set()
            for one in working:
                one.result(120)
            connections.close_all()
            assert all(writer.failed for writer in writers)  # the kills came in the middle
            acknowledged = set().union(*(writer.acknowledged for writer in writers))
            assert len(acknowledged) > WRITERS * KILLS
            every_line_is_paid_once(LINES)
            every_award_is_whole(before | acknowledged)
            connections.close_all()
    finally:
        connections.close_all()
        connection.settings_dict.update(usual)
