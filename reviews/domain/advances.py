"""Settlement of advances (预拨清算), at the handling bureau: audited figures, assessed anew.

What the rules give on the audited figures takes the place of what was awarded on the planned ones.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import Party, User
from incentives.domain import facts as fact_values
from incentives.domain import settlements
from incentives.models import Award, Settlement
from incentives.models.award import AwardState, SettlementState
from incentives.policy.rendering import dumps, render
from incentives.policy.result import Assessment
from reviews.domain import rounds, telling
from reviews.domain.assessing import rules
from reviews.domain.cases import locked, note
from reviews.domain.determinations import assess_or_refuse
from reviews.domain.interests import entitled, has_declared
from reviews.domain.queries import cases_for_staff
from reviews.domain.reserving import counters_of
from reviews.domain.roles import has_role
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role


@transaction.atomic
def prepare(
    *, case_id: int, figures: Mapping[str, Any], due_on: date, reason: str, user: User
) -> Settlement:
    """Enter the audited `figures` by fact; facts that are not named stay as determined.

    What is due more is due on `due_on`; what was too much is to be back by then.
    """
    case = locked(case_id, CaseState.AWARDED)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    award, standing = require_open(case), _determination(case)
    if not figures:
        raise Refused({"figures": _("Enter at least one audited figure.")})
    read, problems = fact_values.read_values(rules(case), figures)
    if problems:
        raise Refused(problems)
    result = assess_or_refuse(
        case, facts=standing.facts | read, choices=standing.choices, settings=standing.readings,
        history=standing.history,
    )  # fmt: skip
    made = settlements.prepare(
        award=award, facts=read, assessment=dumps(render(result)), due_on=due_on, reason=reason,
        entitled=_entitled(case, result), user=user,
    )  # fmt: skip
    _note(case, made, "settlement.prepared", user)
    return made


def require_open(case: Application) -> Award:
    """The award to settle; raises Conflict where the case has no advance to be settled now."""
    award = _award_of(case)
    settlements.require_open(award)
    return award


@transaction.atomic
def approve(*, settlement_id: int, user: User) -> Settlement:
    """Sign a settlement as the bureau's approver, who did not prepare it."""
    case = locked(case_of(settlement_id).pk, CaseState.AWARDED)
    entitled(case, user, Role.APPROVER, bureau=case.handling_bureau)
    found = Settlement.objects.select_related("award").get(pk=settlement_id)
    # A merger comes before, and its successor's history counts, or it waits.
    case.applicant = Party.objects.select_for_update(no_key=True).get(pk=case.applicant_id)
    counters = counters_of(case, _determination(case), found.award.approved_at, found.entitled)
    made = settlements.approve(settlement_id=settlement_id, counters=counters, user=user)
    _note(case, made, "settlement.approved", user)
    told = {"amount": str(made.entitled), "used": str(made.awarded), "reason": made.reason}
    telling.tell_applicant(case, "settlement.approved", **told)
    return made


@transaction.atomic
def drop(*, settlement_id: int, user: User) -> Settlement:
    case = locked(case_of(settlement_id).pk, CaseState.AWARDED)
    entitled(case, user, Role.PREPARER, Role.APPROVER, bureau=case.handling_bureau)
    made = settlements.drop(settlement_id=settlement_id)
    _note(case, made, "settlement.dropped", user)
    return made


def settlements_for(user: User) -> QuerySet[Settlement]:
    """Of the cases that a member of staff may see, the newest first."""
    seen = cases_for_staff(user).values("number")
    rows = Settlement.objects.filter(award__case_number__in=seen)
    return rows.select_related("award__programme", "prepared_by", "approved_by").order_by("-id")


def settlements_of(award: Award | None) -> list[Settlement]:
    """What is prepared or approved, of the award of a case."""
    return list(award.settlements.exclude(state=SettlementState.DROPPED)) if award else []


def settled_in(case: Application) -> QuerySet[Settlement]:
    """The same of all that the case was ever awarded."""
    rows = Settlement.objects.filter(award__city=case.city_id, award__case_number=case.number)
    return rows.exclude(state=SettlementState.DROPPED).order_by("id")


def may_prepare(case: Application, award: Award | None, user: User) -> bool:
    """Whether the case's page leads this person to a settlement."""
    if award is None or award.state != AwardState.COMMITTED:
        return False
    if settlements_of(award):
        return False
    own = has_role(user, Role.PREPARER, bureau=case.handling_bureau)
    return own and has_declared(case, user) and settlements.waiting_parts(award).exists()


def case_of(settlement_id: int) -> Application:
    award = Award.objects.get(settlements=settlement_id)
    rows = Application.objects.select_related("programme", "applicant", "handling_bureau")
    return rows.get(city=award.city_id, number=award.case_number)


def _award_of(case: Application) -> Award:
    """Raises Conflict for an award that was no advance: nothing of it waits for a stage."""
    held = Award.objects.filter(city=case.city, case_number=case.number)
    award = held.filter(state=AwardState.COMMITTED).first()
    if award is not None:
        settlements.require_unsettled(award)
    if award is None or not settlements.waiting_parts(award).exists():
        raise Conflict(_("Nothing of this award was advanced before its stage or evaluation."))
    return award


def _determination(case: Application) -> Determination:
    return case.determinations.get(state=DeterminationState.APPROVED)


def _entitled(case: Application, result: Assessment) -> Decimal:
    if result.decision == "eligible":
        return rounds.amount_of(case, result)
    if result.decision == "ineligible":
        return Decimal(0)
    raise Refused({"figures": _("By these figures the rules come to no definite amount.")})


def _note(case: Application, made: Settlement, kind: str, user: User) -> None:
    told = {
        "settlement": made.pk, "entitled": str(made.entitled), "awarded": str(made.awarded),
        "granted": None if made.granted is None else str(made.granted), "recovery": made.recovery,
    }  # fmt: skip
    note(case, actor=user, event=kind, reason=made.reason, data=told)
