"""Stages of an award, and payments that are withdrawn, at the handling bureau: its preparer finds,
its approver confirms."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from applicants.models import Document, User
from incentives.domain import findings
from incentives.domain.suspicions import LIVING
from incentives.models import Award, Instalment, InstalmentFinding
from incentives.models.award import AwardState, DueKind, FindingState
from reviews.domain import staff_papers, telling
from reviews.domain.cases import locked, note
from reviews.domain.interests import entitled
from reviews.domain.queries import cases_for_staff
from reviews.domain.roles import bureaus_of, has_role
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
    """Find that the stage of an instalment was met, partly (with `amount` yuan) or not met, or
    withdraw it before it is paid.

    `document` is the evidence: a paper of the city that the person has just handed in.
    """
    case = _case_of(instalment_id)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    staff_papers.require_own([document] if document else [], user, field="document")
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
    _tell(case, made)
    return made


@transaction.atomic
def drop(*, finding_id: int, user: User) -> InstalmentFinding:
    case = _case_of_finding(finding_id)
    entitled(case, user, Role.PREPARER, Role.APPROVER, bureau=case.handling_bureau)
    rows = findings.together(InstalmentFinding.objects.get(pk=finding_id))
    made = findings.drop(finding_id=finding_id)
    _note(case, made, "finding.dropped", user, rows)
    return made


def findings_for(user: User) -> QuerySet[InstalmentFinding]:
    """Of the cases that a member of staff may see, the newest first."""
    seen = cases_for_staff(user).values("number")
    rows = InstalmentFinding.objects.filter(instalment__award__case_number__in=seen)
    return rows.select_related(
        "instalment__award__programme", "instalment__payee", "prepared_by", "confirmed_by"
    ).order_by("-id")


def waiting_for(user: User) -> QuerySet[Instalment]:
    """Instalments on whose stage a preparer's bureaus have still to find, the oldest first."""
    return open_to(user).exclude(due_kind=DueKind.DATE)


def open_to(user: User) -> QuerySet[Instalment]:
    """The same, and those with a date, which may be withdrawn."""
    own = cases_for_staff(user).filter(handling_bureau__in=bureaus_of(user, [Role.PREPARER]))
    rows = Instalment.objects.filter(
        award__state=AwardState.COMMITTED, award__case_number__in=own.values("number")
    )
    found = InstalmentFinding.objects.exclude(state=FindingState.DROPPED)
    rows = rows.exclude(pk__in=found.values("instalment"))
    return rows.select_related("award__programme", "award__applicant", "payee").order_by("id")


def found_on(award: Award | None) -> list[InstalmentFinding]:
    """What is prepared or confirmed on an award's instalments, in their order."""
    if award is None:
        return []
    return list(_standing(InstalmentFinding.objects.filter(instalment__award=award)))


def found_in(case: Application) -> QuerySet[InstalmentFinding]:
    """The same of all that the case was ever awarded."""
    return _standing(
        InstalmentFinding.objects.filter(
            instalment__award__city=case.city_id, instalment__award__case_number=case.number
        )
    )


def _standing(rows: QuerySet[InstalmentFinding]) -> QuerySet[InstalmentFinding]:
    standing = rows.exclude(state=FindingState.DROPPED).select_related("instalment")
    return standing.order_by("instalment__number", "id")


def to_find(
    case: Application, parts: list[Instalment], found: list[InstalmentFinding], user: User
) -> set[int]:
    """Of these instalments of a case those on which the person may prepare a finding now."""
    done = {one.instalment_id for one in found}
    paying = {part.pk for part in parts if any(line.state in LIVING for line in part.lines.all())}
    waiting = {part.pk for part in parts} - done - paying
    if not waiting or not has_role(user, Role.PREPARER, bureau=case.handling_bureau):
        return set()
    return waiting


def case_of(part: Instalment) -> Application:
    rows = Application.objects.select_related("programme", "applicant", "handling_bureau")
    return rows.get(city=part.award.city_id, number=part.award.case_number)


def _case_of_finding(finding_id: int) -> Application:
    return _case_of(InstalmentFinding.objects.get(pk=finding_id).instalment_id)


def _case_of(instalment_id: int) -> Application:
    """The awarded case behind an instalment, locked until commit."""
    part = Instalment.objects.select_related("award").get(pk=instalment_id)
    own = Application.objects.filter(city=part.award.city_id, number=part.award.case_number)
    return locked(own.get().pk, CaseState.AWARDED)


def _tell(case: Application, made: InstalmentFinding) -> None:
    rows = findings.together(made)
    told: dict[str, str] = {"reason": made.reason, **_sums(rows)}
    told["part"] = ", ".join(str(one.instalment.number) for one in rows)
    for day in {one.due_on for one in rows if one.due_on}:
        told["due_on"] = day.isoformat()
    telling.tell_applicant(case, f"finding.{made.found}", **told)


def _note(
    case: Application,
    made: InstalmentFinding,
    kind: str,
    user: User,
    rows: Sequence[InstalmentFinding] = (),
) -> None:
    rows = rows or findings.together(made)
    sums = _sums(rows)
    told: dict[str, Any] = {
        "finding": made.pk, "instalment": made.instalment.number, "found": made.found,
        "amount": sums["amount"], "of": sums["limit"],
    }  # fmt: skip
    if len(rows) > 1:
        told["instalments"] = [one.instalment.number for one in rows]
    note(case, actor=user, event=kind, reason=made.reason, data=told)


def _sums(rows: Sequence[InstalmentFinding]) -> dict[str, str]:
    """What is due of what was to be, of all payers."""
    due = sum((one.amount for one in rows), Decimal(0))
    return {
        "amount": str(due),
        "limit": str(sum((one.instalment.amount for one in rows), Decimal(0))),
    }
