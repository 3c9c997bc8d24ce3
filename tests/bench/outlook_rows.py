"""A December: everybody's applications pending, under a yearly cap each, budgets and pools."""

from decimal import Decimal

from django.db import connection
from django.utils import timezone

from incentives.domain.pools import set_pool
from incentives.models import Programme
from tests.bench.bulk import bare
from tests.bench.parties import make_parties
from tests.incentives.factories import make_budget, make_fund, make_user, qingdao

FUNDS, POOLS, A_PARTY = 8, 4, 200_000  # yuan a year
MEAN = 50_000  # yuan asked, of 100 to 100,000
TABLES = ("reviews_application", "reviews_outlookask", "reviews_outlooklimit", "incentives_counter")
CASES = """
INSERT INTO reviews_application (
    id, city_id, number, programme_id, version_id, applicant_id, handling_bureau_id, state, origin,
    started_by_id, started_at, submitted_by_id, submitted_at, accepted_at, workflow, thresholds,
    returned_reason, progress_token)
SELECT n, 'qingdao', 'QD-' || lpad(n::text, 8, '0'), p.id, p.version,
       %(first)s + n * 7919 %% %(parties)s, p.handling_bureau_id, 'accepted', 'applicant', %(user)s,
       at, %(user)s, at, at + (n * 31 %% 20)::int * interval '1 day', '{}', '[]', '', 'bench' || n
  FROM generate_series(1, %(cases)s::bigint) AS n
 CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01' + n * 300 / %(cases)s * interval '1 day'
                            + (n * 7919 %% 86400)::int * interval '1 s' AS at) AS t
  JOIN (SELECT p.id, p.handling_bureau_id, row_number() OVER (ORDER BY p.id) - 1 AS place,
               (SELECT max(v.id) FROM incentives_programmeversion v
                 WHERE v.programme_id = p.id) AS version
          FROM incentives_programme p WHERE p.city_id = 'qingdao') AS p
    ON p.place = n * 17 %% (SELECT count(*) FROM incentives_programme WHERE city_id = 'qingdao')
 ORDER BY n
"""
LIMITS = """
INSERT INTO reviews_outlooklimit (id, city_id, key, kind, unit, heat, "limit")
SELECT 1 + n, 'qingdao', 'cap:bench:' || n, 'cap', 'yuan', 1, %(a_party)s
  FROM generate_series(0, %(parties)s - 1) AS n
"""
# One party in three has been granted something under its cap already.
COUNTERS = """
INSERT INTO incentives_counter (city_id, key, kind, unit, heat, "limit", used)
SELECT city_id, key, kind, unit, heat, "limit", id * 997 %% 150000
  FROM reviews_outlooklimit WHERE id %% 3 = 0
"""
ASKS = """
INSERT INTO reviews_outlookask (
    application_id, city_id, version_id, since, fen, limits, basis, computed_at)
SELECT id, city_id, version_id, accepted_at, 10000 + id * 7907 %% 9990001,
       ARRAY[applicant_id - %(first)s + 1], 'bench', now()
  FROM reviews_application
"""


def fill(cases: int) -> None:
    parties = max(cases * 3 // 10, 100)
    first, _last = make_parties(parties)
    given = {
        "cases": cases, "first": first, "parties": parties, "user": make_user().pk,
        "a_party": A_PARTY,
    }  # fmt: skip
    with bare(*TABLES), connection.cursor() as cursor:
        for statement in (CASES, LIMITS, COUNTERS, ASKS):
            cursor.execute(statement, given)
        cursor.execute("SELECT setval('reviews_outlooklimit_id_seq', %s)", [parties])
    _budget(cases)


def _budget(cases: int) -> None:
    """Every second programme has little more than half of what is asked, funds and pools more."""
    year = timezone.localdate().year
    programmes = list(Programme.objects.filter(city="qingdao").order_by("pk"))
    of_one = Decimal(cases * MEAN) / len(programmes)
    for place in range(FUNDS):
        own, fund = programmes[place::FUNDS], make_fund(*programmes[place::FUNDS])
        make_budget(f"{of_one * len(own) * 65 / 100:.2f}", year=year, fund=fund)
        for programme in own[::2]:
            make_budget(f"{of_one * 55 / 100:.2f}", year=year, fund=fund, programme=programme)
    for place in range(POOLS):
        own = programmes[place::POOLS]
        set_pool(
            city=qingdao(), code=f"pool-{place}", year=year, title="bench", basis="bench",
            limit=round(of_one * len(own) * 60 / 100, 2), programmes=own, actor=make_user(),
        )  # fmt: skip
