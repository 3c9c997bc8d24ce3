"""Open work that passes from one person to another, each time with a row that says why."""

from django.db.models import QuerySet

from applicants.models import User
from reviews.domain.cases import note
from reviews.models import Application, Handover, ReviewTask
from reviews.models.task import TaskState

WAITING = (TaskState.OPEN, TaskState.PAUSED)


def hand_over(task: ReviewTask, *, to: User | None, reason: str, by: User) -> Handover:
    """Give a waiting task to somebody, or back to the bureau; inside the caller's transaction."""
    before, task.assignee = task.assignee, to
    task.save(update_fields=["assignee"])
    note(
        task.application,
        actor=by,
        event="task.assigned" if to else "task.given_back",
        reason=reason,
        data={"bureau": task.bureau.code, "task": task.kind, "to": str(to) if to else None},
    )
    return Handover.objects.create(
        task=task, handed_from=before, handed_to=to, reason=reason, handed_by=by
    )


def waiting_work(user: User) -> QuerySet[ReviewTask]:
    """What is assigned to the person and not done yet."""
    tasks = ReviewTask.objects.filter(assignee=user, state__in=WAITING).order_by("pk")
    return tasks.select_related("application__city", "bureau", "assignee")


def give_up(case: Application, user: User, *, reason: str) -> None:
    """Whoever has an interest in a case keeps no task of it."""
    for task in waiting_work(user).filter(application=case):
        task.application = case
        hand_over(task, to=None, reason=reason, by=user)
