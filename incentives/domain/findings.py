"""Findings on instalments: whether the stage that one waits for was reached, or that it is
withdrawn and not paid any more. Made by one, confirmed by another.

Who may take which step is asked in reviews.domain.staging, which knows the staff roles.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Document, User
from incentives.domain import money
from incentives.domain.money_refusals import in_a_batch
from incentives.domain.shares import split
from incentives.domain.suspicions import LIVING
from incentives.models import Award, Instalment, InstalmentFinding, RecoveryEntry
from incentives.models.award import ON_A_STAGE, AwardState, DueKind, FindingState, Found
from incentives.models.payout import LineState


def standing(award: Award) -> QuerySet[Instalment]:
    """The instalments that are the award: one of which something was found has given its place."""
    return award.instalments.exclude(pk__in=_replaced().values("instalment"))


def all_standing() -> QuerySet[Instalment]:
    """The same of every award."""
    return Instalment.objects.exclude(pk__in=_replaced().values("instalment"))


def _replaced() -> QuerySet[InstalmentFinding]:
    return InstalmentFinding.objects.filter(state=FindingState.CONFIRMED)


@transaction.atomic
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

    What is to be withdrawn is paid no more from now on, unless the finding is dropped. Of an award
    that several payers share it is found of each payer's instalment of the part, `amount` of all.
    """
    part = Instalment.objects.select_related("award").get(pk=instalment_id)
    parts = of_all_payers(part, paid=found == Found.WITHDRAWN)
    for one in parts:
        _require_open(one, found)
    due = _due_amount(sum((one.amount for one in parts), Decimal(0)), found, amount)
    problems: dict[str, str] = {}
    if not reason.strip():
        problems["reason"] = _("State what was found, and on what evidence.")
    if due and (wrong := _wrong_day(part.award, due_on)):
        problems["due_on"] = wrong
    if problems:
        raise Refused(problems)
    made = write(
        parts, due, found=found, due_on=due_on, reason=reason.strip(), document=document,
        prepared_by=user,
    )  # fmt: skip
    return next(one for one in made if one.instalment_id == part.pk)


def of_all_payers(part: Instalment, *, paid: bool = False) -> list[Instalment]:
    """The instalment and, of an award that several payers share, those of the others of its part.

    `paid`: without what others have paid already, which can be asked back alone.
    """
    if part.award.payer != "shared" or part.part is None:
        return [part]
    parts = standing(part.award).filter(part=part.part).select_related("award").order_by("number")
    return [one for one in parts if not paid or one.pk == part.pk or not _is_paid(one)]


def together(finding: InstalmentFinding) -> list[InstalmentFinding]:
    """It and what was found with it of the other payers' instalments, in their order."""
    part = finding.instalment
    if part.award.payer != "shared" or part.part is None:
        return [finding]
    alike = {name: getattr(finding, name) for name in ("found", "state", "confirmed_at", "reason")}
    rows = InstalmentFinding.objects.filter(
        instalment__award=part.award, instalment__part=part.part, **alike
    )
    return list(rows.select_related("instalment").order_by("instalment__number"))


def write(
    parts: Sequence[Instalment], due: Decimal, *, due_on: date | None, **given: Any
) -> list[InstalmentFinding]:
    """A finding on each, prepared: `due` yuan of them in all, split by what each of them is."""
    amounts = split(due, [part.amount for part in parts])
    return [
        InstalmentFinding.objects.create(
            instalment=part, amount=amount, due_on=due_on if amount else None, **given
        )
        for part, amount in zip(parts, amounts, strict=True)
    ]


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
    return _has_lines(part, *LIVING)


def _is_paid(part: Instalment) -> bool:
    return _has_lines(part, LineState.PAID)


def _has_lines(part: Instalment, *states: str) -> bool:
    netted = RecoveryEntry.objects.filter(line=OuterRef("pk"))
    return part.lines.filter(Q(state__in=states) | Exists(netted)).exists()


def _due_amount(whole: Decimal, found: str, amount: Decimal | None) -> Decimal:
    if found not in (*ON_A_STAGE, Found.WITHDRAWN):
        raise Refused({"found": _("Choose reached, reached in part or not reached.")})
    if found != Found.PARTLY and amount is not None:
        raise Refused({"amount": _("Leave the amount empty unless it was reached in part.")})
    if found != Found.PARTLY:
        return whole if found == Found.MET else Decimal(0)
    if amount is None or not 0 < amount < whole:
        told = _("Reached in part: an amount above 0 and below the %s yuan of the instalment.")
        raise Refused({"amount": told % f"{whole:,}"})
    return amount


def confirm(*, finding_id: int, user: User) -> InstalmentFinding:
    """Sign a finding, of all payers; whoever made it may not. What lapses gives room again."""
    finding = _prepared(finding_id)
    if finding.prepared_by_id == user.pk:
        raise NotAllowed(_("A finding is confirmed by someone who did not make it."))
    money.confirm_finding(finding=finding, at=timezone.now(), actor=user, reason=finding.reason)
    finding.refresh_from_db()
    return finding


def drop(*, finding_id: int) -> InstalmentFinding:
    """Take a prepared finding back, of all payers, so that another can be made."""
    finding = _prepared(finding_id)
    ids = [one.pk for one in together(finding)]
    rows = InstalmentFinding.objects.filter(pk__in=ids).order_by("id").select_for_update()
    if any(one.state != FindingState.PREPARED for one in rows):
        raise Conflict(_("This finding is decided already, or its award is; reload the case."))
    InstalmentFinding.objects.filter(pk__in=ids).update(state=FindingState.DROPPED)
    finding.refresh_from_db()
    return finding


def _prepared(finding_id: int) -> InstalmentFinding:
    finding = InstalmentFinding.objects.select_related("instalment__award").get(pk=finding_id)
    if finding.state != FindingState.PREPARED:
        raise Conflict(_("This finding is decided already, or its award is; reload the case."))
    return finding
