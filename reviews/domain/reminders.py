"""Reminders of deadlines: planned as rows, and written into inboxes when their day has come.

Both steps are a few statements over whole sets, look at windows and never at "equals today", and
may run at any time, at once and again: a day without a worker loses nothing. The key of a row makes
it one reminder per deadline and stage; an escalation has no date in its key, so that a task is
escalated once to each level.
"""

import json
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import override

from applicants.domain import notices
from applicants.domain.deliveries import PASS_ON
from applicants.domain.serving import MODE_OF_REMINDER
from incentives.domain.settings import settings_everywhere
from reviews.domain import working_days
from reviews.domain.reminder_kinds import KINDS, Stage
from reviews.domain.reminder_people import CONCERNED, STAFF
from reviews.models.reminder import ReminderKind, ReminderStage
from reviews.models.task import TaskKind

AT_ONCE = 50_000  # reminders in one statement
BEGINNING = (date.min, 0)

PLAN = """
WITH wanted AS (
    SELECT c.of_id, c.city_id, c.application_id, c.task_id, c.due_on, d.days,
           concat_ws(':', %(prefix)s, c.of_id,
                     CASE WHEN %(dated)s THEN to_char(c.due_on, 'YYYY-MM-DD') END) AS key
      FROM ({cause}) c
      JOIN unnest(%(cities)s::text[], %(programmes)s::bigint[], %(days)s::int[])
           AS d(city_id, programme_id, days)
        ON d.city_id = c.city_id AND d.programme_id = coalesce(c.programme_id, 0)
     WHERE c.due_on <= (SELECT max(date) FROM reviews_calendarday)
), new AS (
    SELECT w.* FROM wanted w
     WHERE NOT EXISTS (SELECT 1 FROM reviews_reminder r WHERE r.key = w.key
                          AND (r.due_on = w.due_on AND NOT %(anew)s OR r.sent_at IS NOT NULL))
), dated AS (
    SELECT due_on, days, {day} AS remind_on FROM (SELECT DISTINCT due_on, days FROM new) due
)
INSERT INTO reviews_reminder
       (kind, stage, of_id, key, city_id, application_id, task_id, due_on, remind_on, created_at)
SELECT %(kind)s, %(stage)s, of_id, key, city_id, application_id, task_id, due_on, remind_on, %(now)s
  FROM new JOIN dated USING (due_on, days) WHERE remind_on IS NOT NULL ORDER BY key
ON CONFLICT (key) DO UPDATE
   SET due_on = excluded.due_on, remind_on = excluded.remind_on, stopped_at = NULL
 WHERE reviews_reminder.sent_at IS NULL
"""

BEFORE = """
coalesce((SELECT min(date) FROM (
    SELECT date FROM reviews_calendarday WHERE is_working AND date < due.due_on
     ORDER BY date DESC LIMIT due.days) earlier), due_on)
"""
AFTER = """
(SELECT CASE WHEN count(*) = due.days THEN max(date) END FROM (
    SELECT date FROM reviews_calendarday WHERE is_working AND date > due.due_on
     ORDER BY date LIMIT due.days) later)
"""
DAYS: dict[str, str] = {
    ReminderStage.AHEAD: BEFORE,
    ReminderStage.PAST: "due_on + 1",
    ReminderStage.LEADER: AFTER,
    ReminderStage.OFFICE: AFTER,
}

