"""Which counters an amount has to pass: the programme's caps and its same-event groups."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any

from incentives.policy import keys
from incentives.policy.positions import Ref
from incentives.policy.programme import Programme as Rules
from incentives.policy.text import InputError

HOTTER = {"fact": 0, "applicant": 1, "event": 2, "programme": 5}


@dataclass(frozen=True, slots=True)
class CounterRequest:
    """One row to pass: its key, kind and unit, its place in the lock order, its limit.

    `times` is how many rows of a roster count under the key; anything else counts once.
    """

    key: str
    kind: str
    unit: str
    heat: int
    limit: Decimal
    id: str = ""
    times: int = 1


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


def tally_requests(
    rules: Rules, *, settings: Mapping[str, Any], in_force: Iterable[CounterRequest], **case: Any
) -> list[CounterRequest]:
    """What the other readings of the programme would count, and under which keys.

    They limit nothing now, but a reading that is changed later has to find what was granted before
    it: else the change itself would open every ceiling anew. `case` is as for counter_requests.
    """
    found: dict[str, CounterRequest] = {}
    for other in _other_readings(rules):
        with suppress(InputError):  # a fact that only this reading would need is not there
            asked = counter_requests(rules, settings={**settings, **other}, **case)
            found = {request.key: request for request in asked} | found
    limiting = {request.key for request in in_force}
    return [_counted_only(request) for key, request in found.items() if key not in limiting]


def _other_readings(rules: Rules) -> list[dict[str, Any]]:
    """Every combination of the readings that decide what is counted together."""
    parts = [part for cap in rules.caps for part in (cap.per, cap.period, cap.year_of)]
    parts += [event.rule for event in rules.same_event]
    named = {part.name for part in parts if isinstance(part, Ref)}
    names = sorted(named & rules.assumptions.keys())
    choices = product(*(rules.assumptions[name].readings for name in names))
    return [dict(zip(names, taken, strict=True)) for taken in choices] if names else []


def _counted_only(request: CounterRequest) -> CounterRequest:
    entitled = request.limit if request.kind == "event" else Decimal(0)
    return replace(request, kind="tally", limit=entitled)


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
