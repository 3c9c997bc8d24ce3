"""What is watched over: balances add up, history is as sealed, and pools do not run dry unseen."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from applicants.domain import anchors, chains, guards, notices
from applicants.domain.chains import Fault
from applicants.domain.events import record
from applicants.models import City, Event, Notice, User
from incentives.domain import holds, registry, sealing
from incentives.domain.reconcile import Difference, differences
from incentives.models import Counter, Pool
from reviews.models.staff import Role

FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
SYSTEM = "system"  # what belongs to no city
OVERDUE = timedelta(hours=26)  # a night and two hours
Told = dict[str, str]
T = TypeVar("T")
log = structlog.get_logger(__name__)
NEARLY_USED = (Decimal(90), Decimal(100))  # percent of a pool


def check_balances() -> int:
    """Check each city by itself, and then what belongs to none; how much was found.

    Payments of what a difference touches are held until somebody has looked, and no others.
    """
    return sum(check_place(subject) for subject in places())


def places() -> list[str]:
    """Each city, and what belongs to none."""
    return [subject for subject, _city in _places()]


def check_place(subject: str) -> int:
    city = dict(_places())[subject]
    return _check_city(city) if city else _check_system()


class Checks:
    """The checks of one place. One that breaks off stops no other: that is told like a fault."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.broken: list[Told] = []

    def take(self, name: str, check: Callable[[], list[T]]) -> list[T]:
        """What a check finds, in a transaction of its own."""
        try:
            with transaction.atomic():
                return check()
        except Exception as error:
            log.exception("check.failed", place=self.place, check=name)
            said = str(error).partition("\n")[0][:200]
            self.broken.append(
                {"what": "failed", "key": name, "error": f"{type(error).__name__}: {said}"}
            )
            return []

    def faults(self, city: str | None) -> list[Fault]:
        """Of each chain of the city, after its newest rows are sealed."""
        found = []
        for table in sealing.of_city(city):
            name = chains.name_of(table, city)
            self.take(f"{name} (sealing)", partial(_sealed, table, city))
            found += self.take(name, partial(_verified, table, city))
        return found


def _sealed(table: chains.Sealed, city: str | None) -> list[int]:
    return [chains.seal_city(table, city)]


def _verified(table: chains.Sealed, city: str | None) -> list[Fault]:
    return list(chains.verify_city(table, city))


def _check_city(city: City) -> int:
    checks = Checks(city.pk)
    wrong = checks.take("balances", lambda: differences(city_code=city.pk))
    checks.take("holds", lambda: [holds.hold_differences(city, wrong)])
    faults = checks.faults(city.pk)
    checks.take("holds", lambda: [holds.hold_faults(faults)])
    wrong += checks.take("registry", lambda: registry.tampered(city=city.pk))
    checks.take("registry (refreshing)", lambda: [registry.refresh(city=city.pk)])
    found = [*map(_told, wrong), *map(_told_fault, faults), *checks.broken]
    event = _note(f"city:{city.pk}", city, found, checks)
    if found:
        _tell_of(found, event, city, city)
    return len(found)


def _check_system() -> int:
    """Events of no city, daily digests, triggers: told to the auditors of every city."""
    checks = Checks(SYSTEM)
    faults = checks.faults(None)
    checks.take("digest (writing)", lambda: [anchors.anchor()])
    faults += checks.take("digests", anchors.faults)
    faults += checks.take("triggers", guards.faults)
    found = [*map(_told_fault, faults), *checks.broken]
    event = _note(SYSTEM, None, found, checks)
    if found:
        for city in City.objects.order_by("pk"):
            _tell_of(found, event, city, None)
    return len(found)


def _note(subject: str, city: City | None, found: list[Told], checks: Checks) -> Event:
    """A run that finds nothing leaves its trace too, so that a night without a check shows."""
    return record(
        kind=("check.failed" if checks.broken else "check.differences" if found else "check.clean"),
        subject=subject,
        actor=None,
        city=city,
        data={"differences": found},
    )


def _told(one: Difference) -> Told:
    told = {"what": one.what, "key": one.key}
    return told | {"recorded": str(one.recorded), "added_up": str(one.added_up)}


