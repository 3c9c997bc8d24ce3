"""Holds: payments kept back until a person has looked. What is not touched is paid as before."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.chains import Fault
from applicants.domain.errors import Conflict, Refused
from applicants.domain.events import record
from applicants.models import BankAccount, City, Party, User
from incentives.domain.reconcile import Difference
from incentives.models import (
    Award,
    CounterEntry,
    CreditListing,
    Instalment,
    PayeeHold,
    PayoutBatch,
)
from incentives.models.payout import HoldKind


@transaction.atomic
def hold(
    *,
    award: Award,
    kind: HoldKind,
    text: str,
    payee: Party | None = None,
    account: BankAccount | None = None,
    listing: CreditListing | None = None,
    cause: str = "",
) -> PayeeHold:
    """Keep the award's payments back, or those to one payee; once while it is not released.

    The database has it wait for whoever is approving or exporting a batch with such a payment.
    """
    found, created = PayeeHold.objects.get_or_create(
        award=award,
        payee=payee,
        kind=kind,
        account=account,
        listing=listing,
        cause=cause,
        released_at=None,
        defaults={"text": text},
    )
    if created:
        _note(found, "payout.held", None, text)
    return found


@transaction.atomic
def release(*, hold_id: int, user: User, reason: str) -> PayeeHold:
    """Let payments go on: somebody has looked and says why."""
    found = PayeeHold.objects.select_for_update(of=("self",)).select_related("award__city")
    held = found.get(pk=hold_id)
    if held.released_at:
        raise Conflict(_("This hold has been released already."))
    if not reason.strip():
        raise Refused({"reason": _("State why the payment may go on.")})
    held.released_by, held.released_at, held.reason = user, timezone.now(), reason.strip()
    held.save(update_fields=["released_by", "released_at", "reason"])
    _note(held, "payout.hold_released", user, reason)
    return held


def open_holds() -> QuerySet[PayeeHold]:
    return PayeeHold.objects.filter(released_at=None)


def is_held() -> Exists:
    """Of an instalment in a query: whether something keeps its payment back."""
    return Exists(
        open_holds().filter(Q(payee=None) | Q(payee=OuterRef("payee")), award=OuterRef("award_id"))
    )


def holds_on(instalments: Sequence[Instalment]) -> dict[int, list[PayeeHold]]:
    """By instalment id: what keeps its payment back."""
    found = open_holds().filter(award__in={row.award_id for row in instalments})
    by_award: dict[int, list[PayeeHold]] = {}
    for one in found.select_related("payee", "account"):
        by_award.setdefault(one.award_id, []).append(one)
    on = {
        row.pk: [
            one for one in by_award.get(row.award_id, []) if one.payee_id in (None, row.payee_id)
        ]
        for row in instalments
    }
    return {pk: holds for pk, holds in on.items() if holds}


def refuse_held_instalments(instalments: Sequence[Instalment]) -> None:
    """Raises Refused naming the cases among them whose payments are held."""
    held = holds_on(instalments)
    numbers = sorted({row.award.case_number for row in instalments if row.pk in held})
    if numbers:
        message = _("Held until somebody has looked: %(cases)s.") % {"cases": "、".join(numbers)}
        raise Refused({"instalments": message})


def refuse_held(batch: PayoutBatch) -> None:
    """Raises Conflict naming the cases whose payments are held since the batch was prepared."""
    held = Instalment.objects.filter(
        is_held(), lines__batch=batch, lines__state="pending"
    ).select_related("award")
    numbers = sorted({instalment.award.case_number for instalment in held})
    if numbers:
        raise Conflict(
            _("Held until somebody has looked: %(cases)s. Release them or cancel the batch.")
            % {"cases": "、".join(numbers)}
        )


def hold_differences(city: City, found: Iterable[Difference]) -> int:
    """Hold the awards that a balance out of true touches, and no other; how many."""
    held = 0
    for one in found:
        text = f"{one.what} {one.key}: {one.recorded} ≠ {one.added_up}"
        held += _hold_unseen(_touched(city, one), text, _cause(one))
    return held


def hold_faults(faults: Iterable[Fault]) -> int:
    """Hold the awards whose ledger entries are not what was sealed; how many.

    Of an entry that was given to another award, both.
    """
    held = 0
    for one in faults:
        text = f"{one.chain} #{one.number}: {one.what}"
        cause = _sha256(one.chain, one.number, one.row, one.what, one.found)
        held += _hold_unseen(Award.objects.filter(pk__in=one.about), text, cause)
    return held


def _touched(city: City, one: Difference) -> QuerySet[Award]:
    living = Award.objects.filter(city=city).exclude(state="released")
    if one.award:
        return living.filter(pk=one.award)
    if one.what in ("counter", "opening", "budget", "pool"):
        under = CounterEntry.objects.filter(counter__city=city, counter__key=one.key)
        return living.filter(pk__in=under.values("award"))
    return living.filter(case_number=one.key)


def _cause(one: Difference) -> str:
    """The same while the gap is, as entries come and go; of a limit exceeded, its sum."""
    gap = one.recorded - one.added_up
    return _sha256(one.what, one.key, f"{gap:.2f}" if gap else f"{one.recorded:.2f} in all")


def _sha256(*parts: object) -> str:
    return sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def _hold_unseen(awards: QuerySet[Award], text: str, cause: str) -> int:
    """Hold those of which nobody has looked at this very cause and said why they may be paid."""
    seen = PayeeHold.objects.filter(cause=cause, released_at__isnull=False)
    unseen = list(awards.exclude(pk__in=seen.values("award")))
    for award in unseen:
        hold(award=award, kind=HoldKind.DIFFERENCE, text=text, cause=cause)
    return len(unseen)


def _note(held: PayeeHold, kind: str, user: User | None, reason: str) -> None:
    record(
        kind=kind,
        subject=held.award.case_number,
        actor=user,
        city=held.award.city,
        reason=reason,
        data={"kind": held.kind, "payee": held.payee.name if held.payee else ""},
    )
