"""The ledger: filtered, added up by stage, and exported exactly as filtered."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from incentives.domain import ledger
from incentives.models import LedgerEntry
from incentives.models.export import ExportKind
from reviews.admin import statement
from reviews.admin.access import RoleAdmin, cities, holds
from reviews.admin.exports import exported
from reviews.admin.ledger_form import LedgerForm
from reviews.admin.money_pages import WATCHING, render
from reviews.admin.statement import ByForm
from reviews.domain.reversing import living
from reviews.models.staff import Role
from reviews.presenters.ledger_pdf import RELATED
from reviews.presenters.statement import table_of
from reviews.presenters.table_files import FILES

PAGE = 50


@admin.register(LedgerEntry)
class LedgerAdmin(RoleAdmin):
    seen_by = WATCHING

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("export.<slug:form>", site(self.export), name="ledger_export"),
            path("statement/", site(self.statement), name="ledger_statement"),
            path("statement.<slug:form>", site(self.statement), name="ledger_statement_file"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = cities(request, WATCHING)
        form = LedgerForm(request.GET, own=own)
        context: dict[str, Any] = {"title": self.opts.verbose_name_plural, "form": form}
        if form.is_valid():
            rows = ledger.entries(cities=own, wanted=form.wanted())
            context |= {"totals": ledger.totals(rows), **_page(request, rows)}
        return render(self, request, "ledgerentry/list", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        entry = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "GET":
            raise PermissionDenied
        context = {"title": str(entry), "entry": entry, **_opening(request, entry)}
        return render(self, request, "ledgerentry/entry", context)

    def export(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """Exactly what the same filter lists, all pages of it."""
        own = cities(request, WATCHING)
        filled = LedgerForm(request.GET, own=own)
        if form not in FILES or not self.has_view_permission(request):
            raise Http404(form)
        if not filled.is_valid():
            return self.changelist_view(request)
        return exported(
            request,
            lambda: self.changelist_view(request),
            cities=own,
            wanted=filled.wanted().chosen(),
            form=form,
            told=filled.told(),
        )

    def statement(self, request: HttpRequest, form: str = "") -> HttpResponseBase:
        """What the filtered ledger adds up to; with a format as a file."""
        if not self.has_view_permission(request) or form not in ("", *FILES):
            raise Http404(form)
        own = cities(request, WATCHING)
        filled = LedgerForm(request.GET, own=own)
        by_form = ByForm(request.GET if "by" in request.GET else {"by": "programme"})
        context: dict[str, Any] = {"title": _("Statement"), "form": filled, "by_form": by_form}
        if filled.is_valid() and by_form.is_valid():
            wanted = filled.wanted().chosen() | {"by": by_form.cleaned_data["by"]}
            if form:
                return exported(
                    request,
                    lambda: self.statement(request),
                    kind=ExportKind.STATEMENT,
                    cities=own,
                    wanted=wanted,
                    form=form,
                    told=filled.told(),
                )
            context |= statement.context(table_of(own, wanted), request.GET)
            context |= {"files": FILES, "filters": request.GET.urlencode()}
        return render(self, request, "ledgerentry/statement", context)


def _opening(request: HttpRequest, entry: LedgerEntry) -> dict[str, Any]:
    """Of an award that was given before: its row of the list, and whether it is reversed."""
    opening = entry.award.opening
    return {
        "opening": entry.award.opening_id,
        "reversal": living([opening]).get(opening.pk) if opening else None,
        "reverses": holds(request, (Role.FINANCE_PREPARER,)),
        "opens_entries": True,
    }


def _page(request: HttpRequest, rows: Any) -> dict[str, Any]:
    """Newest first from `?before=<id>`."""
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.select_related(*RELATED)[: PAGE + 1])
    asked = request.GET.copy()
    asked.pop("before", None)
    filters = asked.urlencode()
    if len(found) > PAGE:
        asked["before"] = str(found[PAGE - 1].pk)
    return {
        "rows": found[:PAGE],
        "filters": filters,
        "older": asked.urlencode() if len(found) > PAGE else "",
        "paged": bool(before),
    }
