"""Sharing out (按比例): all signed determinations that wait for a budget are reserved together."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import User
from incentives.domain import money
from incentives.models import Budget, Programme, ProRata
from incentives.models.budget import Allotment
from reviews.domain import reserving, working_days
from reviews.domain.assessing import rules
from reviews.domain.cases import locked_many
from reviews.domain.interests import entitled, unbiased
from reviews.domain.reserving import Wish
from reviews.domain.roles import bureaus_of, has_role, roles_of
from reviews.domain.taking_effect import Pair, take_effect
from reviews.models import Determination
from reviews.models.determination import DeterminationState, Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role

SIGNERS = (Role.APPROVER, Role.LEADER)
FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)


def waiting(budget: Budget) -> QuerySet[Determination]:
    """The determinations to award that are signed in full and wait for the budget, by number."""
    of_fund = Q(application__programme__in=budget.fund.programmes.all())
    of_one = Q(application__programme=budget.programme_id)
    proposed = Determination.objects.filter(
        state=DeterminationState.PROPOSED,
        outcome=Outcome.AWARD,
        application__state=CaseState.PROPOSED,
    ).filter(of_one if budget.programme_id else of_fund)
    signed = proposed.annotate(signed=Count("signatures"))
    return signed.filter(signed__gte=F("signatures_needed")).order_by("application__number")


@transaction.atomic
def share_out(*, budget_id: int, user: User) -> ProRata:
    """Reserve for all that wait at once, each by its share of what the budget has left.

    By an approver of the handling bureau or, as a fund may pay for several, of finance: each case
    is signed by its own bureau already. Whoever proposed one shares none; all or none. What depends
    on another case of the same round (a tally, a row of a roster) stays for the next.
    """
    budget, now = (
        Budget.objects.select_related("fund", "programme").get(pk=budget_id),
        timezone.now(),
    )
    _require_shared(budget, now)
    wishes = _wishes(_for_this_round(_locked(budget), now), budget, now)
    if not wishes:
        raise Conflict(_("No signed determination waits for this budget."))
    for wish in wishes:
        _require_approver(wish, user)
    city = budget.fund.city_id
    reserving.reserve_many(wishes, city_code=city, actor=user, at=now, sharing=True)
    take_effect([(wish.case, wish.determination) for wish in wishes], user=user, at=now)
    return ProRata.objects.filter(budget=budget, at=now).latest("id")


def _require_shared(budget: Budget, at: datetime) -> None:
    if budget.allotment != Allotment.PRO_RATA or not budget.opened:
        raise Conflict(_("This budget is not given pro rata, or has no approved money yet."))
    if budget.year != working_days.day_of(at).year:
        raise Conflict(_("A budget is shared out within its own year."))
    whole = Budget.objects.filter(fund=budget.fund_id, year=budget.year, programme=None)
    shared = whole.filter(opened=True, allotment=Allotment.PRO_RATA)
    if budget.programme_id and shared.exists():
        raise Conflict(_("The whole fund is given pro rata: share out its budget."))


def _locked(budget: Budget) -> list[Pair]:
    """By case number, each locked until commit; what is signed meanwhile is for the next round."""
    keys = list(waiting(budget).values_list("application", flat=True))
    cases = locked_many(keys, CaseState.PROPOSED)
    signed = waiting(budget).filter(application__in=cases).values_list("pk", flat=True)
    living = Determination.objects.select_for_update().order_by("pk").filter(pk__in=list(signed))
    pairs = [(cases[one.application_id], one) for one in living]
    return sorted(pairs, key=lambda pair: pair[0].number or "")


def _for_this_round(pairs: Sequence[Pair], at: datetime) -> list[Pair]:
    taken, seen = [], set[str]()
    for case, determination in pairs:
        counters = reserving.history_counters(case, determination, at)
        keys = {one.key for one in counters if one.kind == "tally" or one.unit == "rows"}
        if not keys & seen:
            taken.append((case, determination))
        seen |= keys
    return taken


def _wishes(pairs: Sequence[Pair], budget: Budget, at: datetime) -> list[Wish]:
    """The counters that any of them depends on are locked in one order, and read once."""
    counters = [one for pair in pairs for one in reserving.history_counters(*pair, at)]
    city = budget.fund.city_id
    used = money.look(city_code=city, counters=counters) if counters else dict[str, Decimal]()
    return [
        Wish(case, determination, reserving.asked_for(case, determination, at, used))
        for case, determination in pairs
    ]


def _require_approver(wish: Wish, user: User) -> None:
    case = wish.case
    if has_role(user, *SIGNERS, bureau=case.handling_bureau):
        entitled(case, user, *SIGNERS, bureau=case.handling_bureau)
    else:
        unbiased(case, user, Role.FINANCE_APPROVER, bureau=reserving.finance_of(case))
    if wish.determination.proposed_by_id == user.pk:
        told = _("You proposed case %s: another of the bureau shares out the budget.")
        raise NotAllowed(told % case.number)
    if rules(case).payers:
        raise Conflict(_("Several payers share case %s: it is not given pro rata.") % case.number)


def budgets_to_share(user: User) -> QuerySet[Budget]:
    """This year's pro rata budgets with a programme of the approver's bureau; finance's, all."""
    year = working_days.day_of(timezone.now()).year
    own = Programme.objects.filter(handling_bureau__in=bureaus_of(user, SIGNERS))
    signs = roles_of(user).filter(role=Role.FINANCE_APPROVER)
    mine = Q(programme__in=own) | Q(programme=None, fund__programmes__in=own)
    mine |= Q(fund__city__in=signs.values("city"))
    rows = Budget.objects.filter(mine, year=year, opened=True, allotment=Allotment.PRO_RATA)
    return rows.select_related("fund", "programme").distinct()


def sharings_for(user: User) -> QuerySet[ProRata]:
    """Those of the person's programmes; for finance and auditors all of their cities."""
    roles = roles_of(user).filter(role__in=[*FINANCE, Role.AUDITOR])
    own = Programme.objects.filter(handling_bureau__in=bureaus_of(user, SIGNERS))
    mine = Q(budget__programme__in=own) | Q(
        budget__programme=None, budget__fund__programmes__in=own
    )
    seen = Budget.objects.filter(fund__city__in=roles.values("city"))
    rows = ProRata.objects.filter(mine | Q(budget__in=seen)).distinct()
    return rows.select_related("budget__fund", "budget__programme", "actor")
