"""What is watched over: balances add up, history is as sealed, and pools do not run dry unseen."""

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from applicants.domain import notices
from applicants.domain.chains import Fault
from applicants.domain.events import record
from applicants.models import City, Event, Notice, User
from incentives.domain import holds, registry, sealing
from incentives.domain.reconcile import Difference, differences
from incentives.models import Counter, Pool
from reviews.models.staff import Role

FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
NEARLY_USED = (Decimal(90), Decimal(100))  # percent of a pool


def check_balances() -> int:
    """Add up the ledger of every city and verify its chains; how many differences there are.

    Payments of what a difference touches are held until somebody has looked, and no others.
    """
    sealing.seal_all()
    return sum(_check_city(city) for city in City.objects.order_by("pk"))


@transaction.atomic
def _check_city(city: City) -> int:
    """A run that finds nothing leaves its trace too, so that a night without a check shows."""
    wrong, faults = differences(city_code=city.pk), sealing.verify_city(city.pk)
    holds.hold_differences(city, wrong)
    holds.hold_faults(faults)
    found = [_told(one) for one in [*wrong, *registry.tampered(city=city.pk)]]
    found += [_told_fault(fault) for fault in faults]
    registry.refresh(city=city.pk)
    event = record(
        kind="check.differences" if found else "check.clean",
        subject=f"city:{city.pk}",
        actor=None,
        city=city,
        data={"differences": found},
    )
    if found:
        _tell_of(found, event, city)
    return len(found)


def _told(one: Difference) -> dict[str, str]:
    return {key: str(value) for key, value in asdict(one).items()}


def _told_fault(fault: Fault) -> dict[str, str]:
    told = {"recorded": fault.what, "added_up": str(fault.row)}
    return {"what": "chain", "key": f"{fault.chain} #{fault.number}"} | told


def _tell_of(found: list[dict[str, str]], event: Event, city: City) -> None:
    data = {
        "city": {"zh": city.name_zh, "en": city.name_en},
        "count": len(found),
        "differences": found,
    }
    people = staff_of(city, Role.AUDITOR, *FINANCE)
    _tell(city, people, "check.difference", f"check.difference:{event.pk}", data)


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
