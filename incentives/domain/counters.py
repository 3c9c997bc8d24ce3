"""Which counters an amount has to pass: the programme's caps and its same-event groups."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any

from incentives.policy import keys
from incentives.policy.positions import Ref
from incentives.policy.programme import Programme as Rules
from incentives.policy.text import InputError

HOTTER = {"fact": 0, "applicant": 1, "event": 2, "tally": 3, "programme": 5}
Row = tuple[str, int]
"""A row of a roster, counted from 1."""


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
    rows: Collection[Row] | None = (),
) -> list[CounterRequest]:
    """In the order of the file; the database sorts them by heat before it locks.

    `rows` are those that the case is granted for (None: every row), where rows are counted.
    """
    case = (rules, facts, roles, settings)
    events = keys.event_requests(*case, entitled)
    return [
        *(_of_cap(cap) for cap in keys.cap_requests(*case, approval_year)),
        *(_of_event(event) for event in events if event.rule != "warn"),
        *(_of_tally(name, key) for name, key in keys.tally_keys(*case, approval_year).items()),
        *_of_rows(rules, keys.row_requests(*case, approval_year), rows),
    ]


def counts_history(rules: Rules) -> bool:
    """Whether an assessment depends on what was granted before, and not only the caps on it."""
    return bool(rules.tallies) or any(cap.unit == "rows" for cap in rules.caps)


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


def _of_tally(name: str, key: str) -> CounterRequest:
    return CounterRequest(key, "tally", "yuan", HOTTER["tally"], Decimal(0), name)


def _of_rows(
    rules: Rules, asked: Iterable[keys.RowRequest], rows: Collection[Row] | None
) -> list[CounterRequest]:
    """One for each key, taking as many rows as the case has under it."""
    over = {cap.id: str(cap.over) for cap in rules.caps}
    counted = [one for one in asked if rows is None or (over[one.cap_id], one.row) in rows]
    times = Counter(one.key for one in counted)
    return [
        CounterRequest(key, "cap", "rows", HOTTER["fact"], one.limit, one.cap_id, times[key])
        for key, one in {one.key: one for one in counted}.items()
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
