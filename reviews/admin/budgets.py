"""Budgets at the desk of finance: figures that open to their entries, and changes by two people."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from applicants.templatetags.huiqi import yuan
from incentives.domain.budget_execution import FIGURES, behind, execution, wholes
from incentives.models import Budget, BudgetChange, Fund
from incentives.models.budget import BudgetChangeState
from incentives.models.ledger import Stage
from reviews.admin import execution_report
from reviews.admin.access import RoleAdmin, cities, holds, person
from reviews.admin.budget_forms import BudgetForm, ChangeForm, FundForm
from reviews.admin.money_pages import FINANCE, WATCHING, render, tell_refusal
from reviews.admin.paging import KeysetList
from reviews.domain import budgeting, outlooks
from reviews.models.staff import Role

PAGE = 100
NAMES = {
    "reserved": Stage.RESERVED.label,
    "committed": _("committed, not paid"),
    "paid": Stage.PAID.label,
    "lapsed": _("lapsed after the close"),
}


class BudgetList(KeysetList):
    """With the figures of all budgets of a page, in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        figures = execution([row.pk for row in self.result_list])
        for row in self.result_list:
            row.figures = figures[row.pk]


class ChangeWaits(admin.SimpleListFilter):
    title = _("a change waits")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("yes"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Budget]) -> QuerySet[Budget]:
        waits = BudgetChange.objects.filter(budget=OuterRef("pk"), state=BudgetChangeState.PREPARED)
        return rows.filter(Exists(waits)) if self.value() == "yes" else rows


