"""What pending cases ask for, kept beside them: computed anew only where something has changed.

A case is looked at as it stands: what was proposed where a determination waits, otherwise what its
facts come to, at most where a reviewer has still to choose.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from incentives.domain.counters import CounterRequest, counts_history
from incentives.domain.programmes import rules_of, settings_of
from incentives.models import ProgrammeVersion
from incentives.policy.assessment import assess
from incentives.policy.text import InputError
from reviews.domain import reserving, rounds
from reviews.domain.assessing import (
    effective_facts,
    filing_day,
    history_of,
    rules,
    settings_in_force,
    with_kind,
)
from reviews.domain.outlook_limits import Named, fen, named, numbered
from reviews.models import Application, Determination, Outlook, OutlookAsk
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState

PENDING = (CaseState.SUBMITTED, CaseState.RETURNED, CaseState.ACCEPTED, CaseState.PROPOSED)
GRANTABLE = ("eligible", "needs_choice", "pending_round")
SLICE = 500
MEANWHILE = timedelta(minutes=2)  # an event is dated when its transaction begins
STALE = """
SELECT a.id
  FROM reviews_application a
  JOIN unnest(%(versions)s::bigint[], %(bases)s::text[], %(always)s::boolean[])
    AS b(version, basis, always) ON b.version = a.version_id
  LEFT JOIN reviews_outlookask k ON k.application_id = a.id
 WHERE a.city_id = %(city)s AND a.state = ANY(%(pending)s) AND a.id > %(after)s
   AND (k.application_id IS NULL OR k.basis <> b.basis
        OR b.always AND k.computed_at < %(started)s
        OR EXISTS (SELECT FROM applicants_event e
                    WHERE e.subject = 'case:' || a.id AND e.at > k.computed_at))
 ORDER BY a.id LIMIT %(slice)s
"""
NO_LONGER = """
DELETE FROM reviews_outlookask k USING reviews_application a
 WHERE a.id = k.application_id AND k.city_id = %(city)s AND a.state <> ALL (%(pending)s)
"""


@transaction.atomic
def step(outlook: Outlook, bases: dict[int, tuple[str, bool]], *, size: int = SLICE) -> bool:
    """Compute the next slice of asks that are missing or old; False when there are no more."""
    versions = list(bases)
    given: dict[str, Any] = {
        "city": outlook.city_id,
        "pending": list(PENDING),
        "after": outlook.reached,
        "started": outlook.started_at,
        "slice": size,
        "versions": versions,
        "bases": [bases[version][0] for version in versions],
        "always": [bases[version][1] for version in versions],
    }
    with connection.cursor() as cursor:
        cursor.execute(STALE, given)
        cases = [pk for (pk,) in cursor]
    if not cases:
        return False
    left_out = compute(cases, {version: basis for version, (basis, _a) in bases.items()})
    outlook.left_out = dict(Counter(outlook.left_out) + left_out)
    outlook.reached = cases[-1]
    return True


def drop_decided(city: str) -> None:
    """Of cases that wait no longer."""
    with connection.cursor() as cursor:
        cursor.execute(NO_LONGER, {"city": city, "pending": list(PENDING)})


def bases_of(city: str, year: int) -> dict[int, tuple[str, bool]]:
    """By version that pays: what asks are computed on, and whether they are whenever one looks."""
    found = {}
    pending = Application.objects.filter(city=city, state__in=PENDING)
    versions = ProgrammeVersion.objects.filter(pk__in=pending.values("version"))
    for version in versions.select_related("programme"):
        rules = rules_of(version)
        if rules.outcome.kind == "award":
            told = json.dumps([year, settings_of(version.programme, version)], default=str)
            always = counts_history(rules) or bool(rules.asks_registers) or bool(rules.round)
            found[version.pk] = (hashlib.sha256(told.encode()).hexdigest(), always)
    return found


def compute(case_ids: Sequence[int], basis: dict[int, str]) -> Counter[str]:
    """Write the asks of these cases; how many cannot be reckoned with yet, by reason."""
    related = ("programme", "version", "applicant", "city")
    cases = Application.objects.filter(pk__in=case_ids).select_related(*related)
    living = Determination.objects.filter(
        application__in=case_ids, state=DeterminationState.PROPOSED
    )
    proposed = {one.application_id: one for one in living}
    at, left_out = timezone.now(), Counter[str]()
    asked = []
    for case in cases.prefetch_related("facts"):
        try:
            amount, requests = ask_of(case, proposed.get(case.pk), at)
        except InputError:
            left_out["needs_facts"] += 1
        except LeftOut as why:
            left_out[str(why)] += 1
        else:
            asked.append((case, amount, requests))
    OutlookAsk.objects.filter(pk__in=case_ids).delete()
    write(asked, basis, at - MEANWHILE)
    return left_out


class LeftOut(Exception):
    """The decision for which a case comes to nothing that can be reckoned with."""


def ask_of(
    case: Application, proposed: Determination | None, at: datetime
) -> tuple[Decimal, list[CounterRequest]]:
    facts = proposed.facts if proposed else effective_facts(case)
    readings = proposed.readings if proposed else settings_in_force(case)
    before = history_of(case, facts, readings)
    found = assess(
        rules(case),
        on=filing_day(case),
        facts=with_kind(case, facts),
        choices=proposed.choices if proposed else {},
        settings=readings,
        explained=False,
        history=before.get("granted"),
        roles=before.get("roles"),
        approval_year=before.get("year"),
    )
    if found.decision not in GRANTABLE:
        raise LeftOut(found.decision)
    needs_choice = found.decision == "needs_choice"
    amount = found.maximum if needs_choice else rounds.amount_of(case, found)
    if not amount:
        raise LeftOut("nothing")
    told = proposed or Determination(facts=facts, readings=readings, assessed=amount)
    amount = min(amount, told.assessed)
    rows = {(line.roster, line.row) for line in found.rows if line.maximum}
    return amount, reserving.counters_of(case, told, at, amount, rows)


Asked = tuple[Application, Decimal, Sequence[CounterRequest]]


def write(asked: Sequence[Asked], basis: dict[int, str], computed_at: datetime) -> None:
    """Each with its limits by number, in the order of the locks; a row counts when it is named."""
    by_city: dict[str, set[Named]] = {}
    for case, _amount, requests in asked:
        by_city.setdefault(case.city_id, set()).update(map(named, requests))
    numbers = {city: numbered(city, limits) for city, limits in by_city.items()}
    OutlookAsk.objects.bulk_create(
        OutlookAsk(
            application=case,
            city_id=case.city_id,
            version_id=case.version_id,
            since=case.accepted_at or case.submitted_at or case.started_at,
            fen=fen(amount),
            limits=[numbers[case.city_id][one] for one in _in_order(requests)],
            basis=basis[case.version_id],
            computed_at=computed_at,
        )
        for case, amount, requests in asked
    )


def _in_order(requests: Sequence[CounterRequest]) -> list[Named]:
    times = {named(one): one.times if one.unit == "rows" else 1 for one in requests}
    ordered = sorted(times, key=lambda one: (one[3], one[0]))
    return [one for one in ordered for _time in range(times[one])]
