"""Deadlines recounted after the working-day calendar has changed: a few statements over sets.

A period is kept with the day it is counted from and its working days, so that it can be counted
again at any time: nothing that is right is touched, and the next run finishes what one that was cut
short has left. A period that stands still (补正停止计时) is counted when it goes on; a day that was
named (a commission, a promise, the end of publicity) stays as it was named.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from applicants.models import Event
from reviews.domain import reminders
from reviews.domain.cases import subject_of
from reviews.models import Application
from reviews.models.task import TaskKind

AT_ONCE = 500  # cases locked in one transaction

COUNTED = """
counted AS MATERIALIZED (
    SELECT date, is_working, sum(is_working::int) OVER (ORDER BY date) AS n
      FROM reviews_calendarday
)
"""
TASKS = """
SELECT t.id, t.application_id, t.kind, t.bureau_id, t.due_on AS was, ends.date AS due_on
  FROM reviews_reviewtask t
  JOIN counted begins ON begins.date = t.counted_from
  JOIN counted ends ON ends.is_working AND ends.n = begins.n + t.days
 WHERE t.state = 'open' AND t.days > 0 AND ends.date <> t.due_on
"""
SUPPLEMENTS = """
SELECT a.id, a.id AS application_id, 'supplement' AS kind, a.handling_bureau_id AS bureau_id,
       a.due_on AS was, ends.date AS due_on
  FROM reviews_application a
  JOIN counted begins ON begins.date = a.due_from
  JOIN counted ends ON ends.is_working AND ends.n = begins.n + a.due_days
 WHERE a.state = 'returned' AND a.due_days > 0 AND ends.date <> a.due_on
"""
WRONG = """
WITH {counted} SELECT application_id FROM ({tasks}) t UNION SELECT id FROM ({supplements}) s
"""
MOVE_TASKS = """
WITH {counted}, wrong AS ({tasks} AND t.application_id = ANY(%(cases)s))
UPDATE reviews_reviewtask t SET due_on = w.due_on
  FROM wrong w JOIN incentives_bureau b ON b.id = w.bureau_id WHERE t.id = w.id
RETURNING w.application_id, w.id, w.kind, b.code, w.was, w.due_on
"""
MOVE_SUPPLEMENTS = """
WITH {counted}, wrong AS ({supplements} AND a.id = ANY(%(cases)s))
UPDATE reviews_application a SET due_on = w.due_on
  FROM wrong w JOIN incentives_bureau b ON b.id = w.bureau_id WHERE a.id = w.id
RETURNING w.application_id, w.id, w.kind, b.code, w.was, w.due_on
"""
PARTS = {"counted": COUNTED, "tasks": TASKS, "supplements": SUPPLEMENTS}
Moved = dict[int, list[dict[str, Any]]]


def waiting() -> int:
    """How many cases have a deadline that the calendar counts otherwise by now."""
    return len(_wrong())


def recount() -> int:
    """Move every such deadline, with an event for each case; returns how many cases were moved."""
    cases = sorted(_wrong())
    moved = sum(_recount_some(cases[at : at + AT_ONCE]) for at in range(0, len(cases), AT_ONCE))
    reminders.plan(anew=True)
    return moved


def _wrong() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(WRONG.format(**PARTS))
        return [row[0] for row in cursor]


@transaction.atomic
def _recount_some(ids: Sequence[int]) -> int:
    """Cases are locked first, in their order, as every verb does; then looked at again."""
    cases = Application.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {case.pk: case for case in cases.filter(pk__in=ids)}
    moved: Moved = defaultdict(list)
    for statement in (MOVE_TASKS, MOVE_SUPPLEMENTS):
        _move(statement, list(found), moved)
    for pk, lines in moved.items():
        _follow(found[pk], lines)
    Application.objects.bulk_update([found[pk] for pk in moved], ["due_on"])
    Event.objects.bulk_create(_event(found[pk], lines) for pk, lines in moved.items())
    return len(moved)


def _move(statement: str, cases: list[int], moved: Moved) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**PARTS), {"cases": cases})
        for case, pk, kind, bureau, was, due_on in cursor:
            told = {"id": pk, "kind": kind, "bureau": bureau, "was": was, "due_on": due_on}
            moved[case].append(told)


def _follow(case: Application, lines: list[dict[str, Any]]) -> None:
    """The case's own deadline is that of the step it waits in; opinions run beside it."""
    beside = (TaskKind.OPINION, TaskKind.SCORING)
    for line in lines:
        if line["kind"] not in beside and line["was"] == case.due_on:
            case.due_on = line["due_on"]
            return


def _event(case: Application, lines: list[dict[str, Any]]) -> Event:
    told = [
        line | {"was": line["was"].isoformat(), "due_on": line["due_on"].isoformat()}
        for line in lines
    ]
    return Event(
        kind="case.deadlines_recounted",
        subject=subject_of(case),
        city_id=case.city_id,
        data={"deadlines": told},
    )
