"""Budgets with how far they are executed, and the payout formats: read alone."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from applicants.api.base import Doors
from incentives.domain.budget_execution import execution
from incentives.models import Budget, PayoutFormat
from reviews.api.budget_serializers import BudgetSerializer, PayoutFormatSerializer
from reviews.api.filters import YEAR
from reviews.domain.budgeting import budgets_for
from reviews.domain.payout_layouts import formats_for


class BudgetFilter(filters.FilterSet):
    """`fund` and `programme` by their codes."""

    city = filters.CharFilter("fund__city")
    year = filters.NumberFilter("year", **YEAR)
    fund = filters.CharFilter("fund__code")
    programme = filters.CharFilter("programme__code")
    whole_fund = filters.BooleanFilter("programme", lookup_expr="isnull")
    opened = filters.BooleanFilter("opened")


class BudgetDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """How far each budget is executed; what a fund sets aside for a programme is within its own."""

    queryset = Budget.objects.none()
    serializer_class = BudgetSerializer
    filterset_class = BudgetFilter

    def get_queryset(self) -> QuerySet[Budget]:
        return budgets_for(self.person)

    def paginate_queryset(self, queryset: Any) -> Any:
        return _executed(super().paginate_queryset(queryset) or [])

    def get_object(self) -> Any:
        return _executed([super().get_object()])[0]


def _executed(rows: list[Any]) -> list[Any]:
    figures = execution([row.pk for row in rows])
    for row in rows:
        row.figures = figures[row.pk]
    return rows


class PayoutFormatFilter(filters.FilterSet):
    city = filters.CharFilter("city")
    code = filters.CharFilter("code")
    newest = filters.BooleanFilter("newest")
    in_use = filters.BooleanFilter("is_active")


class PayoutFormatDoors(ListModelMixin, RetrieveModelMixin, Doors):
    """Every version of every payout format, the newest first; none is ever changed."""

    queryset = PayoutFormat.objects.none()
    serializer_class = PayoutFormatSerializer
    filterset_class = PayoutFormatFilter

    def get_queryset(self) -> QuerySet[PayoutFormat]:
        return formats_for(self.person)
