"""A receipt of a recovery that was entered wrongly, reversed whole by two people (冲销到账).

Nothing of it is corrected: the right one is entered afterwards. Who may take which step is asked in
reviews.domain.recovering, which knows the staff roles.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.domain import money
from incentives.domain.money_refusals import not_a_receipt
from incentives.domain.recoveries import note_on
from incentives.models import ReceiptReversal, Recovery, RecoveryEntry
from incentives.models.recovery import RecoveryKind
from incentives.models.reversal import ReversalState


def receipts(recovery: Recovery) -> QuerySet[RecoveryEntry]:
    """What was paid back and is not reversed, nor asked to be."""
    entered = recovery.entries.filter(kind=RecoveryKind.PAID, amount__gt=0)
    return entered.exclude(pk__in=_living(recovery).values("receipt"))


def waiting(recovery: Recovery) -> ReceiptReversal | None:
    """The reversal that waits for its second signature."""
    return _living(recovery).filter(state=ReversalState.PREPARED).first()


def _living(recovery: Recovery) -> QuerySet[ReceiptReversal]:
    asked = ReceiptReversal.objects.filter(receipt__recovery=recovery)
    return asked.exclude(state=ReversalState.DROPPED).select_related("receipt__recovery__city")


@transaction.atomic
def prepare(
    *, recovery: Recovery, receipt: int, reason: str, evidence: str, user: User
) -> ReceiptReversal:
    """Ask that a receipt counts no more; another of finance signs. One waits at a time."""
    Recovery.objects.select_for_update().get(pk=recovery.pk)
    problems = {}
    if not reason.strip():
        problems["reason"] = _("State what is wrong with the receipt.")
    if not receipts(recovery).filter(pk=receipt).exists():
        problems["receipt"] = not_a_receipt()
    if problems:
        raise Refused(problems)
    if waiting(recovery):
        raise Conflict(_("Another reversal of this recovery waits: approve or drop it first."))
    reversal = ReceiptReversal.objects.create(
        receipt_id=receipt,
        reason=reason.strip(),
        evidence=evidence.strip(),
        prepared_by=user,
    )
    _note(reversal, "recovery.reversal_prepared", user, reversal.reason)
    return reversal


@transaction.atomic
def approve(*, reversal: ReceiptReversal, user: User) -> None:
    """Sign it; whoever prepared it may not. The demand is open again by what never came."""
    if reversal.prepared_by_id == user.pk:
        raise NotAllowed(_("A reversal is approved by someone who did not prepare it."))
    money.reverse_receipt(reversal=reversal, at=timezone.now(), actor=user)
    _note(reversal, "recovery.receipt_reversed", user, reversal.reason)


@transaction.atomic
def drop(*, reversal: ReceiptReversal, reason: str, user: User) -> None:
    if not reason.strip():
        raise Refused({"reason": _("State why the reversal is dropped.")})
    money.drop_receipt_reversal(reversal=reversal)
    _note(reversal, "recovery.reversal_dropped", user, reason)


def _note(reversal: ReceiptReversal, kind: str, user: User, reason: str) -> None:
    receipt = reversal.receipt
    note_on(
        receipt.recovery,
        kind,
        user,
        reason.strip(),
        amount=str(receipt.amount),
        received_on=receipt.received_on.isoformat(),
        reference=receipt.reference,
        evidence=reversal.evidence,
    )
