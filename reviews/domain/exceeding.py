"""Knowing excess of a cap that no document prints: a leader asks, a finance approver signs.

Between the proposal and its approval, while the facts stand, and with them the caps.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.models import CapExcess
from incentives.models.counter import Unit
from incentives.policy.keys import CapRequest, cap_requests
from reviews.domain import working_days
from reviews.domain.assessing import roles_of as case_roles
from reviews.domain.assessing import rules
from reviews.domain.cases import locked, note
from reviews.domain.interests import entitled, unbiased
from reviews.domain.queries import FINANCE
from reviews.domain.reserving import finance_of
from reviews.domain.roles import bureaus_of, has_role, roles_of
from reviews.models import Application
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role


@dataclass(frozen=True, slots=True)
class Wish:
    """An excess of the cap `cap` by `amount`, in the cap's unit."""

    cap: str
    amount: Decimal
    reason: str


def excesses_for(user: User) -> QuerySet[CapExcess]:
    """Of the cities in which the person is of finance or an auditor; a leader's own bureau's."""
    held = roles_of(user).filter(role__in=[*FINANCE, Role.AUDITOR])
    led = Application.objects.filter(handling_bureau__in=bureaus_of(user, [Role.LEADER]))
    seen = Q(city__in=held.values("city")) | Q(case_number__in=led.values("number"))
    return CapExcess.objects.filter(seen).select_related("city", "asked_by", "approved_by")


def caps_of(case: Application) -> list[CapRequest]:
    """The caps that the proposal in a case has to pass, printed or not."""
    proposal = case.determinations.filter(state=DeterminationState.PROPOSED).first()
    if proposal is None:
        return []
    return cap_requests(
        rules(case),
        proposal.facts,
        case_roles(case),
        proposal.readings,
        working_days.today().year,
    )


def may_ask(case: Application, user: User) -> bool:
    if case.state != CaseState.PROPOSED:
        return False
    return has_role(user, Role.LEADER, bureau=case.handling_bureau)


@transaction.atomic
def ask(*, case_id: int, wish: Wish, user: User) -> CapExcess:
    """Ask to exceed a cap for this case alone; a printed cap never."""
    case = locked(case_id, CaseState.PROPOSED)
    entitled(case, user, Role.LEADER, bureau=case.handling_bureau)
    cap = next((one for one in caps_of(case) if one.cap_id == wish.cap), None)
    problems = _problems(wish, cap)
    if problems or cap is None:
        raise Refused(problems)
    if _standing(case).filter(key=cap.key).exists():
        raise Conflict(_("An excess of this cap has been asked for in this case already."))
    excess = CapExcess.objects.create(
        city=case.city,
        case_number=case.number or "",
        key=cap.key,
        cap=cap.cap_id,
        printed=cap.printed,
        unit=cap.unit,
        amount=wish.amount,
        reason=wish.reason.strip(),
        asked_by=user,
    )
    _note(case, excess, "excess.asked", user, wish.reason)
    return excess


def _problems(wish: Wish, cap: CapRequest | None) -> dict[str, str]:
    problems = {}
    if cap is None:
        problems["cap"] = _("Choose a cap that applies to this case.")
    elif cap.printed:
        problems["cap"] = _("A printed cap is never exceeded.")
    if wish.amount <= 0:
        problems["amount"] = _("An excess is above 0.")
    elif cap and cap.unit != Unit.YUAN and wish.amount % 1:
        problems["amount"] = _("This cap counts awards; enter a whole number.")
    if not wish.reason.strip():
        problems["reason"] = _("State why the cap is to be exceeded.")
    return problems


@transaction.atomic
def approve(*, excess_id: int, user: User) -> CapExcess:
    """The second signature: the case has this room more when its determination is approved."""
    case, excess = _waiting(excess_id)
    unbiased(case, user, Role.FINANCE_APPROVER, bureau=finance_of(case))
    if excess.asked_by_id == user.pk:
        raise NotAllowed(_("An excess is approved by someone who did not ask it."))
    excess.approved_by, excess.approved_at = user, timezone.now()
    excess.save(update_fields=["approved_by", "approved_at"])
    _note(case, excess, "excess.approved", user, excess.reason)
    return excess


@transaction.atomic
def decline(*, excess_id: int, reason: str, user: User) -> CapExcess:
    """The cap holds; another excess of it may be asked for."""
    case, excess = _waiting(excess_id)
    unbiased(case, user, Role.FINANCE_APPROVER, bureau=finance_of(case))
    if not reason.strip():
        raise Refused({"reason": _("State why the excess is declined.")})
    excess.declined_by, excess.declined_at = user, timezone.now()
    excess.decline_reason = reason.strip()
    excess.save(update_fields=["declined_by", "declined_at", "decline_reason"])
    _note(case, excess, "excess.declined", user, reason)
    return excess


def _standing(case: Application) -> QuerySet[CapExcess]:
    rows = CapExcess.objects.filter(city=case.city, case_number=case.number)
    return rows.filter(declined_by=None, lapsed_at=None)


def lapse(case: Application) -> None:
    """What was asked and signed for a proposal holds for no other: its facts may be others."""
    _standing(case).update(lapsed_at=timezone.now())


def case_of(excess: CapExcess) -> Application:
    return Application.objects.get(city=excess.city_id, number=excess.case_number)


def _waiting(excess_id: int) -> tuple[Application, CapExcess]:
    """The case first, as every verb of a case locks it."""
    case = locked(case_of(CapExcess.objects.get(pk=excess_id)).pk, CaseState.PROPOSED)
    excess = CapExcess.objects.select_for_update().get(pk=excess_id)
    if excess.approved_by_id or excess.declined_by_id or excess.lapsed_at:
        raise Conflict(_("This excess has been decided already; reload the page."))
    return case, excess


def _note(case: Application, excess: CapExcess, event: str, user: User, reason: str) -> None:
    data = {"cap": excess.cap, "amount": str(excess.amount), "unit": excess.unit}
    note(case, actor=user, event=event, reason=reason.strip(), data=data)
