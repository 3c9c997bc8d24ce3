"""Payments held back, and the release of each with its reason."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from incentives.models import PayeeHold
from reviews.admin.access import RoleAdmin, holds, person
from reviews.admin.money_pages import WATCHING, render
from reviews.admin.paging import KeysetList
from reviews.admin.steps import ReasonForm
from reviews.domain import holding
from reviews.models import Application
from reviews.models.staff import Role

PAGE = "admin:incentives_payeehold_change"


class IsOpen(admin.SimpleListFilter):
    title = _("released")
    parameter_name = "released"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("no")), ("yes", _("yes"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[PayeeHold]) -> QuerySet[PayeeHold]:
        if self.value() not in ("no", "yes"):
            return rows
        return rows.filter(released_at__isnull=self.value() == "no")


@admin.register(PayeeHold)
class PayeeHoldAdmin(RoleAdmin):
    seen_by = WATCHING
    list_display = ("case", "kind", "payee", "text", "opened_at", "released_by", "released_at")
    list_filter = (IsOpen, "kind")
    search_fields = ("award__case_number", "payee__name")
    change_list_template = "admin/keyset_list.html"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayeeHold]:
        return holding.holds_for(person(request))

    @admin.display(description=_("case"))
    def case(self, row: PayeeHold) -> str:
        return row.award.case_number

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        row = get_object_or_404(self.get_queryset(request), pk=int(object_id))
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                holding.release(hold_id=row.pk, user=person(request), **form.cleaned_data)
            except (ValidationError, PermissionDenied) as refused:
                form.take(refused)
            else:
                messages.success(request, _("Released: the payment may go on."))
                return redirect(PAGE, row.pk)
        case = Application.objects.filter(city=row.award.city, number=row.award.case_number)
        context = {
            "title": f"{row.award.case_number} · {row.get_kind_display()}",
            "row": row,
            "case": case.first(),
            "form": form,
            "may": row.released_at is None and holds(request, (Role.FINANCE_APPROVER,)),
        }
        response = render(self, request, "payeehold/page", context)
        response.status_code = 422 if form.errors else 200
        return response
