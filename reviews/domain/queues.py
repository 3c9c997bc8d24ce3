"""What waits for a person's bureaus, in queues, oldest deadline first. Counts stop at a ceiling."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from incentives.domain import budgets
from incentives.models import InstalmentFinding, Settlement
from incentives.models.award import FindingState, SettlementState
from reviews.domain import answering, rounds, working_days
from reviews.domain.queries import REVIEWING, cases_for_staff, was_asked
from reviews.domain.roles import roles_of
from reviews.models import (
    Application,
    Determination,
    Opinion,
    PublicityItem,
    ReviewTask,
    Signature,
    StaffRole,
)
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState

MOST_COUNTED = 200
STAFF = (*REVIEWING, Role.FINANCE_PREPARER)  # who have steps of cases to take
ANSWERING = (Role.APPROVER, Role.LEADER)  # of the handling bureau, and with no part in the decision


@dataclass(frozen=True)
class Desk:
    """A member of staff with the bureaus of each role, and whose work it is: a deputy's, two's."""

    user: User
    bureaus: dict[str, list[int]] = field(default_factory=dict)
    people: frozenset[int] = frozenset()

    def of(self, *roles: Role) -> set[int]:
        return {bureau for role in roles for bureau in self.bureaus.get(role, [])}


@dataclass(frozen=True)
class Queue:
    key: str
    title: str | Promise
    roles: tuple[Role, ...]
    holds: Callable[[Desk], Q]


def desk_of(user: User) -> Desk:
    bureaus: dict[str, list[int]] = {}
    people = {user.pk}
    for role, bureau, person in roles_of(user).values_list("role", "bureau_id", "user_id"):
        bureaus.setdefault(role, []).extend([bureau] if bureau else [])
        people.add(person)
    return Desk(user, bureaus, frozenset(people))


def open_tasks(bureaus: set[int], *kinds: TaskKind) -> QuerySet[ReviewTask]:
    """Open tasks of these bureaus in the case of the outer query."""
    tasks = ReviewTask.objects.filter(
        application=OuterRef("pk"), state=TaskState.OPEN, bureau__in=bureaus
    )
    return tasks.filter(kind__in=kinds) if kinds else tasks


def _mine(desk: Desk) -> Q:
    """Assigned to the person, or to a colleague whose deputy the person is."""
    return Q(Exists(open_tasks(desk.of(*STAFF)).filter(assignee__in=desk.people)))


def _unassigned(desk: Desk) -> Q:
    return Q(Exists(open_tasks(desk.of(*STAFF)).filter(assignee=None)))


def _others(desk: Desk) -> Q:
    """Living cases in which the applicant or another bureau has to move before mine can.

    A determination that waits for opinions of others is not mine to move either.
    """
    own = desk.of(*STAFF)
    elsewhere = ReviewTask.objects.filter(
        application=OuterRef("application"), state=TaskState.OPEN
    ).exclude(bureau__in=own)
    mine = open_tasks(own).filter(~Q(kind=TaskKind.DETERMINATION) | ~Exists(elsewhere))
    part = Q(handling_bureau__in=own) | was_asked(own)
    return Q(part, ~Exists(mine), due_on__isnull=False)


def _waiting(desk: Desk) -> Q:
    return Q(Exists(open_tasks(desk.of(*STAFF))))


def _overdue(desk: Desk) -> Q:
    late = open_tasks(desk.of(*STAFF)).filter(due_on__lt=working_days.today())
    return Q(Exists(late))


def _acceptance(desk: Desk) -> Q:
    return Q(Exists(open_tasks(desk.of(*REVIEWING), TaskKind.ACCEPTANCE)))


def _audits(desk: Desk) -> Q:
    return Q(Exists(open_tasks(desk.of(Role.PREPARER), TaskKind.AUDIT)))


def _opinions_to_prepare(desk: Desk) -> Q:
    unwritten = ~Exists(Opinion.objects.filter(task=OuterRef("pk")))
    return Q(Exists(open_tasks(desk.of(Role.PREPARER), TaskKind.OPINION).filter(unwritten)))


def _opinions_to_approve(desk: Desk) -> Q:
    written = Opinion.objects.filter(task=OuterRef("pk")).exclude(prepared_by=desk.user.pk)
    tasks = open_tasks(desk.of(Role.APPROVER), TaskKind.OPINION)
    return Q(Exists(tasks.filter(Exists(written))))


def _to_propose(desk: Desk) -> Q:
    awaited = ReviewTask.objects.filter(
        application=OuterRef("pk"),
        state=TaskState.OPEN,
        kind__in=[TaskKind.OPINION, TaskKind.SCORING],
    )
    own = Exists(open_tasks(desk.of(Role.PREPARER), TaskKind.DETERMINATION))
    return Q(own, ~Exists(awaited), ~Exists(rounds.unranked()), state=CaseState.ACCEPTED)


def _to_approve(desk: Desk) -> Q:
    """First an approver signs, and above the city's sums leaders after them.

    One that is signed and waits for its budget is shared out with the others, not approved; it is
    back once no budget is shared any more.
    """
    proposed = Determination.objects.filter(
        application=OuterRef("pk"), state=DeterminationState.PROPOSED
    ).exclude(proposed_by=desk.user.pk)
    signed = Signature.objects.filter(determination=OuterRef("pk"))
    whole = proposed.filter(Exists(signed.filter(level=OuterRef("signatures_needed"))))
    mine = signed.filter(Q(signed_by=desk.user.pk) | Q(level=OuterRef("signatures_needed")))
    others = proposed.exclude(Exists(mine))
    first = Q(
        Exists(open_tasks(desk.of(Role.APPROVER), TaskKind.DETERMINATION)),
        Exists(others.exclude(Exists(signed))),
    )
    further = Q(
        Exists(open_tasks(desk.of(Role.LEADER), TaskKind.DETERMINATION)),
        Exists(others.filter(Exists(signed))),
    )
    shared = budgets.given_pro_rata(OuterRef("programme"), working_days.today().year)
    again = Q(
        Exists(open_tasks(desk.of(*ANSWERING), TaskKind.DETERMINATION)),
        Exists(whole),
        ~Exists(shared),
    )
    return Q(first | further | again, state=CaseState.PROPOSED)


def _finance(desk: Desk) -> Q:
    return Q(Exists(open_tasks(desk.of(Role.FINANCE_PREPARER), TaskKind.FINANCE_CHECK)))


def _publicity(desk: Desk) -> Q:
    return Q(Exists(open_tasks(desk.of(*REVIEWING), TaskKind.PUBLICITY)))


def _award(desk: Desk) -> Q:
    running = PublicityItem.objects.filter(
        application=OuterRef("pk"),
        notice__ends_on__gte=working_days.today(),
        notice__ends_on__gt=F("notice__starts_on"),  # as PublicityNotice.has_ended reads it
    )
    return Q(
        Exists(open_tasks(desk.of(Role.APPROVER), TaskKind.AWARD, TaskKind.CONCLUSION)),
        ~Exists(running),
    )


def _findings(desk: Desk) -> Q:
    """What was found on an instalment, by another of the bureau."""
    prepared = InstalmentFinding.objects.filter(state=FindingState.PREPARED)
    others = prepared.exclude(prepared_by=desk.user.pk)
    return Q(
        handling_bureau__in=desk.of(Role.APPROVER),
        number__in=others.values("instalment__award__case_number"),
    )


def _settlements(desk: Desk) -> Q:
    prepared = Settlement.objects.filter(state=SettlementState.PREPARED)
    others = prepared.exclude(prepared_by=desk.user.pk)
    return Q(
        handling_bureau__in=desk.of(Role.APPROVER), number__in=others.values("award__case_number")
    )


def _objections(desk: Desk) -> Q:
    return answering.objections(desk.user, desk.of(*ANSWERING))


def _reconsiderations(desk: Desk) -> Q:
    return answering.reconsiderations(desk.user, desk.of(*ANSWERING))


QUEUES: tuple[Queue, ...] = (
    Queue("mine", _("my work"), STAFF, _mine),
    Queue("waiting", _("waiting for my bureau"), STAFF, _waiting),
    Queue("unassigned", _("not assigned yet"), STAFF, _unassigned),
    Queue("overdue", _("overdue"), STAFF, _overdue),
    Queue("others", _("waiting for others"), STAFF, _others),
    Queue("accept", _("to accept"), REVIEWING, _acceptance),
    Queue("audit", _("third-party audits"), (Role.PREPARER,), _audits),
    Queue("prepare", _("opinions to prepare"), (Role.PREPARER,), _opinions_to_prepare),
    Queue("give", _("opinions to approve"), (Role.APPROVER,), _opinions_to_approve),
    Queue("propose", _("determinations to propose"), (Role.PREPARER,), _to_propose),
    Queue("approve", _("determinations to approve"), (Role.APPROVER, Role.LEADER), _to_approve),
    Queue("finance", _("finance checks"), (Role.FINANCE_PREPARER,), _finance),
    Queue("publicity", _("publicity"), REVIEWING, _publicity),
    Queue("award", _("awards and conclusions"), (Role.APPROVER,), _award),
    Queue("findings", _("findings on instalments to confirm"), (Role.APPROVER,), _findings),
    Queue("settlements", _("settlements to approve"), (Role.APPROVER,), _settlements),
    Queue("objections", _("objections to handle"), ANSWERING, _objections),
    Queue("reconsiderations", _("reconsiderations to decide"), ANSWERING, _reconsiderations),
)


def queues_of(desk: Desk) -> list[Queue]:
    """The queues of the roles that the person holds; auditors and editors have none."""
    return [queue for queue in QUEUES if any(role in desk.bureaus for role in queue.roles)]


def users_of(bureaus: Iterable[int]) -> QuerySet[User]:
    """Who holds a role of these bureaus in person, by name."""
    held = StaffRole.objects.filter(bureau__in=list(bureaus), is_active=True)
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name", "pk")


def opening(desk: Desk) -> str | None:
    """Where the list opens: at one's own work, or at the bureau's for whoever has none assigned."""
    keys = [queue.key for queue in queues_of(desk)]
    if "mine" not in keys:
        return keys[0] if keys else None
    own = ReviewTask.objects.filter(
        assignee__in=desk.people, bureau__in=desk.of(*STAFF), state=TaskState.OPEN
    )
    return "mine" if own.exists() else "waiting"


def cases_in(queue: str, desk: Desk) -> QuerySet[Application]:
    """The cases of one queue that the person may see."""
    chosen = next(item for item in QUEUES if item.key == queue)
    return cases_for_staff(desk.user).filter(chosen.holds(desk))


def counted(cases: QuerySet[Any]) -> str:
    """How many, in figures; '200+' beyond the ceiling."""
    found = cases.order_by()[: MOST_COUNTED + 1].count()
    return str(found) if found <= MOST_COUNTED else f"{MOST_COUNTED}+"


def by_deadline(cases: QuerySet[Application], desk: Desk) -> QuerySet[Application]:
    """With `deadline`: of the bureau's own open task, else of the step that the case waits in."""
    own = open_tasks(desk.of(*STAFF)).order_by("due_on").values("due_on")[:1]
    dated = cases.annotate(deadline=Coalesce(Subquery(own), F("due_on")))
    return dated.order_by(F("deadline").asc(nulls_last=True), "id")
