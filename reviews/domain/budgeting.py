"""Budgets as finance works them: the preparer of a city's finance prepares, the approver signs."""

from typing import Any

from django.db.models import QuerySet

from applicants.models import City, User
from incentives.domain import budgets, year_close
from incentives.models import Budget, BudgetChange, Fund, YearClose
from reviews.domain.paying import finance_bureau
from reviews.domain.roles import require, roles_of
from reviews.models.staff import Role

FINANCE = (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)


def budgets_for(user: User) -> QuerySet[Budget]:
    """Those of the cities in which the person is of finance, or an auditor."""
    held = roles_of(user).filter(role__in=[*FINANCE, Role.AUDITOR])
    rows = Budget.objects.filter(fund__city__in=held.values("city"))
    return rows.select_related("fund__city", "programme", "set_by")


def create_fund(*, city: City, user: User, **values: Any) -> Fund:
    """See incentives.domain.budgets.create_fund for the values."""
    require(user, Role.FINANCE_PREPARER, bureau=finance_bureau(city.pk))
    return budgets.create_fund(city=city, user=user, **values)


def set_up(*, fund: Fund, user: User, **values: Any) -> Budget:
    """See incentives.domain.budgets.set_up for the values."""
    require(user, Role.FINANCE_PREPARER, bureau=finance_bureau(fund.city_id))
    return budgets.set_up(fund=fund, user=user, **values)


def prepare(*, budget_id: int, user: User, **values: Any) -> BudgetChange:
    """See incentives.domain.budgets.prepare for the values."""
    city = Fund.objects.get(budget=budget_id).city_id
    require(user, Role.FINANCE_PREPARER, bureau=finance_bureau(city))
    return budgets.prepare(budget_id=budget_id, user=user, **values)


def approve(*, change_id: int, user: User) -> BudgetChange:
    require(user, Role.FINANCE_APPROVER, bureau=finance_bureau(_city_of(change_id)))
    return budgets.approve(change_id=change_id, user=user)


def cancel(*, change_id: int, reason: str, user: User) -> BudgetChange:
    require(user, *FINANCE, bureau=finance_bureau(_city_of(change_id)))
    return budgets.cancel(change_id=change_id, reason=reason, user=user)


def _city_of(change_id: int) -> str:
    return Fund.objects.get(budget__changes=change_id).city_id


def prepare_close(*, city: City, year: int, user: User) -> YearClose:
    """See incentives.domain.year_close.prepare."""
    require(user, Role.FINANCE_PREPARER, bureau=finance_bureau(city.pk))
    return year_close.prepare(city=city, year=year, user=user)


def close_year(*, close_id: int, user: User) -> YearClose:
    """See incentives.domain.year_close.close_year."""
    city = YearClose.objects.get(pk=close_id).city_id
    require(user, Role.FINANCE_APPROVER, bureau=finance_bureau(city))
    return year_close.close_year(close_id=close_id, user=user)
