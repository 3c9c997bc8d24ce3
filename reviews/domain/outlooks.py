"""Outlooks (需求测算): what everybody who waits would get, and where the money runs out.

A run brings the asks of pending cases up to date, slice by slice, drops those of cases that wait no
longer, and then decides them all as of one moment. `beat_at` is the claim: a worker that dies
leaves a beat that grows old.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from applicants.domain.doorbell import ring
from applicants.domain.events import record
from applicants.models import City, User
from reviews.domain import working_days
from reviews.domain.outlook_asks import bases_of, drop_decided, step
from reviews.domain.outlook_deciding import decide, one_moment
from reviews.domain.outlook_limits import drop_unused
from reviews.domain.paying import finance_bureau
from reviews.domain.roles import require
from reviews.models import Application, Outlook, OutlookDecision
from reviews.models.outlook import ATTEMPTS, KEPT, OutlookState
from reviews.models.staff import Role

log = structlog.get_logger(__name__)
RUN = "reviews.run_outlooks"
FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
OLD = timedelta(minutes=15)  # longer than any task may run
LONGEST = timedelta(minutes=8)  # then another task goes on, so that none runs into its limit
UNDER_WAY = (OutlookState.WAITING, OutlookState.RUNNING)


@transaction.atomic
def start(*, city: City, user: User) -> Outlook:
    """Have the outlook of this year computed; asking while one is under way gives that one."""
    require(user, *FINANCE, bureau=finance_bureau(city.pk))
    City.objects.select_for_update(no_key=True).get(pk=city.pk)  # two clicks are one outlook
    running = Outlook.objects.filter(city=city, state__in=UNDER_WAY).first()
    return running or _begin(city, user)


def begin_everywhere() -> None:
    """An outlook for each city whose newest is over; limits that nobody asks for any more go."""
    for city in City.objects.order_by("pk"):
        with transaction.atomic():
            City.objects.select_for_update(no_key=True).get(pk=city.pk)  # nobody starts one beside
            if not Outlook.objects.filter(city=city, state__in=UNDER_WAY).exists():
                drop_unused(city.pk)
                _begin(city, None)


def latest(city: str) -> Outlook | None:
    """The one begun last, whatever has become of it."""
    return Outlook.objects.filter(city=city).order_by("-id").first()


def newest(city: str) -> Outlook | None:
    return Outlook.objects.filter(city=city, state=OutlookState.DONE).order_by("-id").first()


@dataclass(frozen=True, slots=True)
class OfLimit:
    """What the newest outlook of a city says of one budget or pool; sums in yuan."""

    outlook: Outlook
    room: Decimal
    asked: Decimal
    granted: Decimal
    short: int
    first: Application | None


def of_limit(city: str, key: str) -> OfLimit | None:
    """Nothing where no outlook is finished, or none since the budget was opened."""
    outlook = newest(city)
    told = next((one for one in outlook.limits if one["key"] == key), None) if outlook else None
    if outlook is None or told is None:
        return None
    room, asked, granted = (Decimal(told[name]) for name in ("room", "asked", "granted"))
    first = Application.objects.filter(pk=told["first"]).first() if told["first"] else None
    return OfLimit(outlook, room, asked, granted, told["short"], first)


def run_all() -> int:
    """Run every outlook that waits or whose worker has died; how many were finished."""
    finished, until = 0, timezone.now() + LONGEST
    while timezone.now() < until and (outlook := _claim()):
        try:
            finished += _run(outlook, until=until)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            log.exception("outlook.failed", outlook=outlook.pk)
            told = f"{type(error).__name__}: {error}"[:2000]
            _end(outlook, OutlookState.FAILED, told)
    return finished


def _begin(city: City, user: User | None) -> Outlook:
    outlook = Outlook.objects.create(city=city, year=working_days.today().year, started_by=user)
    _record(outlook, "outlook.started", user)
    ring(RUN)
    return outlook


def _claim() -> Outlook | None:
    now = timezone.now()
    free = Q(state=OutlookState.WAITING) | Q(state=OutlookState.RUNNING, beat_at__lt=now - OLD)
    for outlook in Outlook.objects.filter(free).order_by("id"):
        taken = Outlook.objects.filter(free, pk=outlook.pk)
        died = outlook.state == OutlookState.RUNNING
        given = {"state": OutlookState.RUNNING, "beat_at": now, "attempts": outlook.attempts + died}
        if taken.filter(attempts=outlook.attempts).update(**given):
            outlook.refresh_from_db()
            if outlook.attempts < ATTEMPTS:
                return outlook
            _end(outlook, OutlookState.GIVEN_UP)
    return None


def _run(outlook: Outlook, *, until: datetime) -> bool:
    """Whether it was finished; after `until` another task goes on where this stopped."""
    bases = bases_of(outlook.city_id, outlook.year)
    while step(outlook, bases):
        outlook.beat_at = timezone.now()
        outlook.save(update_fields=["beat_at", "reached", "left_out"])
        if outlook.beat_at >= until:
            Outlook.objects.filter(pk=outlook.pk).update(state=OutlookState.WAITING)
            ring(RUN)
            return False
    drop_decided(outlook.city_id)
    with one_moment() as reading:
        decide(outlook, reading)
        _record(outlook, "outlook.done", None)
    _drop_old(outlook.city_id)
    return True


def _drop_old(city: str) -> None:
    """The decisions of all but the newest; what they came to stays with each outlook."""
    done = Outlook.objects.filter(city=city, state=OutlookState.DONE).order_by("-id")
    old = done.values("pk")[KEPT:]
    OutlookDecision.objects.filter(outlook__in=list(old.values_list("pk", flat=True))).delete()


@transaction.atomic
def _end(outlook: Outlook, state: OutlookState, failure: str = "") -> None:
    """Without a result: it failed, or whoever computed it was broken off time and again."""
    running = Outlook.objects.filter(pk=outlook.pk, state=OutlookState.RUNNING)
    if running.update(state=state, failure=failure):
        failed = state == OutlookState.FAILED
        _record(outlook, "outlook.failed" if failed else "outlook.given_up", None)


def _record(outlook: Outlook, kind: str, user: User | None) -> None:
    data = {"cases": outlook.cases, "asked": str(outlook.asked), "granted": str(outlook.granted)}
    record(kind=kind, subject=f"outlook:{outlook.pk}", actor=user, city=outlook.city, data=data)