def _told_fault(fault: Fault) -> Told:
    place = f"{fault.chain} #{fault.number}" if fault.number else fault.chain
    return {"what": fault.what, "key": place, "row": str(fault.row)}


def _tell_of(found: list[Told], event: Event, city: City, place: City | None) -> None:
    data = {"city": _named(place), "count": len(found), "differences": found}
    people = staff_of(city, Role.AUDITOR, *(FINANCE if place else ()))
    _tell(city, people, "check.difference", f"check.difference:{event.pk}", data)


def _named(place: City | None) -> dict[str, str]:
    if place is None:
        return {"zh": "全系统", "en": "the whole system"}
    return {"zh": place.name_zh, "en": place.name_en}


def watch_checks() -> int:
    """Tell auditors and finance, once a day, where no check has run through; how many places."""
    return sum(_tell_overdue(subject, place) for subject, place in _places())


def last_checks() -> dict[str, datetime | None]:
    """By place, when a check ran through; what happened first there if none has yet."""
    return {subject: _last_check(subject, place) for subject, place in _places()}


def _places() -> list[tuple[str, City | None]]:
    cities = City.objects.order_by("pk")
    return [*((f"city:{city.pk}", city) for city in cities), (SYSTEM, None)]


def _last_check(subject: str, place: City | None) -> datetime | None:
    through = Event.objects.filter(subject=subject, kind__in=["check.clean", "check.differences"])
    begun = Event.objects.filter(city=place).order_by("pk")
    last = through.order_by("-pk").first() or begun.first()
    return last.at if last else None


def _tell_overdue(subject: str, place: City | None) -> bool:
    last = _last_check(subject, place)
    if last is None or last > timezone.now() - OVERDUE:
        return False
    since = timezone.localtime(last).strftime("%Y-%m-%d %H:%M")
    for city in [place] if place else City.objects.order_by("pk"):
        people = staff_of(city, Role.AUDITOR, *(FINANCE if place else ()))
        key = f"check.overdue:{subject}:{timezone.localdate()}"
        _tell(city, people, "check.overdue", key, {"city": _named(place), "since": since})
    return True


def watch_pools() -> int:
    """Tell finance and policy editors of pools that are 90 % used, and used up.

    Once per limit and threshold, however often it looks: a limit that is raised is watched anew.
    Returns how many pools stand at or above a threshold.
    """
    pools = {(pool.city_id, pool.key): pool for pool in Pool.objects.select_related("city")}
    used = Counter.objects.filter(
        kind="pool", limit__gt=0, used__gte=F("limit") * NEARLY_USED[0] / 100
    )
    watched = [(pools[counter.city_id, counter.key], counter) for counter in used]
    for pool, counter in watched:
        _tell_pool(pool, counter)
    return len(watched)


def _tell_pool(pool: Pool, counter: Counter) -> None:
    percent = counter.used / counter.limit * 100
    threshold = max(reached for reached in NEARLY_USED if percent >= reached)
    data = {
        "pool": pool.title,
        "year": str(pool.year),
        "percent": f"{percent:.1f}".removesuffix(".0"),
        "used": str(counter.used),
        "limit": str(counter.limit),
        "left": str(counter.limit - counter.used),
    }
    key = f"pool.nearly_used:{pool.pk}:{counter.limit}:{threshold}"
    people = staff_of(pool.city, Role.POLICY_EDITOR, *FINANCE)
    _tell(pool.city, people, "pool.nearly_used", key, data)


def staff_of(city: City, *roles: Role) -> QuerySet[User]:
    """Everybody who holds one of the roles in the city."""
    return (
        User.objects.filter(
            is_active=True,
            is_staff=True,
            staffrole__is_active=True,
            staffrole__city=city,
            staffrole__role__in=roles,
        )
        .order_by("pk")
        .distinct()
    )


def _tell(city: City, people: Iterable[User], kind: str, key: str, data: dict[str, Any]) -> None:
    url = reverse("admin:index")
    notices.write(
        Notice(user=person, kind=kind, key=f"{key}:{person.pk}", data=data, url=url, city=city)
        for person in people
    )
