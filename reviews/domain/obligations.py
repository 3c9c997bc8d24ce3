"""Obligations after an award or title: dated rows, evaluated by the handling bureau.

Some come from the programme's rules, the bureau may set others by hand. One that is broken leads to
a recovery, which finance prepares and another of finance demands.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.domain.language import chosen
from reviews.domain import recovering, telling, working_days
from reviews.domain.assessing import rules
from reviews.domain.cases import locked, note
from reviews.domain.interests import entitled
from reviews.domain.queries import cases_for_staff
from reviews.models import Application, Obligation
from reviews.models.lifecycle import CaseState
from reviews.models.obligation import ObligationKind, ObligationState
from reviews.models.staff import Role

HELD = (CaseState.AWARDED, CaseState.CONCLUDED)
ANSWERS = (ObligationState.MET, ObligationState.BROKEN, ObligationState.WAIVED)


def begin(case: Application, *, actor: User) -> list[Obligation]:
    """Write what the programme's rules ask of a holder from today on, inside the award."""
    start = working_days.today()
    return Obligation.objects.bulk_create(
        Obligation(
            application=case,
            party=case.applicant,
            kind=asked.kind,
            code=asked.id,
            text=chosen(asked.label),
            due_on=day,
            set_by=actor,
        )
        for asked in rules(case).obligations
        for day in asked.due_days(start)
    )


@transaction.atomic
def impose(
    *, case_id: int, kind: ObligationKind, text: str, due_on: date, user: User
) -> Obligation:
    """Set an obligation by hand, such as a target that the decision names."""
    case = locked(case_id, *HELD)
    entitled(case, user, Role.PREPARER, Role.APPROVER, bureau=case.handling_bureau)
    problems = {}
    if not text.strip():
        problems["text"] = _("Write what is owed.")
    if due_on <= working_days.today():
        problems["due_on"] = _("Choose a day that is still to come.")
    if problems:
        raise Refused(problems)
    made = Obligation.objects.create(
        application=case,
        party=case.applicant,
        kind=kind,
        text=text.strip()[:1000],
        due_on=due_on,
        set_by=user,
    )
    _note(made, user, "obligation.set", made.text)
    telling.tell_applicant(case, "obligation.set", owed=made.text, due_on=due_on.isoformat())
    return made


@transaction.atomic
def evaluate(*, obligation_id: int, state: ObligationState, finding: str, user: User) -> Obligation:
    """Find it met, broken or waived, with a reason, by an approver who did not set it."""
    found = Obligation.objects.select_related("application").get(pk=obligation_id)
    case = locked(found.application_id, *HELD)
    obligation = Obligation.objects.select_for_update().get(pk=obligation_id)
    entitled(case, user, Role.APPROVER, Role.LEADER, bureau=case.handling_bureau)
    if obligation.state != ObligationState.DUE:
        raise Conflict(_("This obligation has been evaluated already."))
    if not obligation.code and obligation.set_by_id == user.pk:
        raise NotAllowed(_("An obligation is evaluated by someone who did not set it."))
    if state not in ANSWERS:
        raise Refused({"state": _("Choose met, broken or waived.")})
    if not finding.strip():
        raise Refused({"finding": _("State what was found.")})
    obligation.state, obligation.finding = state, finding.strip()
    obligation.evaluated_by, obligation.evaluated_at = user, timezone.now()
    obligation.save(update_fields=["state", "finding", "evaluated_by", "evaluated_at"])
    _note(obligation, user, f"obligation.{state}", obligation.finding)
    told = {"owed": obligation.text, "reason": obligation.finding}
    telling.tell_applicant(case, f"obligation.{state}", **told)
    return obligation


@transaction.atomic
def recover(*, obligation_id: int, amount: Decimal, due_on: date, user: User) -> str:
    """Finance prepares the recovery that a broken obligation leads to; returns its number."""
    found = Obligation.objects.select_related("application").get(pk=obligation_id)
    case = locked(found.application_id, *HELD)
    obligation = Obligation.objects.select_for_update().get(pk=obligation_id)
    if obligation.state != ObligationState.BROKEN:
        raise Conflict(_("Only a broken obligation leads to a recovery."))
    if obligation.recovery:
        raise Conflict(_("Recovery %s has been prepared already.") % obligation.recovery)
    reason = f"{obligation.text}：{obligation.finding}"
    made = recovering.prepare(
        case_id=case.pk, amount=amount, reason=reason, due_on=due_on, user=user
    )
    obligation.recovery = made.number
    obligation.save(update_fields=["recovery"])
    return made.number


def obligations_for(user: User) -> QuerySet[Obligation]:
    """Of the cases that a member of staff may see, the soonest due first."""
    rows = Obligation.objects.filter(application__in=cases_for_staff(user))
    return rows.order_by("due_on", "id")


def _note(obligation: Obligation, user: User, event: str, reason: str) -> None:
    data = {"obligation": obligation.pk, "due_on": obligation.due_on.isoformat()}
    note(obligation.application, actor=user, event=event, reason=reason, data=data)
