"""Paying, for the finance bureau of the city: who may, and what the applicant is told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.domain.events import record
from applicants.models import City, District, Membership, User
from incentives.domain import bank_results, credit, payout_checks, payouts, recoveries, suspicions
from incentives.domain.bank_results import Preview
from incentives.domain.payout_checks import Result
from incentives.domain.payout_lines import Withheld
from incentives.models import (
    Award,
    BankResult,
    Bureau,
    Instalment,
    PayeeHold,
    PayoutBatch,
    PayoutFile,
    PayoutLine,
    RecoveryEntry,
)
from incentives.models.payout import BatchState, LineState
from reviews.domain import telling
from reviews.domain.cases import absent, note
from reviews.domain.paid_to import accounts_of_cases, checked_of_cases
from reviews.domain.roles import lender_of, require
from reviews.models import Application
from reviews.models.staff import Role

FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)


def finance_bureau(city_code: str) -> Bureau:
    return Bureau.objects.get(city=city_code, code="finance")


def look_through_results(*, batch_id: int, name: str, content: bytes, user: User) -> Preview:
    """What importing the bank's file would record; nothing of it counts yet."""
    require(user, *FINANCE, bureau=_bureau_of(batch_id))
    batch = PayoutBatch.objects.get(pk=batch_id)
    return bank_results.look_through(batch=batch, name=name, content=content)


@transaction.atomic
def import_results(
    *, batch_id: int, name: str, content: bytes, user: User
) -> tuple[BankResult, list[PayoutLine]]:
    """Record the bank's file (incentives.domain.bank_results) and tell the applicants."""
    _require_in(batch_id, user, *FINANCE)
    result, lines = bank_results.import_results(
        batch_id=batch_id, name=name, content=content, user=user
    )
    for line in lines:
        _write_to_case(line, user)
    return result, lines


def look_over(*, city: City, instalment_ids: Collection[int], user: User) -> list[PayeeHold]:
    """Hold those among the instalments that somebody has to look at first.

    Every step that pays begins with it, in a transaction of its own: it stays when the step is
    refused. A caller whose own transaction would take it back calls it before.
    """
    require(user, *FINANCE, bureau=finance_bureau(city.pk))
    rows = Instalment.objects.filter(pk__in=list(instalment_ids), award__city=city)
    instalments = list(rows.select_related("award__city", "payee").order_by("pk"))
    paid_to = payout_checks.accounts_found(instalments, accounts_of_cases(instalments))
    checked = checked_of_cases(instalments)
    return suspicions.look_over(instalments=instalments, accounts=paid_to, checked=checked)


def hold_listed(*, city: City, instalments: Sequence[Instalment], user: User) -> list[PayeeHold]:
    """Hold those of whoever is listed for bad credit today, so that the others can be chosen."""
    require(user, *FINANCE, bureau=finance_bureau(city.pk))
    return credit.hold_listed(instalments)


def look_over_batch(*, batch_id: int, user: User) -> list[PayeeHold]:
    """The same for the lines of a batch that has not been exported."""
    batch = PayoutBatch.objects.select_related("city").get(pk=batch_id)
    if batch.state not in (BatchState.PREPARED, BatchState.APPROVED):
        return []
    ids = list(batch.lines.values_list("instalment", flat=True))
    return look_over(city=batch.city, instalment_ids=ids, user=user)


def prepare(
    *,
    city: City,
    instalment_ids: Collection[int],
    user: User,
    net: Collection[int] = (),
    withheld: Withheld | None = None,
    why_less: Mapping[int, str] | None = None,
    district: District | None = None,
    until: date | None = None,
) -> PayoutBatch:
    """Put due instalments into a batch; see incentives.domain.payouts.prepare_batch.

    A district's money is prepared and signed by the city's finance bureau on its behalf, for no
    district has staff here; its files name the district, to which they are handed over.
    """
    require(user, Role.FINANCE_PREPARER, bureau=finance_bureau(city.pk))
    look_over(city=city, instalment_ids=instalment_ids, user=user)
    with transaction.atomic():
        chosen = Instalment.objects.filter(pk__in=list(instalment_ids)).select_related("award")
        _refuse_own(user, chosen)
        batch = payouts.prepare_batch(
            city=city,
            instalment_ids=instalment_ids,
            user=user,
            accounts=accounts_of_cases(chosen),
            checked=checked_of_cases(chosen),
            net=net,
            withheld=withheld,
            why_less=why_less,
            district=district,
            until=until,
        )
        _note_deputy(batch, user, Role.FINANCE_PREPARER)
    return batch


