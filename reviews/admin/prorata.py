"""Budgets given pro rata, at the desk of handling bureau and finance: what waits, its share-out."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from applicants.templatetags.huiqi import yuan
from incentives.domain.budget_execution import execution
from incentives.models import ProRata
from reviews.admin.access import RoleAdmin, person
from reviews.admin.money_pages import WATCHING, render, sum_of, tell_refusal
from reviews.domain import sharing
from reviews.models.staff import Role

PAGE = "admin:incentives_prorata_change"


@admin.register(ProRata)
class ProRataAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (Role.APPROVER, Role.LEADER, Role.FINANCE_APPROVER)
    list_display = (
        "budget", "at", "actor",
        sum_of("planned", _("planned in yuan")),
        sum_of("used", _("used before")),
        sum_of("room", _("room")),
        sum_of("asked", _("asked in all")),
        sum_of("given", _("given in all")),
    )  # fmt: skip
    list_select_related = ("budget__fund", "budget__programme", "actor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProRata]:
        return sharing.sharings_for(person(request))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The person's budgets; `?budget=<id>` shows what waits for one; posted, it is shared."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = sharing.budgets_to_share(person(request))
        asked = request.POST.get("budget") or request.GET.get("budget", "")
        context: dict[str, Any] = {"title": _("Share out a budget"), "budgets": own}
        if asked:
            budget = get_object_or_404(own, pk=int(asked) if asked.isdecimal() else 0)
            if request.method == "POST" and (made := self._shared(request, budget.pk)):
                return redirect(PAGE, made.pk)
            waiting = sharing.waiting(budget).select_related("application__applicant")
            left = execution([budget.pk])[budget.pk].available
            context |= {"budget": budget, "waiting": list(waiting), "left": left}
            context["asked"] = sum(one.assessed for one in context["waiting"])
        response = render(self, request, "prorata/form", context)
        response.status_code = 422 if request.method == "POST" else 200
        return response

    def _shared(self, request: HttpRequest, budget: int) -> ProRata | None:
        try:
            made = sharing.share_out(budget_id=budget, user=person(request))
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
            return None
        messages.success(request, _("Shared out; each share is reserved."))
        return made

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        made = get_object_or_404(self.get_queryset(request), pk=pk)
        context = {
            "title": f"{made.budget} · {yuan(made.given)}",
            "made": made,
            "lines": made.lines.order_by("case_number"),
        }
        return render(self, request, "prorata/page", context)
