"""The award of a case and how far it is paid."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.domain.findings import standing
from incentives.domain.payout_checks import accounts_found
from incentives.models import Award, Instalment, InstalmentFinding, PayoutLine, Recovery
from incentives.models.award import AwardState, DueKind, FindingState, SettlementState
from incentives.models.payout import LineState, Payer
from incentives.models.recovery import RecoveryState
from reviews.domain import advances, staging
from reviews.domain.paid_to import accounts_of_cases
from reviews.models import Application


@dataclass(frozen=True)
class InstalmentTold:
    number: int
    kind: str  # where it is an advance or its settlement
    payee: str
    amount: str
    due_on: date | None
    tag: str
    words: str
    came_back: int | None  # the instalment, when another account may be given for it
    payer: str = ""  # where several pay


@dataclass(frozen=True)
class AwardTold:
    amount: str
    assessed: str
    cut: bool
    instalments: tuple[InstalmentTold, ...]


@dataclass(frozen=True)
class FindingTold:
    number: int
    label: str
    found: str
    amount: str
    whole: str
    due_on: date | None
    reason: str


@dataclass(frozen=True)
class SettlementTold:
    awarded: str
    entitled: str
    more: str  # empty: nothing was added
    back: str  # empty: nothing is asked back
    due_on: date
    reason: str


def tell_settlements(case: Application) -> list[SettlementTold]:
    """How the advances of the case were settled, once that is approved."""
    rows = advances.settled_in(case).filter(state=SettlementState.APPROVED)
    asked_back = dict(
        Recovery.objects.filter(award__settlements__in=rows).values_list("number", "amount")
    )
    return [
        SettlementTold(
            yuan(one.awarded), yuan(one.entitled), yuan(one.granted) if one.granted else "",
            yuan(asked_back[one.recovery]) if one.recovery else "", one.due_on, one.reason,
        )
        for one in rows
    ]  # fmt: skip


def owes_back(case: Application) -> bool:
    """Whether money is asked back: by a signed demand, or by a settlement that is approved."""
    settled = advances.settled_in(case).filter(state=SettlementState.APPROVED)
    told = Q(state=RecoveryState.DEMANDED) | Q(
        state=RecoveryState.PREPARED, number__in=settled.values("recovery")
    )
    own = Recovery.objects.filter(award__city=case.city_id, award__case_number=case.number)
    return own.filter(told).exists()


def tell_findings(case: Application) -> list[FindingTold]:
    """What was found and confirmed on the instalments of the case's award, in their order."""
    return [_told(one) for one in staging.found_in(case).filter(state=FindingState.CONFIRMED)]


def _told(one: InstalmentFinding) -> FindingTold:
    part = one.instalment
    return FindingTold(
        part.number, pick(part.label) if part.label else "", one.get_found_display(),
        yuan(one.amount), yuan(part.amount), one.due_on, one.reason,
    )  # fmt: skip


def tell_award(case: Application) -> AwardTold | None:
    """What is decided to be paid; a reservation alone is not yet an award."""
    award = Award.objects.filter(
        city=case.city_id, case_number=case.number, state=AwardState.COMMITTED
    ).first()
    if case.number is None or award is None:
        return None
    parts = list(standing(award).select_related("payee").prefetch_related("lines"))
    others = _other_accounts(parts)
    told = tuple(_tell_instalment(part, part.pk in others, award.payer) for part in parts)
    cut = award.amount < award.assessed
    return AwardTold(yuan(award.amount), yuan(award.assessed), cut, told)


def _other_accounts(parts: list[Instalment]) -> set[int]:
    """The instalments that came back for which another account is given."""
    back = [part for part in parts if _came_back(part)]
    if not back:
        return set()
    found = accounts_found(back, accounts_of_cases(back))
    return {
        part.pk
        for part in back
        if (newest := _newest(part)) and part.pk in found
        if found[part.pk].pk != newest.account_id
    }


def _tell_instalment(part: Instalment, other_account: bool, payer: str) -> InstalmentTold:
    several = str(Payer(part.payer).label) if payer == "shared" else ""
    tag, words = _payment_state(part, other_account)
    came_back = part.pk if _came_back(part) else None
    return InstalmentTold(
        part.number, part.kind_words, part.payee.name, yuan(part.amount), part.due_on, tag, words,
        came_back, several,
    )  # fmt: skip


def _came_back(part: Instalment) -> bool:
    newest = _newest(part)
    return newest is not None and newest.state == LineState.RETURNED


def _payment_state(part: Instalment, other_account: bool) -> tuple[str, str]:
    """From the newest payout line that counts; a cancelled one leaves the instalment as it was."""
    newest = _newest(part)
    if newest is None:
        return "quiet", _due(part)
    if newest.state == LineState.PAID:
        day = date_format(timezone.localdate(newest.result_at)) if newest.result_at else ""
        return "ok", _("paid %(day)s") % {"day": day}
    if newest.state == LineState.RETURNED:
        return _returned(newest, other_account)
    return "warn", _("on its way to the bank")


def _newest(part: Instalment) -> PayoutLine | None:
    lines = [line for line in part.lines.all() if line.state != LineState.CANCELLED]
    return max(lines, key=lambda line: line.pk, default=None)


def _returned(line: PayoutLine, other_account: bool) -> tuple[str, str]:
    if other_account:
        return "warn", _("another account is given; finance looks at it and pays again")
    return "bad", _("returned by the bank: %(note)s; check the bank account") % {
        "note": line.result_note or _("no reason given")
    }


def _due(part: Instalment) -> str:
    if part.due_kind == DueKind.EVALUATION and part.due_on is None:
        return _("to be paid when its evaluation is passed")
    if part.due_on is None:
        return _("to be paid when its stage is reached")
    return _("to be paid by %(day)s") % {"day": date_format(part.due_on)}
