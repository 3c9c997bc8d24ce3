"""Whether one step would succeed in each of many cases, and why not: looked up, nothing tried.

A fixed number of queries, however many cases, and one for each programme of which signed cases may
wait for a budget. It says what reviews.domain.actions.available says of one case (a test holds the
two together); the verbs check again under lock.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.models import Membership, User
from reviews.domain import working_days
from reviews.domain.actions import Action
from reviews.domain.assessing import rules
from reviews.domain.assignments import chiefs, doers, staff_for
from reviews.domain.determinations import waits
from reviews.domain.handovers import WAITING
from reviews.domain.roles import roles_of
from reviews.models import (
    Application,
    Assistance,
    Declaration,
    Determination,
    Objection,
    Opinion,
    PublicityItem,
    ReviewTask,
)
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ObjectionState
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind, TaskState

REVIEWERS = {Role.PREPARER, Role.APPROVER}
SIGNERS = {Role.APPROVER, Role.LEADER}


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a step would do in a case: it would succeed unless `why_not` says otherwise."""

    case: Application
    action: Action | None = None
    why_not: str = ""
    tasks: tuple[ReviewTask, ...] = ()


Why = str
Found = Action | tuple[ReviewTask, ...] | Why


class Table:
    """What the steps of these cases depend on, read once."""

    def __init__(self, cases: Sequence[Application], user: User, to: User | None = None) -> None:
        self.user, self.to = user, to
        self.keys = [case.pk for case in cases]
        self._waits: dict[int, bool] = {}
        self.held: dict[int | None, set[str]] = defaultdict(set)
        for bureau, role in roles_of(user).values_list("bureau", "role"):
            self.held[bureau].add(role)
        declared = Declaration.objects.filter(application__in=self.keys)
        self.declared = set(declared.filter(user=user).values_list("application", flat=True))
        self.tied = set(declared.filter(conflict=True).values_list("application", "user"))
        people = [user, to or user]
        held = Membership.objects.filter(user__in=people)
        found = list(held.values_list("party", "party__successor", "user"))
        self.members = {(party, person) for party, _successor, person in found}
        self.went_on = {(successor, person) for _party, successor, person in found}
        filed = Assistance.objects.filter(party__in={case.applicant_id for case in cases})
        self.assisted = set(filed.filter(clerk__in=people).values_list("party", "clerk"))
        self.tasks: dict[int, list[ReviewTask]] = defaultdict(list)
        waiting = ReviewTask.objects.filter(application__in=self.keys, state__in=WAITING)
        for task in waiting.select_related("bureau", "assignee").order_by("pk"):
            self.tasks[task.application_id].append(task)

    def opinions(self) -> dict[int, Opinion]:
        found = Opinion.objects.filter(task__application__in=self.keys, approved_by=None)
        return {one.task_id: one for one in found}

    def living(self) -> dict[int, Determination]:
        states = [DeterminationState.PROPOSED, DeterminationState.APPROVED]
        found = Determination.objects.filter(application__in=self.keys, state__in=states)
        return {one.application_id: one for one in found.prefetch_related("signatures")}

    def last_days(self) -> dict[int, tuple[date, bool]]:
        """Of the newest notice of each case: its last day, and whether it is over."""
        newest = PublicityItem.objects.filter(application__in=self.keys).values("application")
        ids = newest.annotate(last=Max("notice")).order_by().values_list("application", "last")
        items = PublicityItem.objects.filter(
            notice__in=[notice for _case, notice in ids], application__in=self.keys
        )
        wanted, today = dict(ids), working_days.today()
        return {
            item.application_id: (item.notice.ends_on, item.notice.has_ended(today))
            for item in items.select_related("notice")
            if wanted[item.application_id] == item.notice_id
        }

    def objected(self) -> set[int]:
        waiting = Objection.objects.filter(
            item__application__in=self.keys, state=ObjectionState.FILED
        )
        return set(waiting.values_list("item__application", flat=True))

    def waits(self, case: Application) -> bool:
        """Asked once for each programme."""
        if case.programme_id not in self._waits:
            self._waits[case.programme_id] = waits(case, timezone.now())
        return self._waits[case.programme_id]

    def has_conflict(self, case: Application, person: User) -> bool:
        """As interests.has_conflict finds."""
        own, later = (case.applicant_id, person.pk), (case.applicant.successor_id, person.pk)
        tied = own in self.members or own in self.went_on or later in self.members
        filed = own in self.assisted or case.assisted_by_id == person.pk
        return tied or filed or (case.pk, person.pk) in self.tied