@admin.register(Budget)
class BudgetAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (Role.FINANCE_PREPARER,)
    list_display = ("__str__", "fund", "year", "planned_shown", *FIGURES, "available")
    list_filter = ("year", ChangeWaits)
    list_select_related = ("fund", "programme")
    change_list_template = "admin/incentives/budget/list.html"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return BudgetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        return budgeting.budgets_for(person(request))

    def get_urls(self) -> list[URLPattern]:
        entries = self.admin_site.admin_view(self.entries)
        report = self.admin_site.admin_view(partial(execution_report.page, self))
        own = [
            path("<int:pk>/entries/<slug:figure>/", entries, name="budget_entries"),
            path("report/", report, name="budget_report"),
            path("report.<slug:form>", report, name="budget_report_file"),
        ]
        return own + super().get_urls()

    @admin.display(description=_("planned money"))
    def planned_shown(self, row: Any) -> str:
        return yuan(row.figures.planned)

    @admin.display(description=NAMES["reserved"])
    def reserved(self, row: Any) -> str:
        return yuan(row.figures.reserved)

    @admin.display(description=NAMES["committed"])
    def committed(self, row: Any) -> str:
        return yuan(row.figures.committed)

    @admin.display(description=NAMES["paid"])
    def paid(self, row: Any) -> str:
        return yuan(row.figures.paid)

    @admin.display(description=NAMES["lapsed"])
    def lapsed(self, row: Any) -> str:
        return yuan(row.figures.lapsed)

    @admin.display(description=_("available"))
    def available(self, row: Any) -> str:
        return yuan(row.figures.available)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        start = {"year": timezone.localdate().year}
        funds = Fund.objects.filter(city__in=cities(request, self.added_by))
        form = BudgetForm(request.POST or None, funds=funds, initial=start)
        if form.is_valid():
            try:
                made = budgeting.set_up(user=person(request), **form.cleaned_data)
            except (ValidationError, PermissionDenied) as refused:
                form.take(refused)
            else:
                messages.success(request, _("Prepared; another of finance approves the money."))
                return redirect("admin:incentives_budget_change", made.pk)
        missing = not funds.exists()
        return self._page(request, "budget/form", _("Set up a budget"), form, no_fund=missing)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        budget = get_object_or_404(self.get_queryset(request), pk=int(object_id))
        step, form = request.POST.get("step", ""), self._form(request, budget)
        if request.method == "POST" and self._taken(request, budget, step, form):
            return redirect("admin:incentives_budget_change", budget.pk)
        whole = wholes([budget]).get(budget.pk)
        found_of = execution([budget.pk, *([whole] if whole else [])])
        figures = found_of[budget.pk]
        found = BudgetChange.objects.filter(budget=budget) | budget.given.all()
        people = ("prepared_by", "approved_by")
        budgets = ("budget__fund", "budget__programme", "taken_from__fund", "taken_from__programme")
        changes = found.select_related(*people, *budgets).order_by("-id")
        context = {
            "budget": budget,
            "figures": figures,
            "whole": whole,
            "left_in_whole": found_of[whole].available if whole else None,
            "opens": [(name, NAMES[name], getattr(figures, name)) for name in FIGURES],
            "changes": changes,
            "waiting": [
                one
                for one in changes
                if one.state == BudgetChangeState.PREPARED and one.budget_id == budget.pk
            ],
            "user_id": person(request).pk,
            "drops": holds(request, FINANCE),
            "outlook": outlooks.of_limit(budget.fund.city_id, budget.key),
            "latest": outlooks.latest(budget.fund.city_id),
            "signs": holds(request, (Role.FINANCE_APPROVER,)),
        }
        return self._page(request, "budget/page", str(budget), form, **context)

    def _form(self, request: HttpRequest, budget: Budget) -> ChangeForm | None:
        if not holds(request, self.added_by):
            return None
        posted = request.POST if request.POST.get("step") == "prepare" else None
        others = self.get_queryset(request).filter(fund__city=budget.fund.city_id, opened=True)
        start = {"kind": "supplement" if budget.opened else "planned"}
        return ChangeForm(posted, others=others.exclude(pk=budget.pk), initial=start)

    def _taken(
        self, request: HttpRequest, budget: Budget, step: str, form: ChangeForm | None
    ) -> bool:
        if step in ("approve", "drop"):
            return self._decided(request, budget, step)
        if step == "outlook":
            return self._outlook_begun(request, budget)
        if form is None:
            raise PermissionDenied
        if step != "prepare" or not form.is_valid():
            return False
        given = dict(form.cleaned_data)
        source = given.pop("taken_from")
        given["taken_from_id"] = source.pk if source else None
        try:
            budgeting.prepare(budget_id=budget.pk, user=person(request), **given)
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return False
        messages.success(request, _("Prepared; another of finance approves the money."))
        return True

    def _outlook_begun(self, request: HttpRequest, budget: Budget) -> bool:
        outlooks.start(city=budget.fund.city, user=person(request))
        messages.success(request, _("The outlook is being computed; reload the page in a while."))
        return True

    def _decided(self, request: HttpRequest, budget: Budget, step: str) -> bool:
        asked = request.POST.get("change", "")
        waiting = budget.changes.filter(state=BudgetChangeState.PREPARED)
        change = waiting.filter(pk=int(asked)).first() if asked.isdecimal() else None
        if change is None:
            messages.error(request, _("This step is not open now; reload the page."))
            return False
        reason = request.POST.get("reason", "")
        try:
            if step == "approve":
                budgeting.approve(change_id=change.pk, user=person(request))
            else:
                budgeting.cancel(change_id=change.pk, reason=reason, user=person(request))
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
            return False
        told = _("Approved.") if step == "approve" else _("Dropped.")
        messages.success(request, told)
        return True

    def entries(self, request: HttpRequest, pk: int, figure: str) -> HttpResponse:
        """What a figure is the sum of: newest first from `?before=<ledger id>`."""
        budget = get_object_or_404(self.get_queryset(request), pk=pk)
        if figure not in FIGURES:
            raise Http404(figure)
        asked = request.GET.get("before", "")
        before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
        rows = behind(budget_id=pk, figure=figure, before=before, most=PAGE + 1)
        context = {
            "title": f"{budget} · {NAMES[figure]}",
            "budget": budget,
            "rows": rows[:PAGE],
            "older": rows[PAGE - 1].entry.pk if len(rows) > PAGE else None,
            "total": getattr(execution([pk])[pk], figure),
        }
        return render(self, request, "budget/entries", context)

    def _page(
        self, request: HttpRequest, page: str, title: Any, form: Any, **more: Any
    ) -> HttpResponse:
        response = render(self, request, page, {"title": title, "form": form, **more})
        response.status_code = 422 if request.method == "POST" else 200
        return response


@admin.register(Fund)
class FundAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (Role.FINANCE_PREPARER,)
    list_display = ("code", "name_zh", "name_en", "city")
    list_select_related = ("city",)
    fields = ("city", "code", "name_zh", "name_en", "programmes")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        form = FundForm(request.POST or None, own=own)
        if form.is_valid():
            try:
                budgeting.create_fund(user=person(request), **form.cleaned_data)
            except (ValidationError, PermissionDenied) as refused:
                form.take(refused)
            else:
                messages.success(request, _("The fund is set up; set up its budgets."))
                return redirect("admin:incentives_fund_changelist")
        response = render(self, request, "fund/form", {"title": _("Set up a fund"), "form": form})
        response.status_code = 422 if request.method == "POST" else 200
        return response
