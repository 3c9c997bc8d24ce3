"""Numbers for limits, and what room each has now."""

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from incentives.domain.counters import CounterRequest
from incentives.domain.in_order import ENDLESS, LOOK, Balance, Books, Limit, Standing
from incentives.domain.programmes import rules_of
from incentives.models import Budget, CapExcess, Counter, Pool, Programme, ProgrammeVersion
from reviews.models import OutlookAsk, OutlookLimit

Named = tuple[str, str, str, int, Decimal]  # key, kind, unit, heat, limit
COLUMNS = ("key", "kind", "unit", "heat", "limit")

MISSING = """
INSERT INTO reviews_outlooklimit (city_id, key, kind, unit, heat, "limit")
SELECT %(city)s, w.*
  FROM unnest(%(key)s::text[], %(kind)s::text[], %(unit)s::text[], %(heat)s::int[],
              %(limit)s::numeric[]) AS w(key, kind, unit, heat, lim)
 WHERE NOT EXISTS (SELECT FROM reviews_outlooklimit l
                    WHERE l.city_id = %(city)s AND l.key = w.key AND l.kind = w.kind
                      AND l.unit = w.unit AND l.heat = w.heat AND l."limit" = w.lim)
    ON CONFLICT DO NOTHING
"""
# One limit alone under its key: what it leaves only shrinks. An event's stands as high as it rose.
ROOMS = """
SELECT array_agg(k.id) FILTER (WHERE NOT k.odd),
       array_agg((greatest(CASE WHEN k.event THEN greatest(c."limit", k.lim) ELSE k.lim END
                           - coalesce(c.used, 0), 0) * 100)::bigint) FILTER (WHERE NOT k.odd),
       array_agg(k.key) FILTER (WHERE k.odd)
  FROM (SELECT key, min(id) AS id, min("limit") AS lim, bool_or(kind = 'event') AS event,
               count(*) > 1 OR bool_or(unit <> 'yuan') AS odd
          FROM reviews_outlooklimit
         WHERE city_id = %(city)s AND kind NOT IN ('pool', 'budget')
         GROUP BY key HAVING bool_or(kind <> 'tally')) AS k
  LEFT JOIN incentives_counter c ON c.city_id = %(city)s AND c.key = k.key
"""
ODD = """
SELECT l.id, l.key, l.kind, l.unit, (l."limit" * 100)::bigint,
       (coalesce(c.used, 0) * 100)::bigint, (coalesce(c."limit", 0) * 100)::bigint
  FROM reviews_outlooklimit l
  LEFT JOIN incentives_counter c ON c.city_id = l.city_id AND c.key = l.key
 WHERE l.city_id = %(city)s AND l.key = ANY(%(odd)s)
"""


def numbered(city: str, wanted: Collection[Named]) -> dict[Named, int]:
    """The number of each limit; those that have none yet get one."""
    rows = sorted(set(wanted))
    values = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    with connection.cursor() as cursor:
        cursor.execute(MISSING, values | {"city": city})
    found = OutlookLimit.objects.filter(city=city, key__in=[row[0] for row in rows])
    return {row[:-1]: row[-1] for row in found.values_list(*COLUMNS, "id")}


UNUSED = """
DELETE FROM reviews_outlooklimit l
 WHERE l.city_id = %(city)s
   AND NOT EXISTS (SELECT FROM (SELECT DISTINCT unnest(k.limits) AS id FROM reviews_outlookask k
                                 WHERE k.city_id = %(city)s) AS asked WHERE asked.id = l.id)
   AND NOT EXISTS (SELECT FROM reviews_outlookdecision d WHERE d.limited_by_id = l.id)
"""


def drop_unused(city: str) -> int:
    """How many were dropped. Not while an outlook of the city is under way: it gives numbers."""
    with connection.cursor() as cursor:
        cursor.execute(UNUSED, {"city": city})
        return int(cursor.rowcount)


def named(request: CounterRequest) -> Named:
    return request.key, request.kind, request.unit, request.heat, request.limit


