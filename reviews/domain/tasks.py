from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from incentives.models import Bureau
from reviews.domain import working_days
from reviews.domain.assignments import continuing
from reviews.models import Application, ReviewTask
from reviews.models.task import TaskKind, TaskState


def open_task(
    case: Application,
    kind: TaskKind,
    *,
    bureau: Bureau,
    due_on: date,
    start: date | None = None,
    part_of: ReviewTask | None = None,
    question: str = "",
) -> ReviewTask:
    """Open a task whose period began on the day `start`, today unless told otherwise."""
    begun = start or working_days.today()
    return ReviewTask.objects.create(
        application=case,
        bureau=bureau,
        kind=kind,
        due_on=due_on,
        counted_from=begun,
        days=working_days.count_between(begun, due_on),
        opened_at=timezone.now(),
        part_of=part_of,
        question=question,
        assignee=continuing(case, bureau, kind),
    )


def open_task_of(case: Application, kind: TaskKind, *, bureau: Bureau) -> ReviewTask:
    task = case.tasks.filter(kind=kind, bureau=bureau, state=TaskState.OPEN).first()
    if task is None:
        raise Conflict(_("There is nothing open for this bureau here; reload the page."))
    return task


def begin_anew(open_tasks: QuerySet[ReviewTask], *, due_on: date) -> int:
    """Let the period of tasks begin today; how many there are."""
    today = working_days.today()
    days = working_days.count_between(today, due_on)
    return open_tasks.update(due_on=due_on, counted_from=today, days=days)


def next_of(case: Application) -> ReviewTask:
    """The task by whose end the handling bureau's review is due: an audit, else to determine."""
    own = case.tasks.filter(kind__in=[TaskKind.AUDIT, TaskKind.DETERMINATION], state=TaskState.OPEN)
    return own.order_by("kind")[0]


def finish(task: ReviewTask) -> None:
    task.state, task.done_at = TaskState.DONE, timezone.now()
    task.save(update_fields=["state", "done_at"])


def finish_all(case: Application, kind: TaskKind) -> None:
    for task in case.tasks.filter(kind=kind, state=TaskState.OPEN):
        finish(task)


def cancel_open(case: Application) -> None:
    for task in case.tasks.filter(state__in=[TaskState.OPEN, TaskState.PAUSED]):
        task.state, task.done_at = TaskState.CANCELLED, timezone.now()
        task.save(update_fields=["state", "done_at"])
