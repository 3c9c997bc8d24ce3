"""Reminders of deadlines: planned as rows, and written into inboxes when their day has come.

Both steps look at windows, never at "equals today", so a day without a worker loses nothing; both
may run at any time, at once and again. The key of a row makes it one reminder per deadline.
"""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from applicants.domain import notices
from incentives.domain.settings import setting
from incentives.models import Programme
from reviews.domain import reminder_notices, working_days
from reviews.models import Reminder

PLAN = """
WITH wanted AS (
    SELECT w.kind, w.prefix || ':' || w.of || ':' || to_char(w.due_on, 'YYYY-MM-DD') AS key,
           w.application_id, w.task_id, w.due_on, w.overdue
      FROM ({rows}) w
), new AS (
    SELECT * FROM wanted w
     WHERE NOT EXISTS (SELECT 1 FROM reviews_reminder r WHERE r.key = w.key)
), ahead AS (
    SELECT due_on, coalesce((
        SELECT min(earlier.date) FROM (
            SELECT c.date FROM reviews_calendarday c WHERE c.is_working AND c.date < due.due_on
             ORDER BY c.date DESC LIMIT %(days)s) earlier), due_on) AS remind_on
      FROM (SELECT DISTINCT due_on FROM new) due
)
INSERT INTO reviews_reminder (kind, key, application_id, task_id, due_on, remind_on, created_at)
SELECT kind, key, application_id, task_id, due_on,
       CASE WHEN overdue THEN due_on + 1 ELSE remind_on END, %(now)s
  FROM new JOIN ahead USING (due_on)
ON CONFLICT (key) DO NOTHING
"""

REVIEWS = """
SELECT 'review_due' AS kind, p.prefix, t.id AS of, t.application_id, t.id AS task_id,
       t.due_on, p.overdue
  FROM reviews_reviewtask t JOIN reviews_application a ON a.id = t.application_id
 CROSS JOIN (VALUES ('review_due', false), ('review_overdue', true)) AS p(prefix, overdue)
 WHERE t.state = 'open' AND a.programme_id = ANY(%(programmes)s)
"""

SUPPLEMENTS = """
SELECT 'supplement_due' AS kind, 'supplement_due' AS prefix, id AS of, id AS application_id,
       NULL::bigint AS task_id, due_on, false AS overdue
  FROM reviews_application
 WHERE state = 'returned' AND due_on IS NOT NULL AND programme_id = ANY(%(programmes)s)
"""

WINDOWS = """
SELECT 'window_closing' AS kind, 'window_closing' AS prefix, id AS of, id AS application_id,
       NULL::bigint AS task_id, %(closes)s::date AS due_on, false AS overdue
  FROM reviews_application WHERE state = 'draft' AND programme_id = %(programme)s
"""

CLAIM = """
WITH waiting AS MATERIALIZED (
    SELECT id FROM reviews_reminder
     WHERE sent_at IS NULL AND stopped_at IS NULL AND remind_on <= %(today)s
     ORDER BY remind_on, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE reviews_reminder r SET sent_at = %(now)s FROM waiting WHERE r.id = waiting.id RETURNING r.id
"""


@transaction.atomic
def plan() -> int:
    """Write the reminders that open tasks, returned cases and drafts want; how many are new."""
    planned = 0
    groups: dict[int, list[int]] = defaultdict(list)
    for programme in Programme.objects.select_related("city"):
        days = int(setting(city=programme.city, key="reminder_days", programme=programme))
        groups[days].append(programme.pk)
        planned += _plan_window(programme, days)
    for days, programmes in groups.items():
        for rows in (REVIEWS, SUPPLEMENTS):
            planned += _insert(rows, days=days, programmes=programmes)
    return planned


def _plan_window(programme: Programme, days: int) -> int:
    closes = setting(city=programme.city, key="window_closes", programme=programme)
    if not closes or date.fromisoformat(closes) < working_days.today():
        return 0
    return _insert(WINDOWS, days=days, programme=programme.pk, closes=closes)


def _insert(rows: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(PLAN.format(rows=rows), values | {"now": timezone.now()})
        return int(cursor.rowcount)


def send_due(*, most: int = 500) -> int:
    """Write every reminder whose day has come to those concerned; how many were written."""
    written = 0
    while True:
        claimed, wanted = _send_some(most)
        written += wanted
        if claimed < most:
            return written


@transaction.atomic
def _send_some(most: int) -> tuple[int, int]:
    """Claim, check again and write in one transaction: a worker that dies here has done nothing."""
    now = timezone.now()
    reminders = claim(now=now, most=most)
    wanted = [one for one in reminders if reminder_notices.is_wanted(one)]
    stopped = {one.pk for one in reminders} - {one.pk for one in wanted}
    Reminder.objects.filter(pk__in=stopped).update(sent_at=None, stopped_at=now)
    notices.write([notice for one in wanted for notice in reminder_notices.compose(one)])
    return len(reminders), len(wanted)


def claim(*, now: datetime, most: int) -> list[Reminder]:
    """Due reminders that nobody else holds, marked as sent in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"now": now, "today": working_days.today(), "most": most})
        claimed = [row[0] for row in cursor]
    related = ("application__programme", "application__city", "task__bureau")
    return list(Reminder.objects.select_related(*related).filter(pk__in=claimed).order_by("pk"))
