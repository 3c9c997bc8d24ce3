"""Whether a reminder is still wanted when its day has come, whom it is for, and what it tells."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import override

from applicants.domain.events import record
from applicants.models import Membership, Notice, User
from incentives.domain.settings import setting
from reviews.domain import working_days
from reviews.domain.cases import subject_of
from reviews.models import Reminder, ReviewTask
from reviews.models.lifecycle import CaseState
from reviews.models.reminder import ReminderKind
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState

REVIEWERS = (Role.PREPARER, Role.APPROVER)
CONCERNED: dict[str, tuple[Role, ...]] = {
    TaskKind.ACCEPTANCE: REVIEWERS,
    TaskKind.OPINION: REVIEWERS,
    TaskKind.DETERMINATION: REVIEWERS,
    TaskKind.FINANCE_CHECK: (Role.FINANCE_PREPARER,),
    TaskKind.PUBLICITY: REVIEWERS,
    TaskKind.AWARD: (Role.APPROVER,),
    TaskKind.CONCLUSION: (Role.APPROVER,),
}


def is_wanted(reminder: Reminder) -> bool:
    """The task, supplement or draft still waits, for the same deadline."""
    case, today = reminder.application, working_days.today()
    if reminder.task:
        task = reminder.task
        same = task.state == TaskState.OPEN and task.due_on == reminder.due_on
        return same and (is_overdue(reminder) or today <= reminder.due_on)
    if reminder.kind == ReminderKind.SUPPLEMENT_DUE:
        return case.state == CaseState.RETURNED and case.due_on == reminder.due_on
    closes = setting(city=case.city, key="window_closes", programme=case.programme)
    open_still = closes == reminder.due_on.isoformat() and today <= reminder.due_on
    return case.state == CaseState.DRAFT and open_still


def is_overdue(reminder: Reminder) -> bool:
    """The reminder of a deadline that has passed, planned beside the one ahead of it."""
    return reminder.remind_on > reminder.due_on


def compose(reminder: Reminder) -> list[Notice]:
    """A notice for each person concerned; an event when there is nobody."""
    people = list(recipients(reminder))
    if not people:
        _nobody(reminder)
    kind = f"reminder.{reminder.kind}"
    if is_overdue(reminder):
        kind = "reminder.review_overdue"
    data, url = _data(reminder), _page(reminder)
    return [
        Notice(user=person, kind=kind, key=f"{reminder.key}:{person.pk}", data=data, url=url)
        for person in people
    ]


def recipients(reminder: Reminder) -> QuerySet[User]:
    """The applicant's members, or the bureau's staff for the task; nobody reviews the own case."""
    members = Membership.objects.filter(party=reminder.application.applicant_id)
    active = User.objects.filter(is_active=True).order_by("pk")
    if reminder.task is None:
        return active.filter(pk__in=members.filter(is_active=True).values("user"))
    roles = CONCERNED[reminder.task.kind]
    bureau = reminder.task.bureau_id
    staff = active.filter(
        is_staff=True,
        staffrole__is_active=True,
        staffrole__bureau=bureau,
        staffrole__role__in=roles,
    )
    return staff.exclude(pk__in=members.values("user")).distinct()


def _nobody(reminder: Reminder) -> None:
    case = reminder.application
    record(
        kind="reminder.unaddressed",
        subject=subject_of(case),
        actor=None,
        city=case.city,
        data={"reminder": reminder.key},
    )


def _data(reminder: Reminder) -> dict[str, Any]:
    case = reminder.application
    told = {
        "number": case.number or "",
        "title_zh": case.programme.title_zh,
        "title_en": case.programme.title_en,
        "due_on": reminder.due_on.isoformat(),
        "reason": case.returned_reason,
    }
    return told | (_task(reminder.task) if reminder.task else {})


def _task(task: ReviewTask) -> dict[str, Any]:
    return {
        "task": in_both(TaskKind(task.kind).label),
        "bureau": {"zh": task.bureau.name_zh, "en": task.bureau.name_en},
    }


def in_both(label: str | Promise) -> dict[str, str]:
    """A label of the program kept as data, so that a notice can be read in either language."""
    said = {}
    for short, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            said[short] = str(label)
    return said


def _page(reminder: Reminder) -> str:
    if reminder.task:
        return reverse("admin:reviews_application_change", args=[reminder.application_id])
    return reverse("reviews:case", args=[reminder.application_id])
