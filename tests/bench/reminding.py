"""A million due reminders found, claimed and written, over one SQL statement that does the same.

Both write what each reviewer reads, the same to the byte, and mark the reminders as sent; ours goes
in ranges, looks whether each reminder's cause still stands, honours wishes and absences, passes on
to endpoints and finds those that reach nobody.
"""

import json
import sys
from datetime import date
from statistics import median

from django.db import connection

from reviews.domain import reminders, working_days
from reviews.models.staff import Role
from reviews.models.task import TaskKind
from tests.bench.clock import seconds
from tests.bench.lines import SIZES, Line
from tests.factories import Cast, draft, make_staff

ROUNDS = 3
DUE = date(2026, 6, 1)
BUREAUS = 4  # with a task in each case

CASES = """
INSERT INTO reviews_application (city_id, number, programme_id, version_id, applicant_id,
    handling_bureau_id, state, origin, started_by_id, started_at, submitted_by_id, submitted_at,
    workflow, thresholds, returned_reason, progress_token, due_on)
SELECT a.city_id, 'BENCH-' || n, a.programme_id, a.version_id, a.applicant_id,
       a.handling_bureau_id, 'accepted', 'applicant', a.started_by_id, now(), a.started_by_id,
       now(), '{}', '[]', '', 'bench' || n, %(due)s
  FROM reviews_application a, generate_series(1, %(cases)s) n WHERE a.id = %(case)s
"""
TASKS = """
INSERT INTO reviews_reviewtask (application_id, bureau_id, kind, state, opened_at, due_on, question)
SELECT a.id, b.id, 'opinion', 'open', now(), %(due)s, ''
  FROM reviews_application a, unnest(%(bureaus)s::bigint[]) AS b(id) WHERE a.number LIKE 'BENCH-%%'
"""
DUE_NOW = """
INSERT INTO reviews_reminder (kind, stage, of_id, key, city_id, application_id, task_id, due_on,
                              remind_on, created_at)
SELECT 'review_due', 'past', t.id, 'bench:' || t.id, 'qingdao', t.application_id, t.id, t.due_on,
       t.due_on + 1, now()
  FROM reviews_reviewtask t WHERE t.due_on = %(due)s ORDER BY t.id
"""
BY_HAND = """
WITH due AS (
    UPDATE reviews_reminder SET sent_at = now()
     WHERE kind = 'review_due' AND stage = 'past' AND sent_at IS NULL AND stopped_at IS NULL
       AND remind_on <= %(today)s RETURNING key, task_id, city_id
)
INSERT INTO applicants_notice (user_id, kind, key, data, url, city_id, email_mode, created_at,
                               attempts, last_error)
SELECT u.id, 'reminder.review_overdue', d.key || ':' || u.id,
       jsonb_build_object('number', a.number, 'title_zh', p.title_zh, 'title_en', p.title_en,
           'due_on', t.due_on, 'task', %(task)s::jsonb,
           'bureau', jsonb_build_object('zh', b.name_zh, 'en', b.name_en)),
       '/admin/reviews/application/' || a.id || '/change/', d.city_id, 'digest', now(), 0, ''
  FROM due d JOIN reviews_reviewtask t ON t.id = d.task_id
  JOIN reviews_application a ON a.id = t.application_id
  JOIN incentives_programme p ON p.id = a.programme_id
  JOIN incentives_bureau b ON b.id = t.bureau_id
  JOIN reviews_staffrole r ON r.bureau_id = b.id AND r.is_active
   AND r.role IN ('preparer', 'approver')
  JOIN applicants_user u ON u.id = r.user_id AND u.is_active AND u.is_staff
ON CONFLICT (key) DO NOTHING
"""
READ = """
SELECT count(*), sum(hashtextextended(concat_ws('|', user_id, kind, key, data, url, city_id,
                                                email_mode), 0)::numeric),
       (SELECT count(*) FROM reviews_reminder WHERE sent_at IS NOT NULL)
  FROM applicants_notice
"""


def reminders_over_sql(reminders_due: int) -> float:
    """Seconds of the sweeper over those of the statement, medians of some rounds in turns."""
    _fill(reminders_due)
    taken: dict[str, list[float]] = {"ours": [], "by hand": []}
    results = set()
    for _ in range(ROUNDS):
        for name, work in (("ours", reminders.send_due), ("by hand", _by_hand)):
            _make_due()
            taken[name].append(seconds(work))
            results.add(_read())
    assert len(results) == 1, results  # the same notices, whoever wrote them
    ours, by_hand = median(taken["ours"]), median(taken["by hand"])
    print(
        f"{reminders_due} reminders: {ours:.1f} s, in one statement {by_hand:.1f} s",
        file=sys.stderr,
    )
    return ours / by_hand


def _fill(reminders_due: int) -> None:
    cast = Cast("enterprise-tech-centre-award")
    case = draft(cast)
    codes = ["sti", "drc", "miit", "finance"][:BUREAUS]
    bureaus = [make_staff(Role.PREPARER, code).staffrole_set.get().bureau_id for code in codes]
    values = {"due": DUE, "case": case.pk, "cases": reminders_due // BUREAUS, "bureaus": bureaus}
    with connection.cursor() as cursor:
        # The triggers guard single steps; what is written stands for their end.
        for table, statement in (("application", CASES), ("reviewtask", TASKS)):
            cursor.execute(f"ALTER TABLE reviews_{table} DISABLE TRIGGER USER")
            cursor.execute(statement, values)
            cursor.execute(f"ALTER TABLE reviews_{table} ENABLE TRIGGER USER")
            cursor.execute(f"VACUUM ANALYZE reviews_{table}")


def _make_due() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE applicants_notice, applicants_delivery, reviews_reminder")
        cursor.execute(DUE_NOW, {"due": DUE})
        cursor.execute("VACUUM ANALYZE reviews_reminder")


def _by_hand() -> None:
    task = json.dumps(reminders.in_both(TaskKind.OPINION.label))
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"today": working_days.today(), "task": task})


def _read() -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return tuple(cursor.fetchone())


LINES = [Line("reminders_vs_sql", reminders_over_sql, SIZES)]
