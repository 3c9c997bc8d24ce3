"""A sweep at work: claimed by one worker, slice by slice, each slice one transaction.

`beat_at` is the claim: whoever goes on must find it as they left it. A worker that dies leaves a
beat that grows old; the next one goes on behind the last slice that was written.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from applicants.domain.doorbell import ring
from incentives.domain import registry
from incentives.domain.programmes import rules_of
from incentives.domain.registry_slices import SLICE, slice_end
from reviews.domain.sweeps import RUN, note
from reviews.domain.sweeps_finding import Finder, Found
from reviews.domain.sweeps_writing import write_found
from reviews.models import Sweep
from reviews.models.sweep import SweepState

log = structlog.get_logger(__name__)
OLD = timedelta(minutes=15)  # longer than any task may run
LONGEST = timedelta(minutes=8)  # then another task goes on, so that none runs into its limit


class TakenOver(Exception):
    """Another worker has gone on with the sweep: nothing of this slice is written."""


def run_sweeps(*, size: int = SLICE) -> int:
    """Run every sweep that waits or whose worker has died; how many were finished."""
    finished, until = 0, timezone.now() + LONGEST
    while timezone.now() < until and (sweep := claim()):
        finished += run(sweep, size=size, until=until)
    return finished


def claim(*, now: datetime | None = None) -> Sweep | None:
    """The oldest sweep without a living worker, now claimed; nothing when there is none."""
    at = now or timezone.now()
    free = Q(state=SweepState.WAITING) | Q(state=SweepState.RUNNING, beat_at__lt=at - OLD)
    for sweep in Sweep.objects.filter(free).order_by("id"):
        taken = Sweep.objects.filter(free, pk=sweep.pk).update(state=SweepState.RUNNING, beat_at=at)
        if taken:
            return Sweep.objects.select_related("programme", "version", "city").get(pk=sweep.pk)
    return None


def run(sweep: Sweep, *, size: int = SLICE, until: datetime | None = None) -> bool:
    """Go on from where the sweep stands to its end; whether it was this worker that ended it."""
    try:
        finder = Finder(sweep)
        while step(sweep, finder, size=size):
            if until and timezone.now() >= until:
                _release(sweep)
                return False
    except TakenOver:
        return False
    except SoftTimeLimitExceeded:  # one slice alone took too long: the next worker tries it again
        raise
    except Exception as error:
        log.exception("sweep.failed", sweep=sweep.pk)
        _fail(sweep, error)
        return False
    return sweep.state == SweepState.DONE


@transaction.atomic
def step(sweep: Sweep, finder: Finder, *, size: int = SLICE) -> bool:
    """The next slice: refreshed, read, assessed, written and counted, or none of it."""
    connection.ensure_connection()
    end = slice_end(
        connection.connection,
        city=sweep.city_id,
        kinds=rules_of(sweep.version).roles.applicant,
        after=sweep.reached,
        size=size,
    )
    if end is None:
        registry.refresh(city=sweep.city_id, after=sweep.reached)  # who has left the city
        _move(sweep, state=SweepState.DONE, done_at=timezone.now())
        note(sweep, "sweep.done", None, found=sweep.found, amount=str(sweep.amount))
        return False
    upto, count = end
    registry.refresh(city=sweep.city_id, after=sweep.reached, upto=upto)
    found = finder.find(after=sweep.reached, upto=upto)
    write_found(connection.connection, sweep.pk, found.rows)
    _move(sweep, reached=upto, **_counted(sweep, count, found))
    return True


def _counted(sweep: Sweep, count: int, found: Found) -> dict[str, Any]:
    counts = dict(sweep.counts)
    for decision, number in found.counts.items():
        counts[decision] = counts.get(decision, 0) + number
    checked = sweep.checked + count
    return {
        "checked": checked,
        "total": max(sweep.total, checked),
        "counts": counts,
        "found": sweep.found + found.rows.height,
        "amount": sweep.amount + found.amount,
    }


def _move(sweep: Sweep, **fields: Any) -> None:
    """Change the sweep if it is still this worker's."""
    beat = max(timezone.now(), (sweep.beat_at or timezone.now()) + timedelta(microseconds=1))
    claimed = Sweep.objects.filter(
        pk=sweep.pk, state=SweepState.RUNNING, beat_at=sweep.beat_at, reached=sweep.reached
    )
    if not claimed.update(beat_at=beat, **fields):
        raise TakenOver(sweep.pk)
    for name, value in (fields | {"beat_at": beat}).items():
        setattr(sweep, name, value)


@transaction.atomic
def _release(sweep: Sweep) -> None:
    _move(sweep, state=SweepState.WAITING)
    ring(RUN)


@transaction.atomic
def _fail(sweep: Sweep, error: Exception) -> None:
    told = f"{type(error).__name__}: {error}"[:2000]
    running = Sweep.objects.filter(pk=sweep.pk, state=SweepState.RUNNING, beat_at=sweep.beat_at)
    if running.update(state=SweepState.FAILED, failure=told):
        note(sweep, "sweep.failed", None, failure=told)
