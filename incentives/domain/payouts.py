"""Payout batches: prepared by one person, approved by another, exported once, settled by the bank.

Who may take which step is asked in reviews.domain.paying, which knows the staff roles.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.crypto import decrypt, encrypt
from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.numbering import next_number
from applicants.models import BankAccount, City, District, User
from incentives.domain import credit, holds, money, netting, payout_checks, payout_files, suspicions
from incentives.domain.database_calls import told_of_refusals
from incentives.domain.payers import money_of, payer_of
from incentives.domain.payout_formats import formats_of
from incentives.domain.payout_lines import Withheld, lines_of
from incentives.models import (
    Instalment,
    InstalmentFinding,
    PayoutBatch,
    PayoutFile,
    PayoutFormat,
    PayoutLine,
)
from incentives.models.award import AwardState, FindingState, Found
from incentives.models.payout import BatchState, Payer

FILE_PURPOSE = "payout file"


def due_instalments(city: City, on: date, district: District | None = None) -> QuerySet[Instalment]:
    """What is owed of the city's money, or of a district's: in no batch and not paid by a day.

    The oldest first.
    """
    return (
        _due(city, on)
        .filter(money_of(district), payer=payer_of(district))
        .select_related(
            "award__programme",
            "award__applicant",
            "award__bureau",
            "award__budget",
            "award__settlement_budget",
            "award__city",
            "award__district",
            "payee",
        )
        .order_by("due_on", "id")
    )


def due_of_districts(city: City, on: date) -> QuerySet[Instalment]:
    """What is owed of the money of all districts of a city, in no order."""
    return _due(city, on).filter(payer=Payer.DISTRICT, award__district__isnull=False).order_by()


def count_by_district(due: QuerySet[Instalment]) -> dict[District, int]:
    """How many of what is due is of the money of each district that owes any."""
    counts = dict(due.values_list("award__district").annotate(Count("pk")))
    districts = District.objects.filter(pk__in=counts).order_by("pk")
    return {district: counts[district.pk] for district in districts}


def _due(city: City, on: date) -> QuerySet[Instalment]:
    living = PayoutLine.objects.filter(instalment=OuterRef("pk"), state__in=payout_checks.LIVING)
    withdrawn = InstalmentFinding.objects.exclude(state=FindingState.DROPPED).filter(
        instalment=OuterRef("pk"), found=Found.WITHDRAWN
    )
    return Instalment.objects.filter(
        ~Exists(living),
        ~Exists(withdrawn),
        award__city=city,
        award__state=AwardState.COMMITTED,
        due_on__lte=on,
    )


@transaction.atomic
def prepare_batch(
    *,
    city: City,
    instalment_ids: Iterable[int],
    user: User,
    accounts: Mapping[int, BankAccount] | None = None,
    checked: suspicions.Checked | None = None,
    net: Collection[int] = (),
    withheld: Withheld | None = None,
    why_less: Mapping[int, str] | None = None,
    district: District | None = None,
    until: date | None = None,
) -> PayoutBatch:
    """Put due instalments into a new batch, each to its payee's current account.

    A batch is of one payer's money: the city's, or with `district` of that district's. What falls
    due after today is paid early only where `until` names a day as late.

    `accounts` names another account for an instalment, by its id: that of a team's member.
    `checked` tells which one finance checked (number_hmac). Of the instalments in `net` what the
    payee owes on demands is kept back; `withheld` is tax of persons, in yuan by instalment, and
    `why_less` why it is less than before the payment came back.

    Raises Conflict when one of them is in a batch or paid already, Refused when nothing is chosen,
    a payment is held, somebody is listed for bad credit, a payee has no account, another than the
    one checked, or two share one.
    """
    # The number's row stays locked until the commit: a city's clerks prepare one after another.
    number = _next_batch_number(city)
    until = until or timezone.localdate()
    instalments = _chosen(city, district, until, sorted(set(instalment_ids)))
    credit.refuse_listed(instalments)
    holds.refuse_held_instalments(instalments)
    paid_to = payout_checks.accounts_of(instalments, accounts or {})
    payout_checks.refuse_shared_accounts(instalments, paid_to)
    payout_checks.refuse_unchecked_accounts(instalments, paid_to, checked or {})
    batch = PayoutBatch.objects.create(
        city=city,
        number=number,
        payer=payer_of(district),
        district=district,
        line_count=len(instalments),
        total=sum((instalment.amount for instalment in instalments), Decimal(0)),
        prepared_by=user,
        prepared_at=timezone.now(),
    )
    batch.formats.set(formats_of(city))
    lines = lines_of(batch, instalments, paid_to, net, withheld or {}, why_less or {})
    with told_of_refusals():  # such as what is withdrawn meanwhile
        PayoutLine.objects.bulk_create(lines)
    _note(batch, "payout.prepared", user, due_until=until.isoformat())
    return batch


@transaction.atomic
def approve_batch(
    *, batch_id: int, user: User, accounts: Mapping[int, BankAccount] | None = None
) -> PayoutBatch:
    """Approve by someone else than the preparer, after the lines were added up again.

    `accounts` as for prepare_batch. Raises Conflict when a payment is held, or totals or accounts
    are no longer right.
    """
    batch = _locked(batch_id, BatchState.PREPARED)
    if batch.prepared_by_id == user.pk:
        raise NotAllowed(_("A batch is approved by someone who did not prepare it."))
    _look_again(batch, accounts)
    batch.state = BatchState.APPROVED
    batch.approved_by, batch.approved_at = user, timezone.now()
    batch.save(update_fields=["state", "approved_by", "approved_at"])
    _note(batch, "payout.approved", user)
    return batch


@transaction.atomic
def cancel_batch(*, batch_id: int, user: User, reason: str) -> PayoutBatch:
    """Drop a batch before its export; its instalments are due again."""
    batch = _locked(batch_id, BatchState.PREPARED, BatchState.APPROVED)
    if not reason.strip():
        raise Refused({"reason": _("State why the batch is cancelled.")})
    batch.state = BatchState.CANCELLED
    batch.save(update_fields=["state"])
    money.cancel_lines(batch=batch)
    _note(batch, "payout.cancelled", user, reason=reason)
    return batch


@transaction.atomic
def export_batch(
    *, batch_id: int, user: User, accounts: Mapping[int, BankAccount] | None = None
) -> list[PayoutFile]:
    """Write the files of an approved batch, once; asked again, the same files are given out.

    Holds, totals and accounts are looked at again; `accounts` as for prepare_batch.
    """
    batch = _locked(batch_id, BatchState.APPROVED, BatchState.EXPORTED, BatchState.SETTLED)
    if batch.state == BatchState.APPROVED:
        _look_again(batch, accounts)
        layouts = list(batch.formats.order_by("code"))
        if not layouts:
            raise Conflict(_("This batch names no file format. Cancel it and prepare it anew."))
        for layout in layouts:
            _keep(batch, layout, payout_files.content(batch, layout))
        batch.state, batch.exported_at = BatchState.EXPORTED, timezone.now()
        batch.save(update_fields=["state", "exported_at"])
        digests = {file.name: file.sha256 for file in batch.files.all()}
        _note(batch, "payout.exported", user, sha256=digests)
        _net(batch, user)
    return list(batch.files.order_by("format", "id"))


def file_content(file: PayoutFile, user: User) -> bytes:
    """The bytes as they were first exported. Each download is an event."""
    content = decrypt(file.content_encrypted, purpose=FILE_PURPOSE)
    if sha256(content).hexdigest() != file.sha256:
        raise RuntimeError(f"payout file {file.name} is not what was exported")
    _note(file.batch, "payout.downloaded", user, file=file.name, sha256=file.sha256)
    return content


@transaction.atomic
def settle(
    *, batch_id: int, results: Mapping[int, payout_checks.Result], user: User
) -> list[PayoutLine]:
    """Record the bank's answers by line id: ("paid", note) or ("returned", why).

    A paid line may still come back later; a returned instalment is due again. Returns the lines.
    """
    batch = _locked(batch_id, BatchState.EXPORTED, BatchState.SETTLED)
    lines = payout_checks.answered(batch, results)
    now = timezone.now()
    for line in lines:
        result, note = results[line.pk]
        money.settle_line(line=line, result=result, at=now, actor=user, note=note.strip())
        line.refresh_from_db()
    told = {line.number: results[line.pk][0] for line in lines}
    _note(batch, "payout.settled", user, lines=told)
    if batch.state == BatchState.EXPORTED and not batch.lines.filter(state="pending").exists():
        batch.state, batch.settled_at = BatchState.SETTLED, now
        batch.save(update_fields=["state", "settled_at"])
    return lines


def _next_batch_number(city: City) -> str:
    year = timezone.localdate().year
    serial = next_number(city=city, series="payout", year=year)
    return f"{city.abbreviation}-BF-{year}-{serial:04d}"


def _chosen(
    city: City, district: District | None, until: date, ids: Sequence[int]
) -> list[Instalment]:
    if not ids:
        raise Refused({"instalments": _("Choose at least one instalment.")})
    instalments = list(due_instalments(city, until, district).filter(pk__in=ids))
    if len(instalments) != len(ids):
        found = {instalment.pk for instalment in instalments}
        gone = [pk for pk in ids if pk not in found]
        _refuse_other_payer(city, district, gone)
        _refuse_early(until, gone)
        raise Conflict(
            _("Not due, in another batch, or paid already: %(which)s. Reload the list.")
            % {"which": ", ".join(map(_shown, gone))}
        )
    return instalments


def _refuse_other_payer(city: City, district: District | None, ids: Sequence[int]) -> None:
    own = Q(money_of(district), payer=payer_of(district))
    others = Instalment.objects.filter(~own, pk__in=ids, award__city=city).order_by("pk")
    if which := [_shown(pk) for pk in others.values_list("pk", flat=True)]:
        told = {"whose": (district or city).name, "which": ", ".join(which)}
        message = _("Not of the money of %(whose)s: %(which)s. A batch is of one payer's money.")
        raise Refused({"instalments": message % told})


def _refuse_early(until: date, ids: Sequence[int]) -> None:
    early = Instalment.objects.filter(pk__in=ids, due_on__gt=until).order_by("due_on", "pk")
    if which := [f"{_shown(pk)} ({day})" for pk, day in early.values_list("pk", "due_on")]:
        message = _("Not due by %(day)s: %(which)s. To pay early, choose a later day.")
        raise Refused({"until": message % {"day": until, "which": ", ".join(which)}})


def _shown(instalment_id: int) -> str:
    instalment = Instalment.objects.filter(pk=instalment_id).select_related("award").first()
    return (
        f"{instalment.award.case_number}/{instalment.number}" if instalment else f"#{instalment_id}"
    )


def _look_again(batch: PayoutBatch, accounts: Mapping[int, BankAccount] | None) -> None:
    """Under the batch's lock: a hold that is being opened waits for it, or is seen here."""
    credit.refuse_listed_since(batch)
    holds.refuse_held(batch)
    payout_checks.check_control_totals(batch)
    payout_checks.refuse_replaced_accounts(batch, accounts or {})


