"""The demo's money: a budget, a batch of which a line came back, a demand: by the verbs."""

from datetime import timedelta
from decimal import Decimal

from applicants.models import City, User
from incentives.domain.payouts import due_instalments
from incentives.models import Award, Fund, Programme
from incentives.policy.outcomes import PAYING
from reviews.demo import people
from reviews.demo.cases import staff_of
from reviews.domain import budgeting, paying, recovering
from reviews.domain.working_days import today
from reviews.models import Application
from reviews.models.staff import Role

BASIS = "演示：年度预算批复"


def make_money() -> None:
    """Once: a demo that is taken up again keeps what was done in it."""
    if Fund.objects.exists():
        return
    city = City.objects.get(pk=people.CITY)
    _give_budget(city)
    _pay(city)


def _finance(role: Role) -> User:
    return staff_of(people.CITY)("finance", role)


def _give_budget(city: City) -> None:
    """Its money approved, and a supplement that waits for the second signature."""
    preparer, approver = _finance(Role.FINANCE_PREPARER), _finance(Role.FINANCE_APPROVER)
    fund = budgeting.create_fund(
        city=city,
        code="enterprise",
        name_zh="企业扶持专项资金（演示）",
        name_en="Enterprise fund (demo)",
        programmes=Programme.objects.filter(city=city, case_type__in=PAYING),
        user=preparer,
    )
    budget = budgeting.set_up(
        fund=fund,
        programme=None,
        year=today().year,
        planned=Decimal("30000000.00"),
        funding_source="演示指标〔2026〕1号",
        subject_code="2150805",
        basis=BASIS,
        carries_over=False,
        user=preparer,
    )
    budgeting.approve(change_id=budget.changes.get().pk, user=approver)
    budgeting.prepare(
        budget_id=budget.pk,
        kind="supplement",
        amount=Decimal("5000000.00"),
        basis=BASIS,
        user=preparer,
    )


def _pay(city: City) -> None:
    """Two payments, of which the bank returns one, and part of the other asked back."""
    preparer, approver = _finance(Role.FINANCE_PREPARER), _finance(Role.FINANCE_APPROVER)
    due = due_instalments(city, today()).values_list("pk", flat=True)[:2]
    batch = paying.prepare(city=city, instalment_ids=list(due), user=preparer)
    paying.approve(batch_id=batch.pk, user=approver)
    paying.export(batch_id=batch.pk, user=preparer)
    first, *others = batch.lines.order_by("number")
    answers = {line.pk: ("returned", "户名不符（演示）") for line in others}
    paying.settle(batch_id=batch.pk, results={first.pk: ("paid", ""), **answers}, user=preparer)
    award = Award.objects.get(instalments=first.instalment_id)
    recovering.prepare(
        case_id=Application.objects.get(number=award.case_number).pk,
        amount=(first.amount / 10).quantize(Decimal("0.01")),
        reason="承诺的年度报告逾期未报，按约定追缴一成。（演示）",
        due_on=today() + timedelta(days=30),
        user=preparer,
    )
