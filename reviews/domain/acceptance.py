"""The handling bureau's answer to a filing: accepted, returned with all defects at once, or not."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import User
from incentives.models import Bureau
from reviews.domain import tasks, telling
from reviews.domain.assessing import rules
from reviews.domain.cases import due, locked, move
from reviews.domain.roles import require
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind

REVIEWERS = (Role.PREPARER, Role.APPROVER)


@transaction.atomic
def accept(*, case_id: int, user: User) -> Application:
    """Take the case on: opinions of the other responsible bureaus begin, in parallel."""
    case = locked(case_id, CaseState.SUBMITTED)
    require(user, *REVIEWERS, bureau=case.handling_bureau, applicant=case.applicant)
    tasks.finish_all(case, TaskKind.ACCEPTANCE)
    determination_due = due(case, "determination_days")
    for bureau in _asked(case):
        tasks.open_task(case, TaskKind.OPINION, bureau=bureau, due_on=due(case, "opinion_days"))
    tasks.open_task(
        case, TaskKind.DETERMINATION, bureau=case.handling_bureau, due_on=determination_due
    )
    move(
        case,
        CaseState.ACCEPTED,
        actor=user,
        event="case.accepted",
        due_on=determination_due,
        accepted_at=timezone.now(),
    )
    telling.tell_applicant(case, "case.accepted")
    return case


def _asked(case: Application) -> list[Bureau]:
    """Responsible bureaus whose opinion is still to be given, in printed order."""
    given = case.tasks.filter(kind=TaskKind.OPINION, state="done").values_list("bureau", flat=True)
    codes = list(rules(case).bureaus.asked)
    found = Bureau.objects.filter(city=case.city, code__in=codes).exclude(
        pk__in=[*given, case.handling_bureau_id]
    )
    return sorted(found, key=lambda bureau: codes.index(bureau.code))


@transaction.atomic
def return_case(*, case_id: int, user: User, reason: str) -> Application:
    """Send the case back for supplement, telling all that is missing at once (一次性告知)."""
    case = locked(case_id, CaseState.SUBMITTED, CaseState.ACCEPTED)
    require(user, *REVIEWERS, bureau=case.handling_bureau, applicant=case.applicant)
    _require_reason(reason)
    tasks.cancel_open(case)
    move(
        case,
        CaseState.RETURNED,
        actor=user,
        event="case.returned",
        reason=reason,
        due_on=due(case, "supplement_days"),
        returned_reason=reason,
    )
    telling.tell_applicant(case, "case.returned", reason=reason)
    return case


@transaction.atomic
def decline(*, case_id: int, user: User, reason: str) -> Application:
    case = locked(case_id, CaseState.SUBMITTED)
    require(user, *REVIEWERS, bureau=case.handling_bureau, applicant=case.applicant)
    _require_reason(reason)
    tasks.cancel_open(case)
    move(case, CaseState.NOT_ACCEPTED, actor=user, event="case.not_accepted", reason=reason)
    telling.tell_applicant(case, "case.not_accepted", reason=reason)
    return case


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused({"reason": _("State the reason; the applicant reads it.")})
