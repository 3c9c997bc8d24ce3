"""The approval sheet of a payment (资金拨付审批表): a form for the screen and for paper."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.models import User
from applicants.templatetags.huiqi import in_english, moment, yuan
from incentives.policy.capitals import yuan_in_capitals
from reviews.domain.approval_sheets import Material
from reviews.domain.assessing import rules
from reviews.models import Determination, ReviewTask
from reviews.models.determination import Outcome
from reviews.presenters.decisions import cut_words
from reviews.presenters.pdf import set_type


@dataclass(frozen=True)
class Row:
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """A place for a wet signature."""

    label: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """`pairs` stand two to a line, `rows` over the whole width."""

    title: str
    number: str
    pairs: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    boxes: tuple[Box, ...]
    sign: str
    footer: str


def form(found: Material) -> Form:
    case, determination = found.case, found.determination
    return Form(
        title=_("Approval sheet of a payment"),
        number=case.number,
        pairs=_pairs(found),
        rows=tuple(row for row in _rows(found) if row.lines),
        boxes=_boxes(),
        sign=_("Signature and seal:                Date:"),
        footer=f"{case.number} · {determination.number} · {determination.digest[:12]}",
    )


def as_pdf(forms: Sequence[Form], *, at: datetime, note: str = "") -> bytes:
    """One document, each form on pages of its own; `note` stands on the first page, if any."""
    data = {"forms": [asdict(one) for one in forms], "note": note}
    return set_type("approval", data, title=_("Approval sheet of a payment"), at=at)


def decided_at(determination: Determination) -> datetime:
    return determination.approved_at or determination.proposed_at


def _pairs(found: Material) -> tuple[tuple[str, str], ...]:
    case = found.case
    applicant = case.applicant
    number = _("Identity number") if applicant.is_person else _("Unified social credit code")
    return (
        (_("Applicant"), applicant.name),
        (number, applicant.number_shown),
        (_("Programme"), case.programme.title),
        (_("Handling bureau"), str(case.handling_bureau)),
        (_("District"), str(applicant.district or "—")),
        (_("Submitted"), moment(case.submitted_at)),
    )


def _rows(found: Material) -> Iterable[Row]:
    case, determination = found.case, found.determination
    yield Row(_("Clause"), _clause(found))
    yield Row(_("Payee and account"), tuple(_accounts(found)))
    yield Row(_("Assessed"), _sum(determination.assessed))
    yield Row(_("Cuts"), tuple(cut_words(cut) for cut in determination.cuts))
    yield Row(_("Granted"), _granted(determination))
    for task in case.given:
        yield Row(_("Opinion: %(bureau)s") % {"bureau": task.bureau}, tuple(_opinion(task)))
    yield Row(_("Determination"), tuple(_determination(determination)))
    yield Row(_("Finance check"), tuple(_check(determination)))
    yield Row(_("Publicity"), tuple(_publicity(found)))
    yield Row(_("Instalments"), tuple(_instalments(determination)))


def _clause(found: Material) -> tuple[str, ...]:
    source, document = rules(found.case).source, found.case.programme.document
    number = f" {document.number}" if document.number else ""
    return (f"《{document.title}》{number} {source.section}", *source.quotes)


def _accounts(found: Material) -> Iterable[str]:
    """Masked: whole numbers stand in payout files alone."""
    account = found.case.account
    if account:
        yield f"{account.holder} · {account.bank} · {account.masked}"
    for payee in found.case.payee_shares.all():
        yield f"{payee.party} · {payee.share}% · {payee.account.bank} · {payee.account.masked}"


def _sum(amount: Decimal) -> tuple[str, ...]:
    """In figures, and in capital numerals, which are Chinese in every language."""
    return (yuan(amount), _("In capitals: %(words)s") % {"words": _capitals(amount)})


def _capitals(amount: Decimal) -> str:
    return f"人民币{yuan_in_capitals(amount)}"


def _granted(determination: Determination) -> tuple[str, ...]:
    if determination.outcome == Outcome.REFUSE:
        return (_("not granted"),)
    if determination.granted is None:
        return (_("Waits for its signatures; what the ceilings leave is known then."),)
    return _sum(determination.granted)


def _opinion(task: ReviewTask) -> Iterable[str]:
    opinion = task.opinion
    yield str(opinion.get_position_display())
    yield from opinion.text.splitlines()
    yield _signed(_("prepared by"), opinion.prepared_by, opinion.prepared_at)
    yield _signed(_("approved by"), opinion.approved_by, opinion.approved_at)
    resolution = getattr(opinion, "resolution", None)
    if resolution:
        yield f"{_('answered')}: {resolution.text}"
        yield _signed(_("resolved by"), resolution.resolved_by, resolution.resolved_at)


def _determination(determination: Determination) -> Iterable[str]:
    yield f"{determination.get_outcome_display()} · {determination.get_state_display()}"
    yield from determination.reason.splitlines()
    yield _signed(_("proposed by"), determination.proposed_by, determination.proposed_at)
    for one in determination.signatures.all():
        yield _signed(_("signed by"), one.signed_by, one.signed_at)


def _check(determination: Determination) -> Iterable[str]:
    if determination.checked_by:
        yield from determination.check_note.splitlines()
        yield _signed(_("checked by"), determination.checked_by, determination.checked_at)


def _publicity(found: Material) -> Iterable[str]:
    for item in found.case.shown:
        notice = item.notice
        days = f"{date_format(notice.starts_on)} – {date_format(notice.ends_on)}"
        yield f"{notice.number} · {days} · {yuan(item.amount)}"


def _instalments(determination: Determination) -> Iterable[str]:
    for part in getattr(determination.award, "standing", ()):
        day = f" · {date_format(part.due_on)}" if part.due_on else ""
        kind = f" · {part.kind_words}" if part.kind_words else ""
        yield f"{part.number}. {part.payee}{kind} · {yuan(part.amount)}{day}"


def _signed(did: str, who: User | None, at: datetime | None) -> str:
    when = moment(at) if at else ""
    return f"{did}{' ' if in_english() else '：'}{who or '—'} · {when}"


def _boxes() -> tuple[Box, ...]:
    signers = (_("preparer"), _("approver"), _("leader"))
    return (
        Box(_("Handling bureau"), signers),
        Box(_("Finance bureau"), signers),
    )
