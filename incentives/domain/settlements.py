"""Settlements of what was paid in advance, on audited figures: entered by one, approved by another.

Who may take which step is asked in reviews.domain.settling_advances, which knows the staff roles.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.domain import findings, money, recoveries
from incentives.domain.counters import CounterRequest
from incentives.models import Award, Instalment, PayoutLine, Settlement
from incentives.models.award import AwardState, DueKind, FindingState, Found, SettlementState
from incentives.models.payout import LineState
from incentives.models.recovery import RecoveryState


@transaction.atomic
def prepare(
    *,
    award: Award,
    facts: dict[str, Any],
    assessment: str,
    entitled: Decimal,
    due_on: date,
    reason: str,
    user: User,
) -> Settlement:
    """Prepare what the rules give on the audited figures (`entitled`, yuan)."""
    require_open(award)
    problems: dict[str, str] = {}
    if not reason.strip():
        problems["reason"] = _("State which audit the figures are from.")
    if due_on < timezone.localdate():
        problems["due_on"] = _("Choose a day that is still to come.")
    if problems:
        raise Refused(problems)
    return Settlement.objects.create(
        award=award, facts=facts, assessment=assessment, entitled=entitled, awarded=award.amount,
        due_on=due_on, reason=reason.strip(), prepared_by=user,
    )  # fmt: skip


def require_open(award: Award) -> None:
    """Settled once, to one payee, and when what has a date is paid."""
    require_unsettled(award)
    _require_settled_payments(award)


def require_unsettled(award: Award) -> None:
    if award.settlements.exclude(state=SettlementState.DROPPED).exists():
        raise Conflict(_("This award is settled already, or a settlement waits; reload the case."))


def waiting_parts(award: Award) -> QuerySet[Instalment]:
    """What of an award waits for its stage or evaluation, in order."""
    return findings.standing(award).exclude(due_kind=DueKind.DATE).order_by("number")


def _require_settled_payments(award: Award) -> None:
    if award.state != AwardState.COMMITTED:
        raise Conflict(_("This case has no award that could be settled."))
    parts = findings.standing(award)
    if parts.values("payee").distinct().count() > 1:
        raise Conflict(_("An award of several payees cannot be settled here yet."))
    dated = parts.filter(due_kind=DueKind.DATE)
    paid = PayoutLine.objects.filter(instalment__in=dated, state=LineState.PAID)
    if dated.exclude(pk__in=paid.values("instalment")).exists() or not paid.exists():
        raise Conflict(_("What was advanced is not paid yet; settle when it is."))
    if award.recoveries.exclude(state=RecoveryState.CANCELLED).exists():
        told = _("Money of this award is asked back already: a settlement would ask for it twice.")
        raise Conflict(told)
    if award.instalments.filter(findings__state=FindingState.PREPARED).exists():
        raise Conflict(
            _("A finding on an instalment of this award waits; confirm or drop it first.")
        )


@transaction.atomic
def approve(*, settlement_id: int, counters: Sequence[CounterRequest], user: User) -> Settlement:
    """Sign a settlement, as another than its preparer: what waits is found due as far as it goes,
    then more is granted within `counters`, budget and pools, or the excess is asked back.
    """
    made = _locked(settlement_id)
    if made.prepared_by_id == user.pk:
        raise NotAllowed(_("A settlement is approved by someone who did not prepare it."))
    award = Award.objects.get(pk=made.award_id)
    _require_settled_payments(award)
    if award.amount != made.awarded:
        raise Conflict(_("The award has changed since; drop this settlement and prepare it anew."))
    waiting = list(waiting_parts(award))
    paid = award.amount - sum((part.amount for part in waiting), Decimal(0))
    _find(waiting, made, made.entitled - paid, user)
    recovery = ""
    if made.entitled < paid:
        recovery = recoveries.prepare(
            award=award, amount=paid - made.entitled, reason=made.reason, due_on=made.due_on,
            user=user,
        ).number  # fmt: skip
    if made.entitled > made.awarded:
        money.top_up(
            award=award, entitled=made.entitled, due_on=made.due_on, at=timezone.now(),
            actor=user, reason=made.reason, counters=counters,
        )  # fmt: skip
    money.approve_settlement(settlement=made, recovery=recovery, at=timezone.now(), actor=user)
    made.refresh_from_db()
    return made


def _find(waiting: Iterable[Instalment], made: Settlement, left: Decimal, user: User) -> None:
    """What waits falls due in its order, as far as the settlement goes; the rest lapses."""
    found: set[int] = set()
    for part in waiting:
        if part.pk in found:
            continue
        parts = findings.of_all_payers(part)
        whole = sum((one.amount for one in parts), Decimal(0))
        due = min(max(left, Decimal(0)), whole)
        left -= due
        written = findings.write(
            parts, due, found=Found.SETTLED, due_on=made.due_on, reason=made.reason,
            prepared_by=made.prepared_by,
        )  # fmt: skip
        findings.confirm(finding_id=written[0].pk, user=user)
        found |= {one.pk for one in parts}


@transaction.atomic
def drop(*, settlement_id: int) -> Settlement:
    """Take a prepared settlement back, so that another can be made."""
    made = _locked(settlement_id)
    money.drop_settlement(settlement=made)
    made.refresh_from_db()
    return made


def _locked(settlement_id: int) -> Settlement:
    rows = Settlement.objects.select_for_update(of=("self",)).select_related("prepared_by")
    made = rows.get(pk=settlement_id)
    if made.state != SettlementState.PREPARED:
        raise Conflict(_("This settlement is decided already; reload the case."))
    return made
