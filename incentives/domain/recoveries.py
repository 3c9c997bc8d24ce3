"""Recoveries (追缴): money of an award asked back, part payments, netting, and write-off by two.

Who may take which step is asked in reviews.domain.recovering, which knows the staff roles.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.numbering import next_number
from applicants.models import Party, User
from incentives.domain import money
from incentives.models import Award, LedgerEntry, PayoutLine, Recovery, RecoveryEntry
from incentives.models.recovery import RecoveryKind, RecoveryState

OPEN = (RecoveryState.PREPARED, RecoveryState.DEMANDED)


@transaction.atomic
def prepare(*, award: Award, amount: Decimal, reason: str, due_on: date, user: User) -> Recovery:
    """Ask back `amount` yuan of what was paid: at most what is not asked back already."""
    Party.objects.select_for_update(no_key=True).get(pk=award.applicant_id)  # nobody asks beside
    left = recoverable(award)
    problems = {}
    if not Decimal(0) < amount <= left:
        problems["amount"] = _("Between 0.01 and %s yuan, what was paid and not asked back.") % left
    if not reason.strip():
        problems["reason"] = _("State why the money is asked back.")
    if due_on < timezone.localdate():
        problems["due_on"] = _("Choose a day that is still to come.")
    if problems:
        raise Refused(problems)
    year = timezone.localdate().year
    serial = next_number(city=award.city, series="recovery", year=year)
    recovery = Recovery.objects.create(
        city=award.city,
        number=f"{award.city.abbreviation}-ZJ-{year}-{serial:04d}",
        award=award,
        party=award.applicant,
        amount=amount,
        reason=reason.strip(),
        due_on=due_on,
        prepared_by=user,
    )
    note_on(recovery, "recovery.prepared", user, reason)
    return recovery


def recoverable(award: Award) -> Decimal:
    """Yuan that were paid of an award and are neither returned nor asked back."""
    entries = LedgerEntry.objects.filter(award=award)
    paid = _sum(entries.filter(stage="paid")) - _sum(entries.filter(stage="returned"))
    return paid - _sum(award.recoveries.exclude(state=RecoveryState.CANCELLED))


def open_amount(recovery: Recovery) -> Decimal:
    """Yuan of a demand that have neither come back nor been written off."""
    return recovery.amount - _sum(recovery.entries.all())


def written_off(recovery: Recovery) -> Decimal:
    """Yuan of a demand that were given up; money may still come in on them."""
    return _sum(recovery.entries.filter(kind=RecoveryKind.WRITTEN_OFF))


def _sum(rows: "QuerySet[LedgerEntry] | QuerySet[Recovery] | QuerySet[RecoveryEntry]") -> Decimal:
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


@transaction.atomic
def demand(*, recovery_id: int, user: User) -> Recovery:
    """Sign the demand; whoever prepared it may not. A payment that came back is not demanded."""
    recovery = _locked(recovery_id, RecoveryState.PREPARED)
    if recovery.prepared_by_id == user.pk:
        raise NotAllowed(_("A recovery is demanded by someone who did not prepare it."))
    if (left := recoverable(recovery.award) + recovery.amount) < recovery.amount:
        raise Conflict(
            _("Only %s yuan are left to ask back; drop this recovery and prepare it anew.")
            % max(left, Decimal(0))
        )
    recovery.state, recovery.demanded_by = RecoveryState.DEMANDED, user
    recovery.demanded_at = timezone.now()
    recovery.save(update_fields=["state", "demanded_by", "demanded_at"])
    note_on(recovery, "recovery.demanded", user, recovery.reason)
    return recovery


@transaction.atomic
def cancel(*, recovery_id: int, user: User, reason: str) -> Recovery:
    recovery = _locked(recovery_id, RecoveryState.PREPARED)
    if not reason.strip():
        raise Refused({"reason": _("State why the recovery is dropped.")})
    recovery.state = RecoveryState.CANCELLED
    recovery.save(update_fields=["state"])
    note_on(recovery, "recovery.cancelled", user, reason)
    return recovery


@transaction.atomic
def enter(
    *,
    recovery_id: int,
    amount: Decimal,
    received_on: date,
    reference: str,
    user: User,
    line: PayoutLine | None = None,
) -> Recovery:
    """Enter what came back, in whole or in part, or was netted against a payout line.

    Money that comes after a write-off takes back as much of it. A receipt is entered once.
    """
    recovery = _locked(recovery_id, RecoveryState.DEMANDED, RecoveryState.SETTLED)
    problems = {}
    if amount <= 0:
        problems["amount"] = _("An amount is above 0 yuan.")
    if received_on > timezone.localdate():
        problems["received_on"] = _("The money cannot have come on a day that is still to come.")
    if not reference.strip():
        problems["reference"] = _("Give the reference on the bank statement.")
    if problems:
        raise Refused(problems)
    money.recover(
        recovery=recovery,
        kind=RecoveryKind.NETTED if line else RecoveryKind.PAID,
        amount=amount,
        received_on=received_on,
        reference=reference.strip()[:120],
        prepared_by=user,
        at=timezone.now(),
        actor=user,
        line=line,
    )
    note_on(recovery, "recovery.entered", user, reference, amount=str(amount))
    recovery.refresh_from_db()
    return recovery


@transaction.atomic
def ask_write_off(*, recovery_id: int, reason: str, user: User) -> Recovery:
    """Once: what another is to sign stays as it was asked for."""
    recovery = _locked(recovery_id, RecoveryState.DEMANDED)
    if recovery.write_off_asked_by is not None:
        raise Conflict(_("A write-off was asked for already; another signs it."))
    if not reason.strip():
        raise Refused({"reason": _("State why the rest is given up.")})
    recovery.write_off_asked_by, recovery.write_off_reason = user, reason.strip()
    recovery.save(update_fields=["write_off_asked_by", "write_off_reason"])
    note_on(recovery, "recovery.write_off_asked", user, reason)
    return recovery


@transaction.atomic
def write_off(*, recovery_id: int, user: User) -> Recovery:
    """Give up what is open, by the second of two people."""
    recovery = _locked(recovery_id, RecoveryState.DEMANDED)
    first = recovery.write_off_asked_by
    if first is None:
        raise Conflict(_("Nobody has asked for a write-off yet."))
    if first.pk == user.pk:
        raise NotAllowed(_("A write-off is signed by two different people."))
    left = open_amount(recovery)
    money.recover(
        recovery=recovery,
        kind=RecoveryKind.WRITTEN_OFF,
        amount=left,
        received_on=timezone.localdate(),
        reference=recovery.write_off_reason[:120],
        prepared_by=first,
        at=timezone.now(),
        actor=user,
    )
    note_on(recovery, "recovery.written_off", user, recovery.write_off_reason, amount=str(left))
    recovery.refresh_from_db()
    return recovery


def _locked(recovery_id: int, *expected: str) -> Recovery:
    rows = Recovery.objects.select_for_update(of=("self",))
    related = ("city", "award", "party", "write_off_asked_by")
    recovery = rows.select_related(*related).get(pk=recovery_id)
    if recovery.state not in expected:
        raise Conflict(
            _("The recovery is now “%(state)s”; reload the page.")
            % {"state": recovery.get_state_display()}
        )
    return recovery


def note_on(recovery: Recovery, kind: str, user: User, reason: str, **data: str) -> None:
    record(
        kind=kind,
        subject=recovery.number,
        actor=user,
        city=recovery.city,
        reason=reason,
        data={"recovery": recovery.number, "of": str(recovery.amount), **data},
    )