FIND = """
SELECT remind_on, id, of_id FROM reviews_reminder
 WHERE kind = %(kind)s AND stage = %(stage)s AND sent_at IS NULL AND stopped_at IS NULL
   AND remind_on <= %(today)s AND (remind_on, id) > (%(after)s, %(after_id)s)
 ORDER BY remind_on, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""

# The ids are given, so that the planner knows how many there are, and between which ids they and
# their causes stand: what is due together was mostly made together, and little else is read.
SEND = """
WITH waiting AS MATERIALIZED (
    SELECT r.id, r.of_id, r.key, r.due_on
      FROM unnest(%(ids)s::bigint[]) AS found(id) JOIN reviews_reminder r USING (id)
     WHERE r.id BETWEEN %(first)s AND %(last)s
), wanted AS MATERIALIZED (
    SELECT w.id, w.key, c.* FROM waiting w
      JOIN ({cause}) c ON c.of_id = w.of_id AND c.due_on = w.due_on
       AND c.of_id BETWEEN %(first_of)s AND %(last_of)s
     WHERE %(stage)s <> 'ahead' OR w.due_on >= %(today)s
), claimed AS (
    UPDATE reviews_reminder r SET sent_at = %(now)s FROM wanted w
     WHERE r.id = w.id AND r.id BETWEEN %(first)s AND %(last)s
), stopped AS (
    UPDATE reviews_reminder r SET stopped_at = %(now)s FROM waiting w
     WHERE r.id = w.id AND r.id BETWEEN %(first)s AND %(last)s
       AND NOT EXISTS (SELECT 1 FROM wanted s WHERE s.id = w.id)
), staff AS MATERIALIZED ({staff}
), concerned AS MATERIALIZED (
    SELECT x.id, x.user_id, x.at_desk, u.is_staff, {mode} AS email_mode
      FROM ({people}) x JOIN applicants_user u ON u.id = x.user_id
     WHERE u.is_active AND (u.is_staff OR NOT x.at_desk)
), told AS (
    INSERT INTO applicants_notice (user_id, kind, key, data, url, city_id, email_mode, created_at,
                                   attempts, last_error)
    SELECT c.user_id, coalesce(w.said, %(notice)s), w.key || ':' || c.user_id, w.data,
           CASE WHEN c.at_desk THEN w.desk_url ELSE w.url END, w.city_id, c.email_mode, %(now)s,
           0, ''
      FROM wanted w JOIN concerned c ON c.id = w.id
    ON CONFLICT (key) DO NOTHING RETURNING id, kind, city_id, user_id
), passed_on AS ({pass_on}
), unaddressed AS (
    INSERT INTO applicants_event (kind, subject, city_id, at, reason, data)
    SELECT 'reminder.unaddressed', coalesce('case:' || w.application_id, 'reminder:' || w.id),
           w.city_id, %(now)s, '', jsonb_build_object('reminder', w.key)
      FROM wanted w WHERE NOT EXISTS (SELECT 1 FROM concerned c WHERE c.id = w.id)
), escalated AS (
    INSERT INTO applicants_event (kind, subject, city_id, at, reason, data)
    SELECT %(event)s, 'case:' || w.application_id, w.city_id, %(now)s, '', w.data
      FROM wanted w WHERE %(event)s <> ''
)
SELECT count(*) FROM wanted
"""


class Due(NamedTuple):
    day: date
    pk: int
    cause: int


@transaction.atomic
def plan(*, anew: bool = False) -> int:
    """Write the reminders that what waits now will want; how many are new or have moved.

    `anew`: the calendar has changed, and the days of those that wait are counted again too.
    """
    given = _given() | {"anew": anew}
    return sum(_plan(kind, stage, given) for kind, sort in KINDS.items() for stage in sort.stages)


def _plan(kind: ReminderKind, stage: ReminderStage, given: dict[str, Any]) -> int:
    sort = KINDS[kind]
    ahead = stage == ReminderStage.AHEAD
    values = given | {
        "kind": kind,
        "stage": stage,
        "prefix": str(kind) if ahead else f"{kind}.{stage}",
        "dated": stage in (ReminderStage.AHEAD, ReminderStage.PAST),
        **_columns(settings_everywhere(sort.stages[stage].days)),
    }
    with connection.cursor() as cursor:
        cursor.execute(PLAN.format(cause=sort.cause, day=DAYS[stage]), values)
        return int(cursor.rowcount)


def _columns(values: dict[tuple[str, int], Any]) -> dict[str, list[Any]]:
    return {
        "cities": [city for city, _programme in values],
        "programmes": [programme for _city, programme in values],
        "days": [int(days) for days in values.values()],
    }


def send_due(*, most: int = AT_ONCE) -> int:
    """Write every reminder whose day has come to those concerned; how many were written."""
    given = _given()
    return sum(
        _send_all(kind, stage, most, given) for kind, sort in KINDS.items() for stage in sort.stages
    )


def _send_all(kind: ReminderKind, stage: ReminderStage, most: int, given: dict[str, Any]) -> int:
    """In ranges by day and id, each range in a transaction of its own."""
    written, seen, after = 0, most, BEGINNING
    while seen == most:
        with transaction.atomic():
            found = _claim(kind, stage, most, after, given)
            written += _send(kind, stage, found, given)
        seen, after = len(found), found[-1][:2] if found else after
    return written


def _claim(
    kind: ReminderKind,
    stage: ReminderStage,
    most: int,
    after: tuple[date, int],
    given: dict[str, Any],
) -> list[Due]:
    """The next due reminders that nobody else holds, this transaction's own until it ends."""
    place = {"after": after[0], "after_id": after[1], "most": most}
    with connection.cursor() as cursor:
        cursor.execute(FIND, given | place | {"kind": kind, "stage": stage})
        return [Due(*row) for row in cursor.fetchall()]


