"""The award (兑现): after publicity the reservation becomes a commitment and falls due."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.models import Party, User
from incentives.domain import money
from incentives.domain.shares import split
from incentives.models import Award, Instalment
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
    due_on = working_days.today()
    payees = _payees(case)
    amounts = split(granted.amount, [weight for _party, weight in payees])
    due_parts = [
        (party, amount) for (party, _w), amount in zip(payees, amounts, strict=True) if amount
    ]
    for number, (party, amount) in enumerate(due_parts, start=1):
        Instalment.objects.create(
            award=granted, number=number, payee=party, amount=amount, due_on=due_on
        )


def _payees(case: Application) -> list[tuple[Party, Decimal]]:
    if rules(case).roles.payee == "members":
        return [(payee.party, payee.share) for payee in case.payee_shares.select_related("party")]
    return [(case.applicant, Decimal(1))]
