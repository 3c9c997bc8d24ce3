"""Who may do what `actions.available` does not tell of, and how those verbs are called: the steps
of the applicant, declarations, notes, tasks, and answers to objections and reconsiderations.
"""

from collections.abc import Callable
from typing import Any

from applicants.models import Membership, User
from reviews.domain import applications, assignments, notes, objections, reconsiderations
from reviews.domain.queries import cases_for_staff
from reviews.domain.roles import has_role, own_roles_of
from reviews.models import Application, Objection, Reconsideration
from reviews.models.lifecycle import TRANSITIONS, CaseState
from reviews.models.staff import Role

Call = Callable[[Application, User], object]
May = Callable[[Application, User], bool]


# The applicant's side: members of the applicant, while the case stands where the verb acts.


def member(case: Application, user: User) -> bool:
    return Membership.objects.filter(party=case.applicant_id, user=user.pk, is_active=True).exists()


def members_while(*states: CaseState) -> May:
    return lambda case, user: case.state in states and member(case, user)


def nobody(case: Application, user: User) -> bool:
    return False


def declared(case: Application) -> dict[str, Any]:
    return {fact.key: fact.declared for fact in case.facts.all() if fact.declared is not None}


def first_fact(case: Application) -> str:
    return str(case.facts.order_by("id").values_list("key", flat=True)[0])


def attaching(case: Application, user: User) -> object:
    """The paper that lies there already, once more."""
    laid = case.evidence.select_related("document").order_by("id")[0]
    return applications.attach(
        case_id=case.pk, fact_key=laid.fact_key, document=laid.document, user=user
    )


def detaching(case: Application, user: User) -> object:
    laid = case.evidence.order_by("id").first()
    return applications.detach(case_id=case.pk, evidence_id=laid.pk if laid else 0, user=user)


def choosing(case: Application, user: User) -> object:
    account = case.applicant.bankaccount_set.get(is_current=True)
    return applications.choose_account(case_id=case.pk, account_id=account.pk, user=user)


WITHDRAWABLE = [CaseState(start) for start, end in TRANSITIONS if end == CaseState.WITHDRAWN]
REFUSALS = (CaseState.REFUSED, CaseState.NOT_ACCEPTED)


def may_reconsider(case: Application, user: User) -> bool:
    asked = case.reconsiderations.exists()
    return case.state in REFUSALS and not asked and member(case, user)


# What staff do beside the steps: declaring, notes, tasks, answers to objections.


def sees(case: Application, user: User) -> bool:
    return cases_for_staff(user).filter(pk=case.pk).exists()


def conflicted(case: Application, user: User) -> bool:
    return case.declarations.filter(user=user, conflict=True).exists() or member(case, user)


def may_declare(case: Application, user: User) -> bool:
    return sees(case, user) and not conflicted(case, user)


def may_note(case: Application, user: User) -> bool:
    open_to = case.declarations.filter(user=user).exists() and not conflicted(case, user)
    writes = own_roles_of(user).filter(role__in=notes.WRITING, city=case.city_id).exists()
    return sees(case, user) and open_to and writes


def oldest_task(case: Application) -> Any:
    return case.tasks.filter(state__in=["open", "paused"]).order_by("id").first()


def assigning(case: Application, user: User) -> object:
    task = oldest_task(case)
    to = assignments.candidates(task).order_by("id").last() if task else user
    return assignments.assign(task_id=task.pk if task else 0, to=to or user, user=user)


def may_assign(case: Application, user: User) -> bool:
    task = oldest_task(case)
    if task is None or conflicted(case, user):
        return False
    return has_role(user, *assignments.chiefs(task.kind), bureau=task.bureau)


def taking(case: Application, user: User) -> object:
    task = oldest_task(case)
    return assignments.take(task_id=task.pk if task else 0, user=user)


def may_take(case: Application, user: User) -> bool:
    task = oldest_task(case)
    if task is None or conflicted(case, user):
        return False
    return has_role(user, *assignments.doers(task.kind), bureau=task.bureau)


def giving_back(case: Application, user: User) -> object:
    task = oldest_task(case)
    return assignments.give_back(task_id=task.pk if task else 0, reason="x", user=user)


def decided_by(case: Application) -> set[int | None]:
    involved: set[int | None] = set()
    for one in case.determinations.all():
        involved |= {one.proposed_by_id, one.approved_by_id, one.checked_by_id}
        involved |= set(one.signatures.values_list("signed_by", flat=True))
    return involved


def may_answer(case: Application, user: User) -> bool:
    chief = has_role(user, Role.APPROVER, Role.LEADER, bureau=case.handling_bureau)
    open_to = case.declarations.filter(user=user).exists() and not conflicted(case, user)
    return chief and open_to and user.pk not in decided_by(case)


def objecting(case: Application, user: User) -> object:
    item = case.publicityitem_set.last()
    if item is None:  # nothing is published, so there is nothing to object to
        raise objections.Refused("-")
    return objections.file_objection(
        item_id=item.pk, name="某单位", contact="x", text="不实", user=user
    )


def may_object(case: Application, user: User) -> bool:
    item = case.publicityitem_set.last()
    return item is not None and objections.open_to_objections(item)


def handling(case: Application, user: User) -> object:
    found = Objection.objects.filter(item__application=case).last()
    if found is None:
        raise objections.Refused("-")
    return objections.handle(objection_id=found.pk, upheld=False, answer="查无此事", user=user)


def may_handle(case: Application, user: User) -> bool:
    filed = Objection.objects.filter(item__application=case, state="filed").exists()
    return filed and case.state == CaseState.PUBLICITY and may_answer(case, user)


def reconsidering(case: Application, user: User) -> object:
    found = Reconsideration.objects.filter(application=case).last()
    if found is None:
        raise objections.Refused("-")
    return reconsiderations.decide(
        reconsideration_id=found.pk, changed=True, answer="重新办理", user=user
    )


def may_decide(case: Application, user: User) -> bool:
    filed = case.reconsiderations.filter(state="filed").exists()
    return filed and case.state in REFUSALS and may_answer(case, user)


def may_impose(case: Application, user: User) -> bool:
    held = has_role(user, Role.PREPARER, Role.APPROVER, bureau=case.handling_bureau)
    open_to = case.declarations.filter(user=user).exists() and not conflicted(case, user)
    return case.state in (CaseState.AWARDED, CaseState.CONCLUDED) and held and open_to
