from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.models import User
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
    days = working_days.count_between(begun, due_on)
    task = _opened(case, kind, bureau, begun, due_on, days, continuing(case, bureau, kind))
    task.part_of, task.question = part_of, question
    task.save(force_insert=True)
    return task


def open_many(due: Mapping[Application, date], kind: TaskKind, *, bureau: Bureau) -> None:
    """As `open_task` for each case, from today, in a fixed number of queries.

    Two more for each case in which somebody of the bureau has had a task: they go on with it.
    """
    begun = working_days.today()
    days = {day: working_days.count_between(begun, day) for day in set(due.values())}
    had = ReviewTask.objects.filter(application__in=due, bureau=bureau, assignee__isnull=False)
    went_on = set(had.values_list("application", flat=True))
    going_on = {case: continuing(case, bureau, kind) for case in due if case.pk in went_on}
    ReviewTask.objects.bulk_create(
        _opened(case, kind, bureau, begun, due_on, days[due_on], going_on.get(case))
        for case, due_on in due.items()
    )


def _opened(
    case: Application,
    kind: TaskKind,
    bureau: Bureau,
    begun: date,
    due_on: date,
    days: int,
    assignee: User | None,
) -> ReviewTask:
    return ReviewTask(
        application=case,
        bureau=bureau,
        kind=kind,
        due_on=due_on,
        counted_from=begun,
        days=days,
        opened_at=timezone.now(),
        assignee=assignee,
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


def finish_many(cases: Sequence[Application], kind: TaskKind) -> None:
    """The task of the handling bureau in each of the cases."""
    waiting = ReviewTask.objects.filter(application__in=cases, kind=kind, state=TaskState.OPEN)
    own = waiting.filter(bureau=F("application__handling_bureau"))
    if own.update(state=TaskState.DONE, done_at=timezone.now()) != len(cases):
        raise Conflict(_("There is nothing open for this bureau here; reload the page."))


def finish_all(case: Application, kind: TaskKind) -> None:
    for task in case.tasks.filter(kind=kind, state=TaskState.OPEN):
        finish(task)


def cancel_open(case: Application) -> None:
    for task in case.tasks.filter(state__in=[TaskState.OPEN, TaskState.PAUSED]):
        task.state, task.done_at = TaskState.CANCELLED, timezone.now()
        task.save(update_fields=["state", "done_at"])
