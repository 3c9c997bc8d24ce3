"""Budgets of funds and programmes: set up, supplemented, reduced and moved, each by two people.

Who may take which step is asked in reviews.domain.budgeting, which knows the staff roles.
"""

from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import City, User
from incentives.domain import money
from incentives.domain.budget_execution import execution, wholes
from incentives.domain.database_calls import told_of_refusals
from incentives.domain.money_refusals import parts_alone
from incentives.domain.programmes import rules_of
from incentives.models import Budget, BudgetChange, Fund, Programme, YearClose
from incentives.models.budget import Allotment, BudgetChangeKind, BudgetChangeState
from incentives.policy.outcomes import PAYING

ADDING = (BudgetChangeKind.PLANNED, BudgetChangeKind.SUPPLEMENT, BudgetChangeKind.TRANSFER)
BY_HAND = (*ADDING, BudgetChangeKind.REDUCTION)  # carried over is the year's close alone


@transaction.atomic
def create_fund(
    *,
    city: City,
    code: str,
    name_zh: str,
    name_en: str,
    programmes: Iterable[Programme],
    user: User,
) -> Fund:
    """A fund and the programmes that it pays; it limits nothing before a budget has money."""
    chosen = list(programmes)
    if not chosen:
        raise Refused({"programmes": _("Choose the programmes that the fund pays.")})
    if any(programme.city_id != city.pk for programme in chosen):
        raise Refused({"programmes": _("Choose programmes of the fund's own city.")})
    if unpaid := [one.title for one in chosen if one.case_type not in PAYING]:
        told = _("These programmes pay no money; leave them out: %s") % "; ".join(unpaid)
        raise Refused({"programmes": told})
    fund = Fund(city=city, code=code.strip(), name_zh=name_zh.strip(), name_en=name_en.strip())
    fund.full_clean()
    fund.save()
    fund.programmes.set(chosen)
    record(
        kind="fund.created",
        subject=f"fund:{fund.pk}",
        actor=user,
        city=city,
        data={"fund": fund.code, "programmes": sorted(one.code for one in chosen)},
    )
    return fund


@transaction.atomic
def set_up(
    *,
    fund: Fund,
    programme: Programme | None,
    year: int,
    planned: Decimal,
    funding_source: str,
    subject_code: str,
    basis: str,
    carries_over: bool,
    user: User,
    allotment: str = Allotment.FIRST_COME,
) -> Budget:
    """A budget and its first `planned` yuan, prepared; it holds once another has approved them.

    How it is given, first come or pro rata, is signed with them and stays.
    """
    City.objects.select_for_update(no_key=True).get(pk=fund.city_id)  # two at once see each other
    budget = Budget(
        fund=fund,
        programme=programme,
        year=year,
        funding_source=funding_source.strip(),
        subject_code=subject_code.strip(),
        carries_over=carries_over,
        allotment=allotment,
        set_by=user,
    )
    problems = _clean(budget)
    if programme and not fund.programmes.filter(pk=programme.pk).exists():
        problems["programme"] = [_("Choose a programme that the fund pays.")]
    problems |= _not_to_share(budget)
    if year < timezone.localdate().year:
        problems["year"] = [_("Choose this year or a later one.")]
    if planned <= 0:
        problems["planned"] = [_("An amount is above 0 yuan.")]
    if not basis.strip():
        problems["basis"] = [_("Name the budget or decision behind it, with its number.")]
    if problems:
        raise Refused(problems)
    budget.save()
    told = {"fund": fund.code, "year": year, "allotment": budget.allotment}
    _note(budget, "budget.set_up", user, basis, **told)
    prepare(
        budget_id=budget.pk, kind=BudgetChangeKind.PLANNED, amount=planned, basis=basis, user=user
    )
    return budget


def _not_to_share(budget: Budget) -> dict[str, list[str]]:
    """What other payers share is split case by case, and rounds share by rules of their own.

    A programme waits for the sharing of one fund: it would take from a second before its turn.
    """
    if budget.allotment != Allotment.PRO_RATA:
        return {}
    found = [budget.programme] if budget.programme else list(budget.fund.programmes.all())
    for one in found:
        rules = rules_of(one.current)
        if rules.payers or rules.round or rules.roles.payer != "city":
            told = _(
                "%s has other payers than the city or rounds of its own: "
                "choose first come, first served."
            )
            return {"allotment": [told % one]}
        if other := _pro_rata(one, budget.year).exclude(fund=budget.fund).first():
            told = _("%(programme)s is given pro rata from %(budget)s already.")
            return {"allotment": [told % {"programme": one, "budget": other}]}
    return {}


def _clean(budget: Budget) -> dict[str, list[str]]:
    try:
        budget.full_clean()
    except ValidationError as refused:
        return dict(refused.message_dict)
    return {}


def given_pro_rata(programme: Programme | OuterRef, year: int) -> QuerySet[Budget]:
    """The open budgets of a year that the programme's awards share with all that wait."""
    return _pro_rata(programme, year).filter(opened=True)