def approve(*, batch_id: int, user: User) -> PayoutBatch:
    require(user, Role.FINANCE_APPROVER, bureau=_bureau_of(batch_id))
    look_over_batch(batch_id=batch_id, user=user)
    with transaction.atomic():
        _require_in(batch_id, user, Role.FINANCE_APPROVER)
        instalments = Instalment.objects.filter(lines__batch=batch_id).select_related("award")
        _refuse_own(user, instalments)
        return payouts.approve_batch(
            batch_id=batch_id, user=user, accounts=accounts_of_cases(instalments)
        )


@transaction.atomic
def cancel(*, batch_id: int, user: User, reason: str) -> PayoutBatch:
    _require_in(batch_id, user, *FINANCE)
    return payouts.cancel_batch(batch_id=batch_id, user=user, reason=reason)


def export(*, batch_id: int, user: User) -> list[PayoutFile]:
    require(user, *FINANCE, bureau=_bureau_of(batch_id))
    look_over_batch(batch_id=batch_id, user=user)
    with transaction.atomic():
        _require_in(batch_id, user, *FINANCE)
        instalments = Instalment.objects.filter(lines__batch=batch_id).select_related("award")
        before = PayoutBatch.objects.values_list("state", flat=True).get(pk=batch_id)
        files = payouts.export_batch(
            batch_id=batch_id, user=user, accounts=accounts_of_cases(instalments)
        )
        if before == BatchState.APPROVED:
            _tell_netting(batch_id, user)
    return files


@transaction.atomic
def download(*, file: PayoutFile, user: User) -> bytes:
    """The only way to whole account numbers; auditors read the batch, not its files."""
    _require_in(file.batch_id, user, *FINANCE)
    return payouts.file_content(file, user)


@transaction.atomic
def settle(*, batch_id: int, results: Mapping[int, Result], user: User) -> list[PayoutLine]:
    """Record the bank's answers by line id and tell the applicants."""
    _require_in(batch_id, user, *FINANCE)
    lines = payouts.settle(batch_id=batch_id, results=results, user=user)
    for line in lines:
        _write_to_case(line, user)
    return lines


def _bureau_of(batch_id: int) -> Bureau:
    return finance_bureau(PayoutBatch.objects.values_list("city", flat=True).get(pk=batch_id))


def _tell_netting(batch_id: int, user: User) -> None:
    """What the export itself settled: demands that were netted, and lines paid by that alone."""
    for line in PayoutLine.objects.filter(batch=batch_id, state=LineState.PAID):
        _write_to_case(line, user)
    entries = RecoveryEntry.objects.filter(line__batch=batch_id).select_related("recovery__award")
    for entry in entries.order_by("id"):
        case = _case_of(entry.recovery.award)
        if case is None:
            continue
        left = str(recoveries.open_amount(entry.recovery))
        data = {"recovery": entry.recovery.number, "amount": str(entry.amount)}
        note(case, actor=user, event="recovery.entered", reason=entry.reference, data=data)
        telling.tell_applicant(case, "recovery.entered", amount=str(entry.amount), left=left)


def _case_of(award: Award) -> Application | None:
    """None for an award that was given before the city used this house."""
    rows = Application.objects.select_related("city", "programme", "applicant")
    return rows.filter(city=award.city_id, number=award.case_number).first()


def _require_in(batch_id: int, user: User, *roles: Role) -> None:
    batch = PayoutBatch.objects.get(pk=batch_id)
    require(user, *roles, bureau=finance_bureau(batch.city_id))
    _note_deputy(batch, user, *roles)


def _note_deputy(batch: PayoutBatch, user: User, *roles: Role) -> None:
    """Beside the batch's own events, for whom a deputy took the step."""
    lender = lender_of(user, *roles, bureau=finance_bureau(batch.city_id))
    if lender:
        record(
            kind="payout.deputised",
            subject=batch.number,
            actor=user,
            city=batch.city,
            data=absent(lender),
        )


def _refuse_own(user: User, instalments: QuerySet[Instalment]) -> None:
    parties = Membership.objects.filter(user=user).values("party")
    own = instalments.filter(Q(payee__in=parties) | Q(award__applicant__in=parties))
    if own.exists():
        raise NotAllowed(_("You are a member of the applicant and cannot act in this case."))


def _write_to_case(line: PayoutLine, user: User) -> None:
    """The case's history shows each payment; the event keeps the notices of two lines apart."""
    award = line.instalment.award
    related = ("city", "programme", "applicant")
    case = Application.objects.select_related(*related).get(
        city=award.city_id, number=award.case_number
    )
    kind = f"payment.{line.state}"
    told = {"amount": str(line.amount), "payee": line.payee.name, "note": line.result_note}
    note(case, actor=user, event=kind, reason=line.result_note, data=told)
    telling.tell_applicant(case, kind, **told)
