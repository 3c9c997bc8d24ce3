"""What an organisation used of caps and events, under its successor's keys.

A merger moves all of it. A split shares the yearly caps in yuan by percent; whatever counts for
life, once, or by the number of awards stands for both in full, so that no split buys a second
first time: no text says otherwise, and this is the reading that pays nothing twice.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from applicants.models import PartyChange
from applicants.models.party_change import ChangeKind
from incentives.domain import money
from incentives.domain.programmes import rules_of, warm
from incentives.models import Counter, ProgrammeVersion
from incentives.models.counter import CounterKind, Unit
from incentives.policy.programme import Programme as Rules

OF_PARTY = ("applicant", "payee")
WHOLE = Decimal(100)
YEAR = re.compile(r"[12]\d{3}")
Places = Mapping[tuple[str, str], set[int]]
"""By kind and name of a key: where among its values the party stands."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A counter of the party, the one of its successor, and how much passes, in percent.

    With `keep` the party goes on counting what it counted, and the successor counts it too.
    """

    key: str
    successor_key: str
    share: Decimal
    keep: bool


def carry(*, change: PartyChange, city_code: str, share: Decimal = WHOLE) -> int:
    """Pass on, in one city, what the party of a made change has used; how many entries it took.

    No award is made or released in the city meanwhile. `share` in percent is for a split.
    """
    money.lock_pools(city_code=city_code)
    found = list(passings(change=change, city_code=city_code, share=share))
    if not found:
        return 0
    return money.carry(
        change=change,
        city_code=city_code,
        keys=[one.key for one in found],
        successor_keys=[one.successor_key for one in found],
        shares=[one.share for one in found],
        keeps=[one.keep for one in found],
    )


def passings(*, change: PartyChange, city_code: str, share: Decimal) -> Iterator[Passing]:
    """What passes of every counter that is kept under the party, in the order of the keys."""
    party, successor = str(change.party_id), str(change.successor_id)
    named = Counter.objects.filter(
        city=city_code, used__gt=0, key__regex=rf"[:|=]{change.party_id}([:|]|$)"
    ).exclude(kind__in=[CounterKind.POOL, CounterKind.BUDGET])
    counters = list(named.order_by("key"))
    places = _places(city_code) if counters else {}
    for counter in counters:
        successor_key = renamed(counter.key, party, successor, places)
        if successor_key == counter.key:
            continue
        if change.kind == ChangeKind.MERGER:
            yield Passing(counter.key, successor_key, WHOLE, keep=False)
        elif is_yearly(counter.key) and counter.unit == Unit.YUAN:
            yield Passing(counter.key, successor_key, share, keep=False)
        else:
            yield Passing(counter.key, successor_key, WHOLE, keep=True)


def renamed(key: str, party: str, successor: str, places: Places) -> str:
    """The key with the successor where the party stands; unchanged where it stands nowhere."""
    kind, name, *rest = key.split(":")
    if kind == "cap":
        roles = {f"{role}={party}": f"{role}={successor}" for role in OF_PARTY}
        return ":".join([kind, name, *(roles.get(part, part) for part in rest)])
    values, *year = rest
    at = places.get((kind, name), set())
    taken = [
        successor if place in at and value == party else value
        for place, value in enumerate(values.split("|"))
    ]
    return ":".join([kind, name, "|".join(taken), *year])


def is_yearly(key: str) -> bool:
    """Whether the key counts one year; an event counts for life."""
    kind, _name, *rest = key.split(":")
    return kind != "event" and len(rest) > 1 and YEAR.fullmatch(rest[-1]) is not None


def _places(city_code: str) -> dict[tuple[str, str], set[int]]:
    """As every version of the city's programmes lays out its events and tallies."""
    versions = list(ProgrammeVersion.objects.filter(programme__city=city_code))
    warm(versions)
    found: dict[tuple[str, str], set[int]] = {}
    for version in versions:
        for key, names in _layouts(rules_of(version)):
            at = {place for place, name in enumerate(names) if name in OF_PARTY}
            found.setdefault(key, set()).update(at)
    return found


def _layouts(rules: Rules) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    for event in rules.same_event:
        yield ("event", event.group), tuple(event.instance)
    for name, tally in rules.tallies.items():
        yield ("tally", name), tuple(tally.per)