def _locked(batch_id: int, *expected: str) -> PayoutBatch:
    batch = (
        PayoutBatch.objects.select_for_update(of=("self",))
        .select_related("city", "district", "prepared_by", "approved_by")
        .get(pk=batch_id)
    )
    if batch.state not in expected:
        raise Conflict(
            _("The batch is now “%(state)s”; reload the page.")
            % {"state": batch.get_state_display()}
        )
    return batch


def _net(batch: PayoutBatch, user: User) -> None:
    """Enter what the lines keep back; a line of which nothing is left is paid by that."""
    netting.enter_netting(batch, user)
    whole = {line.pk: ("paid", "") for line in netting.fully_netted(batch)}
    if whole:
        settle(batch_id=batch.pk, results=whole, user=user)


def _keep(batch: PayoutBatch, layout: PayoutFormat, content: bytes) -> None:
    PayoutFile.objects.create(
        batch=batch,
        layout=layout,
        format=layout.form,
        name=payout_files.name_of(batch, layout),
        sha256=sha256(content).hexdigest(),
        content_encrypted=encrypt(content, purpose=FILE_PURPOSE),
    )


def _note(batch: PayoutBatch, kind: str, user: User, reason: str = "", **data: object) -> None:
    record(
        kind=kind,
        subject=batch.number,
        actor=user,
        city=batch.city,
        reason=reason,
        data={
            "lines": batch.line_count,
            "total": str(batch.total),
            **({"district": batch.district.code} if batch.district else {}),
            **data,
        },
    )
