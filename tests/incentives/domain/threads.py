"""Run callables at once, each in a thread and a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

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
