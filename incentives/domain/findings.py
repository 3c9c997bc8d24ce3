"""Findings on instalments: whether the stage that one waits for was reached, or that it is
withdrawn and not paid any more. Made by one, confirmed by another.

Who may take which step is asked in reviews.domain.staging, which knows the staff roles.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Document, User
from incentives.domain import money
from incentives.domain.money_refusals import in_a_batch
from incentives.domain.suspicions import LIVING
from incentives.models import Award, Instalment, InstalmentFinding, RecoveryEntry
from incentives.models.award import ON_A_STAGE, AwardState, DueKind, FindingState, Found


def standing(award: Award) -> QuerySet[Instalment]:
    """The instalments that are the award: one of which something was found has given its place."""
    return award.instalments.exclude(pk__in=_replaced().values("instalment"))


def all_standing() -> QuerySet[Instalment]:
    """The same of every award."""
    return Instalment.objects.exclude(pk__in=_replaced().values("instalment"))


def _replaced() -> QuerySet[InstalmentFinding]:
    return InstalmentFinding.objects.filter(state=FindingState.CONFIRMED)


def prepare(
    *,
    instalment_id: int,
    found: str,
    amount: Decimal | None,
    due_on: date | None,
    reason: str,
    document: Document | None,
    user: User,
) -> InstalmentFinding:
    """Prepare what was found; `amount` yuan and the day it is due where it was partly met.

    What is to be withdrawn is paid no more from now on, unless the finding is dropped.
    """
    part = Instalment.objects.select_related("award").get(pk=instalment_id)
    _require_open(part, found)
    due = _due_amount(part, found, amount)
    problems: dict[str, str] = {}
    if not reason.strip():
        problems["reason"] = _("State what was found, and on what evidence.")
    if due and (wrong := _wrong_day(part.award, due_on)):
        problems["due_on"] = wrong
    if problems:
        raise Refused(problems)
    return InstalmentFinding.objects.create(
        instalment=part, found=found, amount=due, due_on=due_on if due else None,
        reason=reason.strip(), document=document, prepared_by=user,
    )  # fmt: skip


def _wrong_day(award: Award, due_on: date | None) -> str:
    if due_on is None:
        return _("Enter the day on which it falls due.")
    awarded_on = timezone.localdate(award.committed_at)
    if due_on < awarded_on:
        return _("Choose a day from that of the award on, %s.") % awarded_on.isoformat()
    return ""


def _require_open(part: Instalment, found: str) -> None:
    if part.award.state != AwardState.COMMITTED:
        raise Conflict(_("This finding is decided already, or its award is; reload the case."))
    if found == Found.WITHDRAWN:
        if being_paid(part):
            raise Conflict(in_a_batch())
    elif part.due_kind == DueKind.DATE:
        raise Conflict(_("This instalment does not wait for a stage or an evaluation."))
    if part.findings.exclude(state=FindingState.DROPPED).exists():
        raise Conflict(_("Something was found on this instalment already; reload the case."))


def being_paid(part: Instalment) -> bool:
    """Whether it is in a batch or paid, or what was kept back of it paid a demand."""
    netted = RecoveryEntry.objects.filter(line=OuterRef("pk"))
    return part.lines.filter(Q(state__in=LIVING) | Exists(netted)).exists()


def _due_amount(part: Instalment, found: str, amount: Decimal | None) -> Decimal:
    if found not in (*ON_A_STAGE, Found.WITHDRAWN):
        raise Refused({"found": _("Choose reached, reached in part or not reached.")})
    if found != Found.PARTLY and amount is not None:
        raise Refused({"amount": _("Leave the amount empty unless it was reached in part.")})
    if found != Found.MET and part.award.payer == "shared":
        told = _("Several payers share this award: its stage is reached as a whole, or waits.")
        raise Refused({"found": told})
    if found != Found.PARTLY:
        return part.amount if found == Found.MET else Decimal(0)
    if amount is None or not 0 < amount < part.amount:
        told = _("Reached in part: an amount above 0 and below the %s yuan of the instalment.")
        raise Refused({"amount": told % f"{part.amount:,}"})
    return amount


def confirm(*, finding_id: int, user: User) -> InstalmentFinding:
    """Sign a finding; whoever made it may not. What lapses gives room to others again."""
    finding = _prepared(finding_id)
    if finding.prepared_by_id == user.pk:
        raise NotAllowed(_("A finding is confirmed by someone who did not make it."))
    money.confirm_finding(finding=finding, at=timezone.now(), actor=user, reason=finding.reason)
    finding.refresh_from_db()
    return finding


def drop(*, finding_id: int) -> InstalmentFinding:
    """Take a prepared finding back, so that another can be made."""
    finding = InstalmentFinding.objects.select_for_update().get(pk=_prepared(finding_id).pk)
    if finding.state != FindingState.PREPARED:
        raise Conflict(_("This finding is decided already, or its award is; reload the case."))
    finding.state = FindingState.DROPPED
    finding.save(update_fields=["state"])
    return finding


def _prepared(finding_id: int) -> InstalmentFinding:
    finding = InstalmentFinding.objects.select_related("instalment__award").get(pk=finding_id)
    if finding.state != FindingState.PREPARED:
        raise Conflict(_("This finding is decided already, or its award is; reload the case."))
    return finding
