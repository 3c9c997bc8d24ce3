"""The award (兑现): after publicity the reservation becomes a commitment and falls due."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.models import Party, User
from incentives.domain import money
from incentives.domain.payers import by_payer
from incentives.domain.shares import split
from incentives.models import Award, Instalment
from incentives.models.award import DueKind, InstalmentKind
from incentives.policy import payment
from incentives.policy.terms import AfterMonths, AtEvaluation, AtStage, Due, OnDay
from incentives.policy.terms import Instalment as Scheduled
from reviews.domain import letter_values, letters, objections, obligations, telling, working_days
from reviews.domain.assessing import rules
from reviews.domain.cases import locked, move
from reviews.domain.interests import entitled
from reviews.domain.publicity import require_publicity_over
from reviews.domain.tasks import finish_all
from reviews.models import Application
from reviews.models.letter import LetterKind
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind

WAITING: dict[type, DueKind] = {AtStage: DueKind.STAGE, AtEvaluation: DueKind.EVALUATION}


@transaction.atomic
def award(*, case_id: int, user: User, reason: str = "") -> Award:
    """Decide the award once publicity has run out; refused while it still runs."""
    case = locked(case_id, CaseState.PUBLICITY)
    entitled(case, user, Role.APPROVER, bureau=case.handling_bureau)
    if rules(case).outcome.kind != "award":
        raise Conflict(_("This case ends in an entry of a register; conclude it."))
    require_publicity_over(case)
    objections.require_none_waiting(case)
    granted = Award.objects.get(city=case.city, case_number=case.number, state="reserved")
    money.commit(award=granted, at=timezone.now(), actor=user, reason=reason)
    _write_instalments(case, granted)
    finish_all(case, TaskKind.AWARD)
    move(
        case,
        CaseState.AWARDED,
        actor=user,
        event="case.awarded",
        reason=reason,
        data={"amount": str(granted.amount)},
    )
    obligations.begin(case, actor=user)
    letter = letters.issue(case, LetterKind.GRANTED, letter_values.awarded(granted), actor=user)
    telling.tell_letter(case, "case.awarded", letter, amount=str(granted.amount))
    granted.refresh_from_db()
    return granted


def _write_instalments(case: Application, granted: Award) -> None:
    payees = _payees(case)
    amounts = split(granted.amount, [weight for _party, weight in payees])
    due_parts = [
        (party, part, sum_)
        for (party, _w), amount in zip(payees, amounts, strict=True)
        for part, sum_ in _parts(case, amount)
        if sum_
    ]
    shared = by_payer(granted, [sum_ for _party, _part, sum_ in due_parts])
    each = [
        (place, party, part, *paid)
        for place, ((party, part, _sum), paying) in enumerate(zip(due_parts, shared, strict=True))
        for paid in paying
    ]
    for number, (place, party, part, payer, amount) in enumerate(each, start=1):
        Instalment.objects.create(
            award=granted,
            number=number,
            payee=party,
            payer=payer,
            amount=amount,
            part=place + 1,
            kind=_kind(case, part),
            **_when(part),
        )


def _parts(case: Application, amount: Decimal) -> list[tuple[Scheduled | None, Decimal]]:
    """What the rules' schedule makes of a payee's amount; the whole where they have none."""
    schedule = rules(case).schedule
    if not schedule:
        return [(None, amount)]
    sums = [line.amount for line in payment.instalments(rules(case), amount)]
    return list(zip(schedule, sums, strict=True))


def _kind(case: Application, part: Scheduled | None) -> InstalmentKind:
    advance = part is not None and payment.is_advance(rules(case), part)
    return InstalmentKind.ADVANCE if advance else InstalmentKind.PART


def _when(part: Scheduled | None) -> dict[str, Any]:
    """When it is due: on the award, on a later day, or when what it waits for is found."""
    today = working_days.today()
    if part is None:
        return {"due_on": today}
    label = {"zh": part.label.zh, "en": part.label.en}
    if kind := WAITING.get(type(part.due)):
        return {"label": label, "due_kind": kind, "due_on": None}
    return {"label": label, "due_on": _day_of(part.due, today)}


def _day_of(due: Due, today: date) -> date:
    if isinstance(due, OnDay):
        return due.after(today.year)
    return months_later(today, due.months if isinstance(due, AfterMonths) else 0)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _payees(case: Application) -> list[tuple[Party, Decimal]]:
    if rules(case).roles.payee == "members":
        return [(payee.party, payee.share) for payee in case.payee_shares.select_related("party")]
    return [(case.applicant, Decimal(1))]
