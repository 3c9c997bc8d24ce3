"""Reconsideration (复核) of a decision, asked for by the applicant, decided by others."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Event, User
from incentives.domain.settings import setting
from reviews.domain import letter_values, letters, succeeding, telling, undoing, working_days
from reviews.domain.behalf import require_filer
from reviews.domain.cases import due, locked, move, note, subject_of
from reviews.domain.interests import decided, entitled
from reviews.domain.queries import cases_answered_for
from reviews.domain.tasks import open_task
from reviews.models import Application, Reconsideration
from reviews.models.letter import LetterKind
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ReconsiderationState
from reviews.models.staff import Role
from reviews.models.task import TaskKind

DECIDED = (CaseState.REFUSED, CaseState.NOT_ACCEPTED)
DECISIONS = ("case.not_accepted", "determination.refused", "case.objected_away")


@transaction.atomic
def ask(*, case_id: int, text: str, user: User) -> Reconsideration:
    """Ask to look at a refusal again, within the days that the city gives."""
    case = locked(case_id, *DECIDED)
    require_filer(case, user)
    if not text.strip():
        raise Refused({"text": _("State why the decision should be looked at again.")})
    last = last_day(case)
    if working_days.today() > last:
        raise Refused(
            {"text": _("Reconsideration could be asked for until %s.") % last.isoformat()}
        )
    if _waiting(case):
        raise Conflict(_("This decision is being looked at again, or was and stands."))
    asked = Reconsideration.objects.create(
        application=case,
        text=text.strip(),
        filed_by=user,
        due_on=due(case, "determination_days"),
    )
    note(case, actor=user, event="reconsideration.asked", reason=asked.text)
    return asked


def last_day(case: Application) -> date:
    """The last day to ask, of a case that was refused or not accepted."""
    days = int(setting(city=case.city, key="reconsideration_days", programme=case.programme))
    return working_days.day_of(_decision(case).at) + timedelta(days=days)


def _waiting(case: Application) -> bool:
    """Whether this decision is being looked at, or stands after it was."""
    since = case.reconsiderations.filter(filed_at__gte=_decision(case).at)
    return since.exclude(state=ReconsiderationState.CHANGED).exists()


def may_ask(case: Application) -> bool:
    if case.state not in DECIDED or _waiting(case):
        return False
    return working_days.today() <= last_day(case)


def reconsiderations_for(user: User) -> QuerySet[Reconsideration]:
    """Those of cases of the person's bureaus, and all of the city for its auditors."""
    return Reconsideration.objects.filter(application__in=cases_answered_for(user))


def _decision(case: Application) -> Event:
    found = Event.objects.filter(subject=subject_of(case), kind__in=DECISIONS)
    return found.latest("id")


@transaction.atomic
def decide(*, reconsideration_id: int, changed: bool, answer: str, user: User) -> Reconsideration:
    """Let the decision stand, or take the case up anew; by someone who had no part in it."""
    pending = Reconsideration.objects.get(pk=reconsideration_id)
    case = locked(pending.application_id, *DECIDED)
    asked = Reconsideration.objects.select_for_update().get(pk=reconsideration_id)
    entitled(case, user, Role.APPROVER, Role.LEADER, bureau=case.handling_bureau)
    _require_others(case, user)
    if asked.state != ReconsiderationState.FILED:
        raise Conflict(_("This reconsideration has been decided already."))
    if not answer.strip():
        raise Refused({"answer": _("Give the reason of the decision.")})
    asked.state = ReconsiderationState.CHANGED if changed else ReconsiderationState.UPHELD
    asked.answer, asked.decided_by, asked.decided_at = answer.strip(), user, timezone.now()
    asked.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    note(case, actor=user, event=f"reconsideration.{asked.state}", reason=asked.answer)
    if changed:
        _take_up(case, user, asked.answer)
    why = letter_values.reconsidered(asked)
    letter = letters.issue(case, LetterKind.RECONSIDERED, why, actor=user)
    kind = f"reconsideration.{asked.state}"
    telling.tell_letter(case, kind, letter, reason=asked.answer)
    return asked


def _require_others(case: Application, user: User) -> None:
    if user.pk == _decision(case).actor_id or decided(case, user):
        raise NotAllowed(_("A reconsideration is decided by others than those who decided."))


def _take_up(case: Application, user: User, reason: str) -> None:
    """Back to where it was decided: the determination, or the acceptance."""
    succeeding.follow(case, user)
    if case.state == CaseState.REFUSED:
        undoing.void_determination(case, actor=user, reason=reason)
        undoing.determine_anew(case, actor=user, event="case.taken_up_again", reason=reason)
        return
    deadline = due(case, "acceptance_days")
    open_task(case, TaskKind.ACCEPTANCE, bureau=case.handling_bureau, due_on=deadline)
    move(
        case,
        CaseState.SUBMITTED,
        actor=user,
        event="case.taken_up_again",
        reason=reason,
        due_on=deadline,
    )
