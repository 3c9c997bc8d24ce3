"""Stages of an award, at the handling bureau: its preparer finds, its approver confirms."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import Document, User
from incentives.domain import findings
from incentives.models import Instalment, InstalmentFinding
from reviews.domain.cases import locked, note
from reviews.domain.interests import entitled
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role


@transaction.atomic
def prepare(
    *,
    instalment_id: int,
    found: str,
    reason: str,
    user: User,
    amount: Decimal | None = None,
    due_on: date | None = None,
    document: Document | None = None,
) -> InstalmentFinding:
    """Find that the stage of an instalment was met, partly (with `amount` yuan) or not met."""
    case = _case_of(instalment_id)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    if document is not None and document.party_id != case.applicant_id:
        raise Refused({"document": _("Choose a paper of the applicant.")})
    made = findings.prepare(
        instalment_id=instalment_id, found=found, amount=amount, due_on=due_on, reason=reason,
        document=document, user=user,
    )  # fmt: skip
    _note(case, made, "finding.prepared", user)
    return made


@transaction.atomic
def confirm(*, finding_id: int, user: User) -> InstalmentFinding:
    """Confirm a finding as the bureau's approver, who did not make it: it pays, cuts or cancels."""
    case = _case_of_finding(finding_id)
    entitled(case, user, Role.APPROVER, bureau=case.handling_bureau)
    made = findings.confirm(finding_id=finding_id, user=user)
    _note(case, made, "finding.confirmed", user)
    return made


@transaction.atomic
def drop(*, finding_id: int, user: User) -> InstalmentFinding:
    case = _case_of_finding(finding_id)
    entitled(case, user, Role.PREPARER, Role.APPROVER, bureau=case.handling_bureau)
    made = findings.drop(finding_id=finding_id)
    _note(case, made, "finding.dropped", user)
    return made


def _case_of_finding(finding_id: int) -> Application:
    return _case_of(InstalmentFinding.objects.get(pk=finding_id).instalment_id)


def _case_of(instalment_id: int) -> Application:
    """The awarded case behind an instalment, locked until commit."""
    part = Instalment.objects.select_related("award").get(pk=instalment_id)
    own = Application.objects.filter(city=part.award.city_id, number=part.award.case_number)
    return locked(own.get().pk, CaseState.AWARDED)


def _note(case: Application, made: InstalmentFinding, kind: str, user: User) -> None:
    part = made.instalment
    told = {
        "finding": made.pk, "instalment": part.number, "found": made.found,
        "amount": str(made.amount), "of": str(part.amount),
    }  # fmt: skip
    note(case, actor=user, event=kind, reason=made.reason, data=told)
