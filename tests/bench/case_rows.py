"""Cases by the hundred thousand: most closed, the others at every step, each with two tasks."""

from datetime import date

from django.db import connection

from reviews.models.staff import Role
from tests.bench.bulk import bare
from tests.bench.parties import make_parties
from tests.factories import make_staff

TABLES = ("reviews_application", "reviews_reviewtask")
# Seven in ten are closed and wait for nothing; the others are due within 200 days around today.
CASES = """
INSERT INTO reviews_application (
    id, city_id, number, programme_id, version_id, applicant_id, handling_bureau_id, state, origin,
    started_by_id, started_at, submitted_by_id, submitted_at, accepted_at, workflow, thresholds,
    due_on, returned_reason, progress_token)
SELECT n, 'qingdao', 'QD-' || 2021 + n %% 6 || '-' || lpad(n::text, 8, '0'), p.id, p.version,
       %(first)s + n * 7919 %% %(parties)s, p.handling_bureau_id,
       CASE WHEN n %% 10 < 7 THEN (ARRAY['awarded', 'concluded', 'refused'])[1 + n / 10 %% 3]
            ELSE (ARRAY['submitted', 'accepted', 'proposed', 'determined', 'checked',
                        'publicity'])[1 + n / 10 %% 6] END,
       'applicant', %(user)s, now() - (n %% 1000)::int * interval '1 day', %(user)s,
       now() - (n %% 1000)::int * interval '1 day', now() - (n %% 900)::int * interval '1 day',
       '{}', '[]',
       CASE WHEN n %% 10 >= 7 THEN %(today)s::date - 60 + (n * 31 %% 200)::int END, '', 'bench' || n
  FROM generate_series(1, %(cases)s::bigint) AS n
  JOIN (SELECT p.id, p.handling_bureau_id, row_number() OVER (ORDER BY p.id) - 1 AS place,
               (SELECT max(v.id) FROM incentives_programmeversion v
                 WHERE v.programme_id = p.id) AS version
          FROM incentives_programme p WHERE p.city_id = 'qingdao') AS p
    ON p.place = n * 17 %% (SELECT count(*) FROM incentives_programme WHERE city_id = 'qingdao')
 ORDER BY n
"""
# One of the handling bureau's, and one of another bureau's that was asked for its opinion.
TASKS = """
INSERT INTO reviews_reviewtask (application_id, bureau_id, kind, state, opened_at, due_on, question)
SELECT a.id, b.id, CASE WHEN own THEN (ARRAY['acceptance', 'determination', 'publicity', 'award'])
                                      [1 + a.id / 10 %% 4] ELSE 'opinion' END,
       CASE WHEN a.due_on IS NULL THEN 'done' ELSE 'open' END, a.started_at,
       coalesce(a.due_on, a.started_at::date) + CASE WHEN own THEN 0 ELSE 3 END, ''
  FROM reviews_application a
 CROSS JOIN (VALUES (true), (false)) AS side(own)
  JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM incentives_bureau
         WHERE city_id = 'qingdao') AS all_of ON true
 CROSS JOIN LATERAL (SELECT CASE WHEN own THEN a.handling_bureau_id
                                 ELSE all_of.ids[1 + a.id * 13 %% cardinality(all_of.ids)]
                            END AS id) AS b
"""


def fill(cases: int) -> None:
    parties = max(cases // 5, 100)
    first, _last = make_parties(parties)
    given = {
        "cases": cases,
        "first": first,
        "parties": parties,
        "today": date.today(),
        "user": make_staff(Role.AUDITOR).pk,
    }
    with bare(*TABLES), connection.cursor() as cursor:
        cursor.execute(CASES, given)
        cursor.execute(TASKS, given)