def _send(kind: ReminderKind, stage: ReminderStage, found: list[Due], given: dict[str, Any]) -> int:
    """Look again and write, in one statement; how many were wanted still."""
    if not found:
        return 0
    ids, causes = [one.pk for one in found], [one.cause for one in found]
    these = {
        "ids": ids,
        "first": min(ids),
        "last": max(ids),
        "first_of": min(causes),
        "last_of": max(causes),
    }
    sort = KINDS[kind]
    statement = SEND.format(
        cause=sort.cause,
        people=sort.stages[stage].people,
        staff=STAFF,
        mode=MODE_OF_REMINDER,
        pass_on=PASS_ON,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, given | _of(kind, stage, sort.stages[stage]) | these)
        wanted = int(cursor.fetchone()[0])
    notices.ring_for_all()
    return wanted


def _of(kind: ReminderKind, stage: ReminderStage, stage_of: Stage) -> dict[str, Any]:
    return {"kind": kind, "stage": stage, "notice": stage_of.notice, "event": stage_of.event}


def _given() -> dict[str, Any]:
    """What every statement may ask for: the day, the windows and periods, words and pages."""
    windows = _days_by_programme("window_closes")
    closing = {pk: date.fromisoformat(day) for pk, day in windows.items() if day}
    periods = _days_by_programme("payment_days")
    return {
        "today": working_days.today(),
        "now": timezone.now(),
        "windows": list(closing),
        "closings": list(closing.values()),
        "payment_programmes": list(periods),
        "payment_days": [int(days) for days in periods.values()],
        "tasks": json.dumps({kind.value: in_both(kind.label) for kind in TaskKind}),
        "task_kinds": [kind for kind, roles in CONCERNED.items() for _role in roles],
        "task_roles": [role for roles in CONCERNED.values() for role in roles],
        **_pages(),
    }


def _days_by_programme(key: str) -> dict[int, Any]:
    values = settings_everywhere(key).items()
    return {programme: value for (_city, programme), value in values if programme}


def _pages() -> dict[str, str]:
    """With 0 and 1 where an id is put in."""
    return {
        "case_page": reverse("reviews:case", args=[0]),
        "desk_page": reverse("admin:reviews_application_change", args=[0]),
        "objection_page": reverse("admin:reviews_objection_change", args=[0]),
        "reconsideration_page": reverse("admin:reviews_reconsideration_change", args=[0]),
        "payment_page": reverse("admin:incentives_payoutbatch_changelist"),
        "award_queue": reverse("admin:reviews_application_changelist") + "?queue=award",
        "entry_page": reverse("programmes:held_entry", args=[1, 0]),
    }


def in_both(label: str | Promise) -> dict[str, str]:
    """A label of the program kept as data, so that a notice can be read in either language."""
    said = {}
    for short, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            said[short] = str(label)
    return said