Look = Callable[[Table], Callable[[Application], Found]]


def prospects(
    step: str, cases: Sequence[Application], user: User, *, to: User | None = None
) -> list[Prospect]:
    """For each case in turn. `to` is whom the step `assign` gives the tasks to."""
    table = Table(cases, user, to)
    look = STEPS[step](table)
    return [_told(case, _before(step, table, case) or look(case)) for case in cases]


def _told(case: Application, found: Found) -> Prospect:
    if isinstance(found, Action):
        return Prospect(case, found)
    return Prospect(case, why_not=found) if isinstance(found, str) else Prospect(case, tasks=found)


def _before(step: str, table: Table, case: Application) -> Why:
    if table.has_conflict(case, table.user):
        return _("You have declared a conflict of interest in this case.")
    undeclared = case.pk not in table.declared
    if undeclared and step not in ("declare", "assign", "take"):
        return _("Declare first that you have no conflict of interest in this case.")
    return ""


def _is_now(case: Application) -> Why:
    return _("The case is now “%(state)s”.") % {"state": case.get_state_display()}


def _not_yours(case: Application) -> Why:
    return _("This is for others of %s.") % case.handling_bureau


def _declare(table: Table) -> Callable[[Application], Found]:
    told = _("You have declared already.")
    return lambda case: told if case.pk in table.declared else Action("declare")


def _plain(name: str, *states: CaseState) -> Look:
    """A step of the handling bureau's reviewers that depends on the stage alone."""

    def look(table: Table) -> Callable[[Application], Found]:
        def one(case: Application) -> Found:
            if case.state not in states or (
                case.state == CaseState.DETERMINED and rules(case).outcome.pays
            ):
                return _is_now(case)
            held = table.held[case.handling_bureau_id] & REVIEWERS
            return Action(name) if held else _not_yours(case)

        return one

    return look


def _give(table: Table) -> Callable[[Application], Found]:
    drafts = table.opinions()

    def one(case: Application) -> Found:
        if case.state != CaseState.ACCEPTED:
            return _is_now(case)
        why = _("No opinion of your bureau waits for its approver here.")
        for task in _own(table, case, TaskKind.OPINION):
            why = _why_not_given(table, case, task, drafts.get(task.pk))
            if not why:
                return Action("approve_opinion", task.bureau)
        return why

    return one


def _own(table: Table, case: Application, kind: TaskKind) -> Iterator[ReviewTask]:
    for task in table.tasks[case.pk]:
        if (task.kind, task.state) != (kind, TaskState.OPEN):
            continue
        if Role.APPROVER in table.held[task.bureau_id]:
            yield task


def _why_not_given(table: Table, case: Application, task: ReviewTask, draft: Opinion | None) -> Why:
    if draft is None:
        return _("The bureau's preparer has not written an opinion yet.")
    if draft.prepared_by_id == table.user.pk:
        return _("An opinion is approved by someone who did not prepare it.")
    parts = [one for one in table.tasks[case.pk] if one.part_of_id == task.pk]
    if any(one.state == TaskState.OPEN for one in parts):
        return _("A part that another bureau was asked for is still to be answered.")
    if draft.position != Position.AGREE:
        return _("The opinion does not simply agree: open the case.")
    return ""


