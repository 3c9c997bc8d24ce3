"""Which counters an amount has to pass: the programme's caps and its same-event groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from incentives.policy import keys
from incentives.policy.programme import Programme as Rules

HOTTER = {"fact": 0, "applicant": 1, "event": 2, "programme": 5}


@dataclass(frozen=True, slots=True)
class CounterRequest:
    """One row to pass: its key, kind and unit, its place in the lock order, its limit."""

    key: str
    kind: str
    unit: str
    heat: int
    limit: Decimal
    id: str = ""


def counter_requests(
    rules: Rules,
    *,
    facts: Mapping[str, Any],
    roles: Mapping[str, str],
    settings: Mapping[str, Any],
    approval_year: int,
    entitled: Decimal,
) -> list[CounterRequest]:
    """In the order of the file; the database sorts them by heat before it locks."""
    caps = keys.cap_requests(rules, facts, roles, settings, approval_year)
    events = keys.event_requests(rules, facts, roles, settings, entitled)
    return [_of_cap(cap) for cap in caps] + [
        _of_event(event) for event in events if event.rule != "warn"
    ]


def _of_cap(cap: keys.CapRequest) -> CounterRequest:
    return CounterRequest(
        key=cap.key, kind="cap", unit=cap.unit, heat=_heat(cap.per), limit=cap.limit, id=cap.cap_id
    )


def _heat(per: tuple[str, ...]) -> int:
    if not per:
        return HOTTER["programme"]
    return HOTTER["applicant"] if per == ("applicant",) else HOTTER["fact"]


def _of_event(event: keys.EventRequest) -> CounterRequest:
    once = event.rule == "once"
    return CounterRequest(
        key=event.key,
        kind="event",
        unit="awards" if once else "yuan",
        heat=HOTTER["event"],
        limit=Decimal(1) if once else event.entitlement,
        id=event.group,
    )
