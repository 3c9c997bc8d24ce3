"""What is overdue in a city, bureau by bureau: for its coordinating office and its auditors."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from applicants.models import User
from incentives.models import Bureau
from reviews.domain import working_days
from reviews.domain.roles import roles_of
from reviews.models import CalendarDay, Reminder, ReviewTask
from reviews.models.reminder import ReminderStage
from reviews.models.staff import Role
from reviews.models.task import TaskState

SEEN_BY = (Role.COORDINATOR, Role.AUDITOR)
LISTED = 200


@dataclass(frozen=True)
class Row:
    bureau: Bureau
    tasks: int
    cases: int
    oldest: date
    days: int  # working days since the oldest deadline
    at_leader: int
    at_office: int


def overdue_tasks(user: User) -> QuerySet[ReviewTask]:
    """Open tasks past their deadline in the cities that the person watches over."""
    cities = roles_of(user).filter(role__in=SEEN_BY).values("city_id")
    tasks = ReviewTask.objects.filter(
        state=TaskState.OPEN, due_on__lt=working_days.today(), application__city__in=cities
    )
    return tasks.annotate(
        at_leader=Exists(_sent(ReminderStage.LEADER)), at_office=Exists(_sent(ReminderStage.OFFICE))
    )


def _sent(stage: ReminderStage) -> QuerySet[Reminder]:
    return Reminder.objects.filter(task=OuterRef("pk"), stage=stage, sent_at__isnull=False)


def by_bureau(user: User) -> list[Row]:
    """The bureaus with most overdue tasks first; three queries however many."""
    counted = list(
        overdue_tasks(user)
        .order_by()
        .values("bureau_id")
        .annotate(
            tasks=Count("pk"),
            cases=Count("application", distinct=True),
            oldest=Min("due_on"),
            leader=Count("pk", filter=Q(at_leader=True)),
            office=Count("pk", filter=Q(at_office=True)),
        )
        .order_by("-tasks", "bureau_id")
    )
    bureaus = Bureau.objects.in_bulk([row["bureau_id"] for row in counted])
    today = working_days.today()
    worked = _worked(min((row["oldest"] for row in counted), default=today), today)
    return [
        Row(
            bureaus[row["bureau_id"]], row["tasks"], row["cases"], row["oldest"],
            len(worked) - bisect_right(worked, row["oldest"]), row["leader"], row["office"],
        )
        for row in counted
    ]  # fmt: skip


def _worked(first: date, today: date) -> list[date]:
    days = CalendarDay.objects.filter(date__range=(first, today), is_working=True)
    return list(days.order_by("date").values_list("date", flat=True))


def of_bureau(user: User, bureau_id: int) -> list[ReviewTask]:
    """The oldest of one bureau: what is late, not what stands in the case."""
    tasks = overdue_tasks(user).filter(bureau=bureau_id).order_by("due_on", "id")
    return list(tasks.select_related("application__programme", "assignee")[:LISTED])