def _approve(table: Table) -> Callable[[Application], Found]:
    living = table.living()

    def one(case: Application) -> Found:
        found = living.get(case.pk)
        if case.state != CaseState.PROPOSED or found is None:
            return _is_now(case)
        signed = {signature.signed_by_id for signature in found.signatures.all()}
        if len(signed) >= found.signatures_needed:
            return _signed_before(table, case, found)
        signer = Role.LEADER if signed else Role.APPROVER
        if signer not in table.held[case.handling_bureau_id]:
            told = {"role": signer.label, "bureau": case.handling_bureau}
            return _("The next signature is for %(role)s of %(bureau)s.") % told
        if found.proposed_by_id == table.user.pk:
            return _("A determination is approved by someone who did not propose it.")
        if table.user.pk in signed:
            return _("You have signed this determination already.")
        return Action("approve")

    return one


def _signed_before(table: Table, case: Application, found: Determination) -> Found:
    """It waited for a budget; any of the bureau's signers lets it go on once none is shared."""
    if table.waits(case):
        return _("It is signed, and waits until its budget is shared out.")
    if not table.held[case.handling_bureau_id] & SIGNERS:
        return _not_yours(case)
    if found.proposed_by_id == table.user.pk:
        return _("A determination is approved by someone who did not propose it.")
    return Action("approve")


def _ending(name: str) -> Look:
    """Award, or conclude, by what the programme ends in."""

    def look(table: Table) -> Callable[[Application], Found]:
        days, objected = table.last_days(), table.objected()

        def one(case: Application) -> Found:
            if case.state != CaseState.PUBLICITY:
                return _is_now(case)
            if (rules(case).outcome.kind == "award") != (name == "award"):
                return _("This case does not end in that way.")
            last, over = days[case.pk]
            if not over:
                return _("Publicity runs until %s inclusive.") % last.isoformat()
            if case.pk in objected:
                return _("An objection to this case is still to be decided.")
            held = Role.APPROVER in table.held[case.handling_bureau_id]
            return Action(name) if held else _not_yours(case)

        return one

    return look


def _take(table: Table) -> Callable[[Application], Found]:
    def one(case: Application) -> Found:
        own = [t for t in table.tasks[case.pk] if set(doers(t.kind)) & table.held[t.bureau_id]]
        free = tuple(task for task in own if task.assignee is None)
        if free:
            return free
        if not own:
            return _("Nothing waits here that your role does.")
        return _("%s has this task.") % "、".join(str(task.assignee) for task in own)

    return one


def _assign(table: Table) -> Callable[[Application], Found]:
    staff: dict[tuple[int, str], set[int]] = {}

    def may(task: ReviewTask) -> bool:
        key = task.bureau_id, task.kind
        if key not in staff:
            found = staff_for(task.bureau, [task.kind])
            staff[key] = set(found.values_list("pk", flat=True))
        return table.to is None or table.to.pk in staff[key]

    def one(case: Application) -> Found:
        own = [t for t in table.tasks[case.pk] if set(chiefs(t.kind)) & table.held[t.bureau_id]]
        if not own:
            return _("Nothing waits here that you give out.")
        if table.to and table.has_conflict(case, table.to):
            return _("%s has an interest in this case.") % table.to
        fit = tuple(task for task in own if may(task))
        if not fit:
            return _("%s holds no role for this task.") % table.to
        passing = tuple(task for task in fit if table.to is None or task.assignee != table.to)
        return passing or _("%s has this task already.") % table.to

    return one


STEPS: dict[str, Look] = {
    "declare": _declare,
    "accept": _plain("accept", CaseState.SUBMITTED),
    "give": _give,
    "approve": _approve,
    "publish": _plain("publish", CaseState.CHECKED, CaseState.DETERMINED),
    "award": _ending("award"),
    "conclude": _ending("conclude"),
    "take": _take,
    "assign": _assign,
}
