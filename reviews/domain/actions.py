"""What a person may do in a case now: asked by the admin, the API and the tests alike.

An action is listed when its verb would succeed with proper input. The verbs check under lock.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from applicants.models import User
from incentives.models import Bureau
from reviews.domain import (
    agreement,
    checking,
    commitments,
    determinations,
    objections,
    rounds,
    working_days,
)
from reviews.domain.assessing import rules
from reviews.domain.interests import has_conflict, has_declared
from reviews.domain.resolutions import unresolved
from reviews.domain.roles import roles_of
from reviews.models import Application, Determination, Opinion, PublicityNotice
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState

REVIEWERS = {Role.PREPARER, Role.APPROVER}


@dataclass(frozen=True, slots=True)
class Action:
    """A verb of a case by name, and the bureau for which an opinion is prepared or given."""

    name: str
    bureau: Bureau | None = None


@dataclass(frozen=True, slots=True)
class Hats:
    """The roles that a person holds, by bureau."""

    user: User
    held: frozenset[tuple[int | None, str]]

    def at(self, bureau_id: int) -> set[str]:
        return {role for bureau, role in self.held if bureau == bureau_id}


def available(case: Application, user: User) -> list[Action]:
    if has_conflict(case, user):
        return []
    hats = Hats(user, frozenset(roles_of(user).values_list("bureau_id", "role")))
    step = STEPS.get(CaseState(case.state))
    found = list(step(case, hats)) if step and hats.held else []
    return found if not found or has_declared(case, user) else [Action("declare")]


def _submitted(case: Application, hats: Hats) -> Iterator[Action]:
    if hats.at(case.handling_bureau_id) & REVIEWERS:
        yield from (Action("accept"), Action("return_case"), Action("decline"))


def _accepted(case: Application, hats: Hats) -> Iterator[Action]:
    yield from _opinions(case, hats)
    own = hats.at(case.handling_bureau_id)
    if own & {*REVIEWERS, Role.LEADER}:
        for opinion in unresolved(case):
            yield Action("resolve", opinion.task.bureau)
    if Role.PREPARER in own:
        yield Action("confirm_facts")
        yield from _audit(case)
        if not waited_for(case):
            yield Action("propose")
    if own & REVIEWERS and not rounds.is_scored_now(case):
        yield Action("return_case")


def _audit(case: Application) -> Iterator[Action]:
    if case.tasks.filter(kind=TaskKind.AUDIT, state=TaskState.OPEN).exists():
        yield from (Action("commission_audit"), Action("record_audit"))


def _opinions(case: Application, hats: Hats) -> Iterator[Action]:
    for task in case.tasks.filter(kind=TaskKind.OPINION, state=TaskState.OPEN).select_related(
        "bureau"
    ):
        roles = hats.at(task.bureau_id)
        if Role.PREPARER in roles:
            yield Action("prepare_opinion", task.bureau)
            yield Action("ask_part", task.bureau)
        draft = Opinion.objects.filter(task=task).first()
        if draft is None or task.parts.filter(state=TaskState.OPEN).exists():
            continue
        if Role.APPROVER in roles and draft.prepared_by_id != hats.user.pk:
            yield Action("approve_opinion", task.bureau)


def waited_for(case: Application) -> bool:
    """Whether something has to come before a determination can be proposed."""
    return bool(
        opinions_awaited(case)
        or agreement.awaited(case)
        or unconfirmed_facts(case)
        or agreement.standing_against(case)
        or commitments.promised(case)
        or rounds.awaited(case)
    )


def opinions_awaited(case: Application) -> list[Bureau]:
    """Bureaus whose opinion is still to be given, in the order they were asked."""
    tasks = case.tasks.filter(kind=TaskKind.OPINION, state=TaskState.OPEN)
    return [task.bureau for task in tasks.select_related("bureau").order_by("id")]


def unconfirmed_facts(case: Application) -> list[str]:
    """Keys of declared facts that no reviewer has confirmed yet."""
    open_facts = case.facts.filter(confirmed__isnull=True, declared__isnull=False)
    return list(open_facts.values_list("key", flat=True))


def _proposed(case: Application, hats: Hats) -> Iterator[Action]:
    own, living = hats.at(case.handling_bureau_id), _living(case)
    signed = list(living.signatures.values_list("signed_by", flat=True))
    signer = Role.LEADER if signed else Role.APPROVER
    if len(signed) >= living.signatures_needed:  # it waits, or stopped to: see determinations.waits
        waiting = determinations.waits(case, timezone.now())
        mine = own & {Role.APPROVER, Role.LEADER} and hats.user.pk != living.proposed_by_id
        if mine and not waiting:
            yield Action("approve")
    elif signer in own and hats.user.pk not in (living.proposed_by_id, *signed):
        yield Action("approve")
    if own & {Role.APPROVER, Role.LEADER}:
        yield Action("send_back")


def _determined(case: Application, hats: Hats) -> Iterator[Action]:
    yield from _back(case, hats)
    if not rules(case).outcome.pays:
        if hats.at(case.handling_bureau_id) & REVIEWERS:
            yield Action("publish")
        return
    if not _is_finance(case, hats):
        return
    if not checking.barred(case, hats.user):
        yield Action("check")
    yield Action("hand_back")


def _back(case: Application, hats: Hats) -> Iterator[Action]:
    if Role.LEADER in hats.at(case.handling_bureau_id):
        yield Action("hand_back_to")


def _checked(case: Application, hats: Hats) -> Iterator[Action]:
    yield from _back(case, hats)
    if hats.at(case.handling_bureau_id) & REVIEWERS:
        yield Action("publish")
    if _is_finance(case, hats):
        yield Action("hand_back")


def _publicity(case: Application, hats: Hats) -> Iterator[Action]:
    yield from _back(case, hats)
    notice = PublicityNotice.objects.filter(items__application=case).latest("id")
    over = notice.has_ended(working_days.today())
    over = over and not objections.waiting(case)
    if over and Role.APPROVER in hats.at(case.handling_bureau_id):
        yield Action("award" if rules(case).outcome.kind == "award" else "conclude")


def _is_finance(case: Application, hats: Hats) -> bool:
    finance = Bureau.objects.filter(city=case.city_id, code="finance")
    return any(Role.FINANCE_PREPARER in hats.at(pk) for pk in finance.values_list("pk", flat=True))


def _living(case: Application) -> Determination:
    living = [DeterminationState.PROPOSED, DeterminationState.APPROVED]
    return case.determinations.get(state__in=living)


STEPS = {
    CaseState.SUBMITTED: _submitted,
    CaseState.ACCEPTED: _accepted,
    CaseState.PROPOSED: _proposed,
    CaseState.DETERMINED: _determined,
    CaseState.CHECKED: _checked,
    CaseState.PUBLICITY: _publicity,
}
