"""Run callables at once, each in a thread and a connection of its own; take a guard away."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic, sleep
from typing import TypeVar

import psycopg
from django.db import connection, transaction
from django.db.models import Model

T = TypeVar("T")


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each returned or raised. All start together."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | Exception:
        start.wait(30)
        try:
            return job()
        except Exception as error:  # noqa: BLE001  # the test looks at what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def at_once_before(row: Model, jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """The same, while another holds the row until every one of them waits for somebody."""
    rows = type(row)._default_manager.select_for_update()
    return at_once_behind(lambda: rows.get(pk=row.pk), jobs)


def at_once_behind(
    hold: Callable[[], object], jobs: Sequence[Callable[[], T]]
) -> list[T | Exception]:
    """The same, while another holds what `hold` locks in its transaction."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold()
            outcomes = pool.submit(at_once, jobs)
            wait_for_waiting(len(jobs))
        return outcomes.result()


def at_once_in_turn(
    release: Callable[[], object], first: Callable[[], T], then: Callable[[], T]
) -> list[T | Exception]:
    """`first` comes to a lock that is held, `then` ends or waits as well; `release` frees it."""
    with ThreadPoolExecutor(2) as pool:
        begun = pool.submit(at_once, [first])
        wait_for_waiting(1)
        after = pool.submit(at_once, [then])
        wait_for_waiting(2, unless=after.done)
        release()
        return begun.result() + after.result()


def wait_for_waiting(count: int, *, unless: Callable[[], bool] = lambda: False) -> None:
    """Seen three times: some waits, as for a file that grows, are over at once."""
    until, seen = monotonic() + 60, 0
    while not unless() and seen < 3:
        seen = seen + 1 if (waiting := _waiting()) >= count else 0
        assert monotonic() < until, f"{waiting} of {count} wait"
        sleep(0.02)


def _waiting() -> int:
    """How many sessions of this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("""SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a
                           USING (pid) WHERE NOT l.granted AND a.datname = current_database()""")
        return int(cursor.fetchone()[0])


def change(owner_url: str, function: str, *replacing: tuple[str, str]) -> None:
    """Put a copy of the function into this test's own database, changed as told."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        find = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s"
        source = owner.execute(find, [function]).fetchone()[0]
        for pattern, new in replacing:
            source, times = re.subn(pattern, new, source)
            assert times, pattern
        owner.execute(source)


def drop_check(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE incentives_counter DROP CONSTRAINT counter_within_limit")
