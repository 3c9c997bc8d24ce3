"""Who of a bureau does a task: its chiefs give it out, and its staff take what lies there."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.notices import notify
from applicants.models import Membership, User
from incentives.models import Bureau
from reviews.domain.cases import locked
from reviews.domain.handovers import WAITING, hand_over
from reviews.domain.interests import unbiased
from reviews.models import Application, Declaration, ReviewTask, StaffRole
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind

REVIEWERS = (Role.PREPARER, Role.APPROVER, Role.LEADER)
DOERS: dict[str, tuple[Role, ...]] = {
    TaskKind.FINANCE_CHECK: (Role.FINANCE_PREPARER,),
    TaskKind.AWARD: (Role.APPROVER,),
    TaskKind.CONCLUSION: (Role.APPROVER,),
}
CHIEFS: dict[str, tuple[Role, ...]] = {
    TaskKind.FINANCE_CHECK: (Role.APPROVER, Role.LEADER, Role.FINANCE_APPROVER),
}


def doers(kind: str) -> tuple[Role, ...]:
    """The roles of a bureau that do such a task."""
    return DOERS.get(kind, REVIEWERS)


def chiefs(kind: str) -> tuple[Role, ...]:
    """The roles of a bureau that give such a task out."""
    return CHIEFS.get(kind, (Role.APPROVER, Role.LEADER))


@transaction.atomic
def assign(
    *, task_id: int, to: User, user: User, reason: str = "", tell: bool = True
) -> ReviewTask:
    """Give a waiting task to one of the bureau, or to another one; then with the reason.

    The contents stay closed to whoever gives it out, so no declaration is asked for.
    """
    task = _locked(task_id)
    unbiased(task.application, user, *chiefs(task.kind), bureau=task.bureau)
    if task.assignee_id == to.pk:
        raise Refused({"to": _("%s has this task already.") % to})
    if task.assignee and not reason.strip():
        raise Refused({"reason": _("Say why it passes from %s to another.") % task.assignee})
    if not candidates(task).filter(pk=to.pk).exists():
        told = {"person": to, "bureau": task.bureau}
        raise Refused({"to": _("%(person)s of %(bureau)s cannot do this task here.") % told})
    hand_over(task, to=to, reason=reason.strip(), by=user)
    if tell and to.pk != user.pk:
        _tell(task, to, user)
    return task


@transaction.atomic
def take(*, task_id: int, user: User) -> ReviewTask:
    """Take a waiting task that nobody has; of two at once, one gets it."""
    task = _locked(task_id)
    unbiased(task.application, user, *doers(task.kind), bureau=task.bureau)
    if task.assignee_id == user.pk:
        raise Conflict(_("You have this task already."))
    if task.assignee:
        raise Conflict(
            _("%s has this task; a chief of the bureau can reassign it.") % task.assignee
        )
    hand_over(task, to=user, reason="", by=user)
    return task


@transaction.atomic
def give_back(*, task_id: int, reason: str, user: User) -> ReviewTask:
    """Lay an assigned task back on the bureau's table, by its holder or a chief."""
    task = _locked(task_id)
    if task.assignee_id != user.pk:
        unbiased(task.application, user, *chiefs(task.kind), bureau=task.bureau)
    if task.assignee is None:
        raise Conflict(_("Nobody has this task."))
    if not reason.strip():
        raise Refused({"reason": _("Say why the task goes back.")})
    hand_over(task, to=None, reason=reason.strip(), by=user)
    return task


def candidates(task: ReviewTask) -> QuerySet[User]:
    """Who of the bureau may do the task: in the role, and without a tie to the applicant."""
    members = Membership.objects.filter(party=task.application.applicant_id, is_active=True)
    tied = Declaration.objects.filter(application=task.application_id, conflict=True)
    found = staff_for(task.bureau, [task.kind])
    return found.exclude(pk__in=members.values("user")).exclude(pk__in=tied.values("user"))


def staff_for(bureau: Bureau, kinds: Iterable[str]) -> QuerySet[User]:
    """Who of the bureau holds a role that does one of these kinds of tasks, by name."""
    roles = {role for kind in kinds for role in doers(kind)}
    held = StaffRole.objects.filter(
        user=OuterRef("pk"), bureau=bureau, role__in=roles, is_active=True
    )
    people = User.objects.filter(Exists(held), is_active=True, is_staff=True)
    return people.order_by("name", "pk")


def continuing(case: Application, bureau: Bureau, kind: str) -> User | None:
    """Whoever had the bureau's last task in the case goes on with it, if the role allows."""
    had = case.tasks.filter(bureau=bureau, assignee__isnull=False).order_by("-pk")
    last = had.values_list("assignee", flat=True).first()
    if last is None:
        return None
    task = ReviewTask(application=case, bureau=bureau, kind=kind)
    return candidates(task).filter(pk=last).first()


def _locked(task_id: int) -> ReviewTask:
    """A waiting task under the lock of its case."""
    found = ReviewTask.objects.filter(pk=task_id).values_list("application", flat=True).first()
    if found is None:
        raise NotAllowed(_("There is no such task for you."))
    case = locked(found, *CaseState)
    task = ReviewTask.objects.select_related("bureau", "assignee").get(pk=task_id)
    if task.state not in WAITING:
        raise Conflict(_("This task is no longer open; reload the page."))
    task.application = case
    return task


def _tell(task: ReviewTask, to: User, by: User) -> None:
    case, serial = task.application, task.handovers.count()
    notify(
        user=to,
        kind="task.assigned",
        key=f"task.assigned:{task.pk}:{serial}",
        data={
            "number": case.number or "",
            "title_zh": case.programme.title_zh,
            "title_en": case.programme.title_en,
            "by": str(by),
            "due_on": task.due_on.isoformat(),
        },
        url=reverse("admin:reviews_application_change", args=[case.pk]),
    )


def tell_of_many(*, to: User, count: int, by: User, key: str) -> None:
    """One notice for what was assigned at once."""
    notify(
        user=to,
        kind="task.assigned_many",
        key=f"task.assigned_many:{key}",
        data={"count": count, "by": str(by)},
        url=f"{reverse('admin:reviews_application_changelist')}?queue=mine",
    )
