"""The handling bureau's answer to a filing: accepted, returned with all defects at once, or not."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import User
from incentives.domain.settings import setting
from reviews.domain import asking, audits, letters, rounds, supplements, tasks, telling, workflows
from reviews.domain.cases import due, locked, move
from reviews.domain.interests import entitled
from reviews.domain.letter_values import defect_lines
from reviews.models import Application
from reviews.models.letter import LetterKind
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.supplement import DefectKind
from reviews.models.task import TaskKind, TaskState

REVIEWERS = (Role.PREPARER, Role.APPROVER)


@transaction.atomic
def accept(*, case_id: int, user: User) -> Application:
    """Take the case on: opinions of the other responsible bureaus begin, in parallel."""
    case = locked(case_id, CaseState.SUBMITTED)
    entitled(case, user, *REVIEWERS, bureau=case.handling_bureau)
    case.commitments.filter(state="open", accepted_by=None).update(accepted_by=user)
    return _take_on(case, actor=user, event="case.accepted")


def deem_accepted(*, today: date) -> int:
    """Take on every case left without an answer in time, where the city has set so; how many."""
    late = Application.objects.filter(
        state=CaseState.SUBMITTED,
        tasks__kind=TaskKind.ACCEPTANCE,
        tasks__state=TaskState.OPEN,
        tasks__due_on__lt=today,
    )
    return sum(_deem(pk) for pk in late.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _deem(case_id: int) -> bool:
    case = locked(case_id, *CaseState)
    wanted = setting(city=case.city, key="deemed_accepted", programme=case.programme)
    if case.state != CaseState.SUBMITTED or not wanted:
        return False
    _take_on(case, actor=None, event="case.deemed_accepted")
    return True


def take_on_at_once(case: Application) -> None:
    """A workflow without acceptance (免申即享): the case, filed this moment, goes on by itself."""
    _take_on(case, actor=None, event="case.acceptance_skipped")


def _take_on(case: Application, *, actor: User | None, event: str) -> Application:
    tasks.finish_all(case, TaskKind.ACCEPTANCE)
    audited = workflows.of(case).workflow.has("audit")
    deadline = audits.open_audit(case) if audited else asking.open_review(case)
    move(
        case,
        CaseState.ACCEPTED,
        actor=actor,
        event=event,
        due_on=deadline,
        accepted_at=timezone.now(),
    )
    letter = letters.issue(case, LetterKind.ACCEPTED, actor=actor)
    telling.tell_letter(case, "case.accepted", letter)
    return case


@transaction.atomic
def return_case(
    *, case_id: int, user: User, reason: str = "", defects: Sequence[supplements.Told] = ()
) -> Application:
    """Send the case back for supplement, telling all that is missing at once (一次性告知).

    `reason` is a defect that is about no single fact or paper. An accepted case keeps its tasks,
    with the working days that they have left.
    """
    case = locked(case_id, CaseState.SUBMITTED, CaseState.ACCEPTED)
    entitled(case, user, *REVIEWERS, bureau=case.handling_bureau)
    rounds.require_not_scored_now(case)
    general = [supplements.Told(DefectKind.OTHER, reason)] if reason.strip() else []
    told = supplements.tell(case, [*defects, *general], user=user)
    reason = supplements.words(case, told)
    if case.state == CaseState.ACCEPTED:
        supplements.stop_clock(case)
    else:
        tasks.cancel_open(case)
    move(
        case,
        CaseState.RETURNED,
        actor=user,
        event="case.returned",
        reason=reason,
        data={"defects": [one.fact_key or one.kind for one in told]},
        due_on=due(case, "supplement_days"),
        returned_reason=reason,
    )
    what = {"defects": defect_lines(case, told)}
    letter = letters.issue(case, LetterKind.RETURNED, what, actor=user)
    telling.tell_letter(case, "case.returned", letter, reason=reason)
    return case


@transaction.atomic
def decline(*, case_id: int, user: User, reason: str) -> Application:
    case = locked(case_id, CaseState.SUBMITTED)
    entitled(case, user, *REVIEWERS, bureau=case.handling_bureau)
    _require_reason(reason)
    tasks.cancel_open(case)
    move(case, CaseState.NOT_ACCEPTED, actor=user, event="case.not_accepted", reason=reason)
    letter = letters.issue(case, LetterKind.NOT_ACCEPTED, {"reason": reason}, actor=user)
    telling.tell_letter(case, "case.not_accepted", letter, reason=reason)
    return case


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused({"reason": _("State the reason; the applicant reads it.")})
