"""The award of a case and how far it is paid."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import yuan
from incentives.models import Award, Instalment
from incentives.models.award import AwardState, FindingState
from incentives.models.payout import LineState
from reviews.models import Application


@dataclass(frozen=True)
class InstalmentTold:
    number: int
    payee: str
    amount: str
    due_on: date | None
    tag: str
    words: str
    came_back: int | None  # the instalment, when another account may be given for it


@dataclass(frozen=True)
class AwardTold:
    amount: str
    assessed: str
    cut: bool
    instalments: tuple[InstalmentTold, ...]


def tell_award(case: Application) -> AwardTold | None:
    """What is decided to be paid; a reservation alone is not yet an award."""
    award = Award.objects.filter(
        city=case.city_id, case_number=case.number, state=AwardState.COMMITTED
    ).first()
    if case.number is None or award is None:
        return None
    standing = award.instalments.exclude(findings__state=FindingState.CONFIRMED)
    parts = tuple(tell_instalment(part) for part in standing.prefetch_related("payee", "lines"))
    cut = award.amount < award.assessed
    return AwardTold(yuan(award.amount), yuan(award.assessed), cut, parts)


def tell_instalment(part: Instalment) -> InstalmentTold:
    tag, words = payment_state(part)
    came_back = part.pk if tag == "bad" else None
    return InstalmentTold(
        part.number, part.payee.name, yuan(part.amount), part.due_on, tag, words, came_back
    )


def payment_state(part: Instalment) -> tuple[str, str]:
    """From the newest payout line that counts; a cancelled one leaves the instalment as it was."""
    lines = [line for line in part.lines.all() if line.state != LineState.CANCELLED]
    if not lines:
        return "quiet", _due(part)
    newest = max(lines, key=lambda line: line.pk)
    if newest.state == LineState.PAID:
        day = date_format(newest.result_at) if newest.result_at else ""
        return "ok", _("paid %(day)s") % {"day": day}
    if newest.state == LineState.RETURNED:
        return "bad", _("returned by the bank; check the bank account")
    return "warn", _("on its way to the bank")


def _due(part: Instalment) -> str:
    if part.due_on is None:
        return _("to be paid when its stage is reached")
    return _("to be paid by %(day)s") % {"day": date_format(part.due_on)}
