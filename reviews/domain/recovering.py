"""Recoveries as finance works them: who may take which step, and what the applicant is told."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import Membership, User
from incentives.domain import receipts, recoveries
from incentives.models import Award, ReceiptReversal, Recovery
from reviews.domain import letters, telling
from reviews.domain.cases import note
from reviews.domain.paying import finance_bureau
from reviews.domain.roles import require, roles_of
from reviews.models import Application
from reviews.models.letter import LetterKind
from reviews.models.staff import Role

FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)


def recoveries_for(user: User) -> QuerySet[Recovery]:
    """Those of the cities in which the person is of finance, or an auditor; the newest first."""
    held = roles_of(user).filter(role__in=[*FINANCE, Role.AUDITOR])
    rows = Recovery.objects.filter(city__in=held.values("city"))
    return rows.select_related("city", "award__programme", "party").order_by("-id")


@transaction.atomic
def prepare(*, case_id: int, amount: Decimal, reason: str, due_on: date, user: User) -> Recovery:
    """Ask back money of a case that was paid."""
    case = Application.objects.select_related("city").get(pk=case_id)
    _require(case, user, Role.FINANCE_PREPARER)
    committed = Award.objects.filter(city=case.city, case_number=case.number, state="committed")
    award = committed.first()
    if award is None:
        raise Conflict(_("This case has no award from which money could come back."))
    made = recoveries.prepare(award=award, amount=amount, reason=reason, due_on=due_on, user=user)
    _note(case, made, "recovery.prepared", user, reason)
    return made


@transaction.atomic
def demand(*, recovery_id: int, user: User) -> Recovery:
    """Sign the demand; it goes to the applicant as a letter."""
    case = case_of(recovery_id)
    _require(case, user, Role.FINANCE_APPROVER)
    made = recoveries.demand(recovery_id=recovery_id, user=user)
    _note(case, made, "recovery.demanded", user, made.reason)
    told = {
        "amount": str(made.amount),
        "reason": made.reason,
        "due_on": made.due_on.isoformat(),
    }
    letter = letters.issue(case, LetterKind.RECOVERY, told, actor=user)
    telling.tell_letter(case, "recovery.demanded", letter, **told)
    return made


@transaction.atomic
def cancel(*, recovery_id: int, reason: str, user: User) -> Recovery:
    case = case_of(recovery_id)
    _require(case, user, *FINANCE)
    made = recoveries.cancel(recovery_id=recovery_id, reason=reason, user=user)
    _note(case, made, "recovery.cancelled", user, reason)
    return made


@transaction.atomic
def enter(
    *, recovery_id: int, amount: Decimal, received_on: date, reference: str, user: User
) -> Recovery:
    """Enter a payment that came back, in whole or in part."""
    case = case_of(recovery_id)
    _require(case, user, Role.FINANCE_PREPARER)
    made = recoveries.enter(
        recovery_id=recovery_id,
        amount=amount,
        received_on=received_on,
        reference=reference,
        user=user,
    )
    _note(case, made, "recovery.entered", user, reference)
    telling.tell_applicant(
        case, "recovery.entered", amount=str(amount), left=str(recoveries.open_amount(made))
    )
    return made


@transaction.atomic
def ask_write_off(*, recovery_id: int, reason: str, user: User) -> Recovery:
    case = case_of(recovery_id)
    _require(case, user, Role.FINANCE_PREPARER)
    made = recoveries.ask_write_off(recovery_id=recovery_id, reason=reason, user=user)
    _note(case, made, "recovery.write_off_asked", user, reason)
    return made


@transaction.atomic
def write_off(*, recovery_id: int, user: User) -> Recovery:
    """The second signature under a write-off."""
    case = case_of(recovery_id)
    _require(case, user, Role.FINANCE_APPROVER)
    made = recoveries.write_off(recovery_id=recovery_id, user=user)
    _note(case, made, "recovery.written_off", user, made.write_off_reason)
    telling.tell_applicant(case, "recovery.written_off", reason=made.write_off_reason)
    return made


@transaction.atomic
def prepare_reversal(
    *, recovery_id: int, receipt: int, reason: str, user: User, evidence: str = ""
) -> ReceiptReversal:
    """Ask that a receipt, which was entered wrongly, is reversed."""
    case = case_of(recovery_id)
    _require(case, user, Role.FINANCE_PREPARER)
    recovery = Recovery.objects.get(pk=recovery_id)
    made = receipts.prepare(
        recovery=recovery, receipt=receipt, reason=reason, evidence=evidence, user=user
    )
    _note(case, recovery, "recovery.reversal_prepared", user, reason)
    return made


@transaction.atomic
def approve_reversal(*, recovery_id: int, reversal: int, user: User) -> Recovery:
    """The second signature, under the reversal that the person was shown.

    The applicant, who was told that the money had come, is told again.
    """
    case = case_of(recovery_id)
    _require(case, user, Role.FINANCE_APPROVER)
    shown = _waiting(recovery_id, reversal)
    receipts.approve(reversal=shown, user=user)
    recovery = Recovery.objects.get(pk=recovery_id)
    _note(case, recovery, "recovery.receipt_reversed", user, shown.reason)
    telling.tell_applicant(
        case, "recovery.receipt_reversed",
        amount=str(shown.receipt.amount),
        received_on=shown.receipt.received_on.isoformat(),
        left=str(recoveries.open_amount(recovery)), reason=shown.reason,
    )  # fmt: skip
    return recovery


@transaction.atomic
def drop_reversal(*, recovery_id: int, reversal: int, reason: str, user: User) -> Recovery:
    case = case_of(recovery_id)
    _require(case, user, *FINANCE)
    shown = _waiting(recovery_id, reversal)
    receipts.drop(reversal=shown, reason=reason, user=user)
    recovery = shown.receipt.recovery
    _note(case, recovery, "recovery.reversal_dropped", user, reason)
    return recovery


def _waiting(recovery_id: int, reversal: int) -> ReceiptReversal:
    found = receipts.waiting(Recovery.objects.get(pk=recovery_id))
    if found is None or found.pk != reversal:
        raise Conflict(_("This reversal is decided already; reload the page."))
    return found


def case_of(recovery_id: int) -> Application:
    award = Award.objects.get(recoveries=recovery_id)
    rows = Application.objects.select_related("city", "programme", "applicant")
    return rows.get(city=award.city_id, number=award.case_number)


def _require(case: Application, user: User, *roles: Role) -> None:
    require(user, *roles, bureau=finance_bureau(case.city_id))
    if Membership.objects.filter(party=case.applicant, user=user, is_active=True).exists():
        raise NotAllowed(_("You are a member of the applicant and cannot act in this case."))


def _note(case: Application, made: Recovery, event: str, user: User, reason: str) -> None:
    data = {"recovery": made.number, "amount": str(made.amount)}
    note(case, actor=user, event=event, reason=reason, data=data)
