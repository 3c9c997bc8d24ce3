"""What stands in the way of a case for somebody found: one under way, or a limit used up."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from django.db.models import Q

from incentives.domain.counters import CounterRequest, counter_requests
from incentives.domain.facts import read_values
from incentives.domain.registry_keys import known_to
from incentives.models import Counter, RegistryRecord
from incentives.policy.programme import Programme as Rules
from incentives.policy.text import InputError
from reviews.domain import working_days
from reviews.models import Application, Sweep
from reviews.models.lifecycle import CLOSED
from reviews.models.sweep import Standing

AT_ONCE = 5000
FEN = Decimal("0.01")


def standings(sweep: Sweep, rules: Rules, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a column `standing`: nobody found is left out, whoever cannot now is marked."""
    used = exhausted(sweep, rules, rows)
    busy = with_living_case(sweep, rows["id"].to_list())
    found = [
        Standing.HAS_CASE.value if party in busy else used.get(party, Standing.FREE.value)
        for party in rows["id"]
    ]
    return rows.with_columns(pl.Series("standing", found, dtype=pl.String()))


def with_living_case(sweep: Sweep, parties: list[int]) -> set[int]:
    living = Application.objects.filter(programme=sweep.programme_id).exclude(state__in=CLOSED)
    found: set[int] = set()
    for start in range(0, len(parties), AT_ONCE):
        some = living.filter(applicant__in=parties[start : start + AT_ONCE])
        found |= set(some.values_list("applicant", flat=True))
    return found


def exhausted(sweep: Sweep, rules: Rules, rows: pl.DataFrame) -> dict[int, str]:
    """Parties for whom a cap leaves nothing, or who have been rewarded for the event in full."""
    counters = _counters(sweep, rules)
    if rows.is_empty() or not counters.filter(used__gt=0).exists():
        return {}
    found: dict[int, str] = {}
    for some in rows.iter_slices(AT_ONCE):
        asked = _requests(sweep, rules, some)
        keys = {request.key for requests in asked.values() for request in requests}
        used = dict(counters.filter(key__in=keys).values_list("key", "used"))
        for party, requests in asked.items():
            if full := next((r for r in requests if used.get(r.key, 0) >= r.limit), None):
                event = full.kind == "event"
                found[party] = (Standing.RECEIVED if event else Standing.EXHAUSTED).value
    return found


def _counters(sweep: Sweep, rules: Rules) -> Any:
    own = Q(key__startswith=f"cap:{rules.code}:")
    for event in rules.same_event:
        own |= Q(key__startswith=f"event:{event.group}:")
    return Counter.objects.filter(own, city=sweep.city_id)


def _requests(sweep: Sweep, rules: Rules, rows: pl.DataFrame) -> dict[int, list[CounterRequest]]:
    records = RegistryRecord.objects.filter(city=sweep.city_id, party__in=rows["id"].to_list())
    known = {r.party_id: (r.kind, r.facts, r.recognitions) for r in records.iterator()}
    year = working_days.day_of(sweep.started_at).year
    return {
        party: _requests_of(rules, party, known[party], Decimal(maximum or 0) * FEN, sweep, year)
        for party, maximum in rows.select("id", "maximum").iter_rows()
    }


def _requests_of(
    rules: Rules,
    party: int,
    record: tuple[str, Mapping[str, Any], list[Any]],
    entitled: Decimal,
    sweep: Sweep,
    year: int,
) -> list[CounterRequest]:
    kind, facts, recognitions = record
    kept, _problems = read_values(rules, known_to(rules, facts))
    told = {key: value for key, value in kept.items() if value is not None}
    try:
        return counter_requests(
            rules,
            facts=told | {"applicant_kind": kind, "recognitions": recognitions},
            roles={"applicant": str(party)},
            settings=sweep.readings,
            approval_year=year,
            entitled=entitled,
        )
    except InputError:  # what it would be counted under is not known yet
        return []
