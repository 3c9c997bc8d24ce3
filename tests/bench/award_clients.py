"""Four clients that award, in processes of their own: by the verb, in batches, by the ORM; pgbench.

Each way tells how many awards a second it wrote. Clients have connected and warmed up before the
clock starts, as pgbench's have.
"""

import multiprocessing
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from typing import Any

from django.db import connection, connections, transaction
from django.utils import timezone

from applicants.models import Event, Party, User
from config.embedded.binaries import installed
from config.warming import keep
from incentives.domain import money
from incentives.domain.counters import CounterRequest
from incentives.models import Award, Bureau, Counter, CounterEntry, LedgerEntry, ProgrammeVersion
from tests.bench.award_rows import AMOUNT, LIMIT, Frame, frame, wanted

CLIENTS, BATCH, WARM = 4, 200, 20
_run = count(1)
Client = Callable[[int], None]  # awards under this number

PGBENCH = """
\\set one random(1, {many})
\\set two random(1, {many})
\\set three random(1, {many})
SELECT bench_award(
    ARRAY['project ' || :one, 'party ' || :two, 'group ' || :three, 'budget:{budget}'],
    ARRAY[{limit}, {limit}, {limit}, 9000000000], {amount}, {programme}, {version}, {party},
    {bureau}, {actor}, {budget});
"""


def by_pgbench(awards: int) -> float:
    """Awards a second of the barest function, prepared, one round trip each."""
    values = {name: getattr(frame(), name) for name in Frame.__slots__}
    script = PGBENCH.format(limit=LIMIT, amount=AMOUNT, **values)
    told = connection.settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [
            installed().postgres / "pgbench", "-n", "-M", "prepared", "-f", file.name,
            "-c", str(CLIENTS), "-j", str(CLIENTS), "-t", str(awards // CLIENTS),
            "-h", told["HOST"] or told["OPTIONS"]["host"], "-U", told["USER"], told["NAME"],
        ]  # fmt: skip
        environment = {"PGPASSWORD": told["PASSWORD"]}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def by(client: Client, calls: int, awards_a_call: int = 1, warm: int = WARM) -> float:
    """Awards a second of four processes, each calling `client` with numbers of its own."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready, over = context.Barrier(CLIENTS + 1), context.Barrier(CLIENTS + 1)
    first = next(_run) * 10_000_000
    processes = [
        context.Process(
            target=_work, args=(client, first + n * 1_000_000, warm, calls, ready, over)
        )
        for n in range(CLIENTS)
    ]
    for process in processes:
        process.start()
    ready.wait(60)
    begun = time.perf_counter()
    over.wait(600)
    took = time.perf_counter() - begun
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * CLIENTS
    return CLIENTS * calls * awards_a_call / took


def _work(client: Client, first: int, warm: int, calls: int, ready: Any, over: Any) -> None:
    try:
        for number in range(warm):
            client(first + number * BATCH)
        keep()  # as the processes of a host do
        ready.wait(60)
        for number in range(warm, warm + calls):
            client(first + number * BATCH)
        over.wait(600)
    except BaseException:
        ready.abort()
        over.abort()
        raise
    finally:
        connections.close_all()


@cache
def parts() -> dict[str, Any]:
    """The rows that a decision has at hand already."""
    told = frame()
    return {
        "version": ProgrammeVersion.objects.select_related("programme").get(pk=told.version),
        "applicant": Party.objects.get(pk=told.party),
        "bureau": Bureau.objects.get(pk=told.bureau),
        "district": None,
        "verb": "奖励",
        "payer": "city",
        "assessed": AMOUNT,
        "reason": "",
    }


@cache
def actor() -> User:
    return User.objects.get(pk=frame().actor)


def verb(number: int, also: Sequence[CounterRequest] = ()) -> None:
    with transaction.atomic():
        money.reserve(
            at=timezone.now(), actor=actor(), case_number=f"VERB-{number}",
            counters=[*wanted(number), *also], **parts(),
        )  # fmt: skip


def batch(number: int, also: Sequence[CounterRequest] = ()) -> None:
    asked = [
        money.Asked(case_number=f"MANY-{n}", counters=[*wanted(n), *also], **parts())
        for n in range(number, number + BATCH)
    ]
    with transaction.atomic():
        money.reserve_many(city_code="qingdao", wanted=asked, at=timezone.now(), actor=actor())


def orm(number: int, also: Sequence[CounterRequest] = ()) -> None:
    """As one writes it without thinking of the database: rows locked in order, changed, saved."""
    keys = [*(one.key for one in [*wanted(number), *also]), f"budget:{frame().budget}"]
    now, told = timezone.now(), parts()
    with transaction.atomic():
        rows = Counter.objects.filter(city="qingdao", key__in=keys).order_by("heat", "key")
        counters = list(rows.select_for_update())
        amount = min([AMOUNT, *(row.limit - row.used for row in counters)])
        if not amount:
            return
        shared = {
            "city_id": "qingdao", "case_number": f"ORM-{number}", "amount": amount,
            "programme": told["version"].programme, "applicant": told["applicant"],
            "bureau": told["bureau"], "verb": "奖励", "payer": "city", "approval_year": now.year,
            "budget_id": frame().budget,
        }  # fmt: skip
        award = Award.objects.create(
            **shared, version=told["version"], state="reserved", assessed=AMOUNT, approved_at=now
        )
        entry = LedgerEntry.objects.create(
            **shared,
            award=award,
            stage="reserved",
            posted_at=now,
            year=now.year,
            budget_year=now.year,
            actor=actor(),
        )
        Event.objects.create(
            city_id="qingdao", kind="money.reserved", subject=f"ORM-{number}", actor=actor(),
            data={"award": award.pk, "assessed": str(AMOUNT), "granted": str(amount)},
        )  # fmt: skip
        for row in counters:
            row.used += amount
            row.save(update_fields=["used"])
            CounterEntry.objects.create(
                counter=row, entry=entry, award=award, amount=amount, entitled=AMOUNT
            )