def books(city: str, year: int) -> Books:
    """What every limit of the city's pending asks leaves now, its budgets and pools included."""
    asks = OutlookAsk.objects.filter(city=city)
    versions = ProgrammeVersion.objects.filter(pk__in=asks.values("version"))
    shared = _shared(city, year)
    number_of = numbered(city, {one for _programmes, one in shared})
    found = _own(city)
    counters = Counter.objects.filter(city=city, key__in=[one[0] for _p, one in shared])
    used = dict(counters.values_list("key", "used"))
    for (key, kind, unit, _heat, limit), number in number_of.items():
        _grow(found.rooms, number)
        found.rooms[number] = fen(max(limit - used.get(key, Decimal(0)), Decimal(0)))
        found.limits[number] = Limit(key, kind, unit, fen(limit))
    for version in versions:
        passed = [(one[3], one[0], number_of[one]) for programmes, one in shared
                  if version.programme_id in programmes]  # fmt: skip
        found.standing[version.pk] = _standing(version, [number for *_o, number in sorted(passed)])
    _excesses(city, found)
    return found


def _own(city: str) -> Books:
    given: dict[str, Any] = {"city": city}
    last = OutlookLimit.objects.filter(city=city).order_by("-id").values_list("id", flat=True)
    found = Books(rooms=[ENDLESS] * ((last.first() or 0) + 1))
    with connection.cursor() as cursor:
        cursor.execute(ROOMS, given)
        numbers, rooms, odd = cursor.fetchone()
        for number, room in zip(numbers or (), rooms or (), strict=True):
            found.rooms[number] = room
        cursor.execute(ODD, given | {"odd": odd or []})
        for number, key, kind, unit, limit, used, stood in cursor:
            found.rooms[number] = LOOK
            found.limits[number] = Limit(key, kind, unit, limit)
            found.balances.setdefault(key, Balance(used, stood))
    return found


def _shared(city: str, year: int) -> list[tuple[set[int], Named]]:
    """As huiqi_shared_limits: the programmes of each open budget and pool of the year."""
    every = set(Programme.objects.filter(city=city).values_list("pk", flat=True))
    found: list[tuple[set[int], Named]] = []
    for pool in Pool.objects.filter(city=city, year=year).prefetch_related("programmes"):
        own = {programme.pk for programme in pool.programmes.all()}
        found.append((own or every, (pool.key, "pool", "yuan", 9, pool.limit)))
    budgets = Budget.objects.filter(fund__city=city, year=year, opened=True)
    for budget in budgets.select_related("fund").prefetch_related("fund__programmes"):
        whole = budget.programme_id is None
        of_fund = {one.pk for one in budget.fund.programmes.all()}
        own = {budget.programme_id} if budget.programme_id else of_fund
        found.append((own, (budget.key, "budget", "yuan", 8 if whole else 6, budget.planned)))
    return found


def _standing(version: ProgrammeVersion, numbers: list[int]) -> Standing:
    rules = rules_of(version)
    payers = [part.payer for part in rules.payers]
    if not payers:
        return Standing(tuple(numbers) if rules.roles.payer == "city" else ())
    if "city" not in payers:
        return Standing()
    shares = tuple(Fraction(part.share) for part in rules.payers)
    return Standing(tuple(numbers), shares, payers.index("city"))


def _excesses(city: str, found: Books) -> None:
    """What two have signed for cases that are pending."""
    signed = CapExcess.objects.filter(city=city, approved_by__isnull=False, lapsed_at=None)
    by_number: dict[str, dict[str, int]] = {}
    for number, key, amount in signed.values_list("case_number", "key", "amount"):
        by_number.setdefault(number, {})[key] = fen(amount)
    asks = OutlookAsk.objects.filter(city=city, application__number__in=by_number)
    for ask in asks.select_related("application"):
        found.excess[ask.pk] = by_number[ask.application.number or ""]
        for row in OutlookLimit.objects.filter(pk__in=ask.limits):
            limit = Limit(row.key, row.kind, row.unit, fen(row.limit))
            found.limits.setdefault(row.pk, limit)


def _grow(rooms: list[int], number: int) -> None:
    rooms.extend([ENDLESS] * (number + 1 - len(rooms)))


def fen(yuan: Decimal) -> int:
    return int(yuan * 100)


def yuan(amount: int) -> Decimal:
    return Decimal(amount) / 100