def _pro_rata(programme: Programme | OuterRef, year: int) -> QuerySet[Budget]:
    own = Q(programme=programme) | Q(programme=None, fund__programmes=programme)
    return Budget.objects.filter(own, allotment=Allotment.PRO_RATA, year=year)


@transaction.atomic
def prepare(
    *,
    budget_id: int,
    kind: str,
    amount: Decimal,
    basis: str,
    user: User,
    taken_from_id: int | None = None,
) -> BudgetChange:
    """Prepare `amount` yuan to go into a budget, out of it, or over from another one."""
    budget = _budget(budget_id)
    source = _budget(taken_from_id) if taken_from_id else None
    problems = _of_kind(budget, kind, source)
    if amount <= 0:
        problems["amount"] = _("An amount is above 0 yuan.")
    elif not problems:
        problems |= _short(source if kind == BudgetChangeKind.TRANSFER else budget, kind, amount)
    if not basis.strip():
        problems["basis"] = _("Name the budget or decision behind it, with its number.")
    if problems:
        raise Refused(problems)
    _require_open(budget, *([source] if source else []))
    with told_of_refusals():
        change = BudgetChange.objects.create(
            budget=budget,
            kind=kind,
            amount=amount,
            taken_from=source,
            basis=basis.strip(),
            prepared_by=user,
        )
    _note_change(change, "budget.change_prepared", user, basis)
    return change


def _of_kind(budget: Budget, kind: str, source: Budget | None) -> dict[str, str]:
    if kind not in BY_HAND:
        return {"kind": _("Choose planned, supplement, reduction or transfer.")}
    if kind == BudgetChangeKind.PLANNED and budget.opened:
        return {"kind": _("Its planned money is approved; enter a supplement or a reduction.")}
    if kind == BudgetChangeKind.REDUCTION and not budget.opened:
        return {"kind": _("Nothing is in this budget yet; enter its planned money.")}
    if kind == BudgetChangeKind.TRANSFER:
        return _of_source(budget, source)
    return {"taken_from": _("Only a transfer takes from another budget.")} if source else {}


def _of_source(budget: Budget, source: Budget | None) -> dict[str, str]:
    if source is None:
        return {"taken_from": _("Choose the budget that the money is taken from.")}
    if source.pk == budget.pk:
        return {"taken_from": _("Choose two different budgets.")}
    if source.fund.city_id != budget.fund.city_id:
        return {"taken_from": _("Choose a budget of the same city.")}
    within = wholes([budget, source])
    if within.get(budget.pk) != within.get(source.pk):
        return {"taken_from": parts_alone()}
    return {}


def _short(taken: Budget | None, kind: str, amount: Decimal) -> dict[str, str]:
    """What the preparer is told at once; the database looks again under the approval's lock."""
    if taken is None or kind not in (BudgetChangeKind.REDUCTION, BudgetChangeKind.TRANSFER):
        return {}
    left = execution([taken.pk])[taken.pk].available
    if amount <= left:
        return {}
    return {"amount": _("Only %s yuan of the budget are left to take away.") % left}


@transaction.atomic
def approve(*, change_id: int, user: User) -> BudgetChange:
    """Sign a change; whoever prepared it may not. Its money is in the budget from now on."""
    change = _prepared(change_id)
    if change.prepared_by_id == user.pk:
        raise NotAllowed(_("A budget change is approved by someone who did not prepare it."))
    money.change_budget(change=change, at=timezone.now(), actor=user)
    change.refresh_from_db()
    _note_change(change, "budget.change_approved", user, change.basis)
    return change


@transaction.atomic
def cancel(*, change_id: int, reason: str, user: User) -> BudgetChange:
    change = _prepared(change_id)
    if not reason.strip():
        raise Refused({"reason": _("State why the change is dropped.")})
    change.state = BudgetChangeState.CANCELLED
    change.save(update_fields=["state"])
    _note_change(change, "budget.change_cancelled", user, reason)
    return change


def _prepared(change_id: int) -> BudgetChange:
    rows = BudgetChange.objects.select_for_update(of=("self",))
    change = rows.select_related("budget__fund__city", "taken_from").get(pk=change_id)
    if change.state != BudgetChangeState.PREPARED:
        raise Conflict(_("This budget change has been decided already; reload the page."))
    return change


def _budget(pk: int) -> Budget:
    return Budget.objects.select_related("fund__city", "programme").get(pk=pk)


def _require_open(*budgets: Budget) -> None:
    for one in budgets:
        closes = YearClose.objects.filter(city=one.fund.city_id, year=one.year)
        if closes.exclude(closed_at=None).exists():
            told = _("The budget year %s is closed; nothing is posted into it.")
            raise Conflict(told % one.year)


def _note_change(change: BudgetChange, kind: str, user: User, reason: str) -> None:
    source = change.taken_from
    data = {"change": change.pk, "as": change.kind, "amount": str(change.amount)}
    data |= {"taken_from": source.key} if source else {}
    _note(change.budget, kind, user, reason, **data)


def _note(budget: Budget, kind: str, user: User, reason: str, **data: object) -> None:
    record(
        kind=kind,
        subject=budget.key,
        actor=user,
        city=budget.fund.city,
        reason=reason.strip(),
        data=data,
    )
