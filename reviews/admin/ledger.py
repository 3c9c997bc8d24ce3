"""The ledger: filtered, added up by stage, and exported exactly as filtered."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from incentives.domain import background, ledger
from incentives.domain.ledger_filter import LedgerFilter
from incentives.models import LedgerEntry
from incentives.models.export import ExportState
from reviews.admin import ledger_pdf, statement
from reviews.admin.access import RoleAdmin, cities, holds, person
from reviews.admin.ledger_form import LedgerForm
from reviews.admin.money_pages import WATCHING, render
from reviews.admin.statement import ByForm
from reviews.admin.table_files import FILES
from reviews.domain.reversing import living
from reviews.models.staff import Role
from reviews.presenters.export_file import file_of

PAGE = 50
PDF = "pdf"


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
        if form not in (*background.FORMS, PDF) or not self.has_view_permission(request):
            raise Http404(form)
        if not filled.is_valid():
            return self.changelist_view(request)
        wanted = filled.wanted()
        user, rows = person(request), ledger.entries(cities=own, wanted=wanted)
        if form == PDF and ledger.more_than(rows, ledger_pdf.MOST):
            messages.error(request, ledger_pdf.refusal())
            return self.changelist_view(request)
        if form == PDF:
            among = filled.among()
            ledger.note_export(chosen=wanted.chosen(), cities=among, form=form, user=user)
            return ledger_pdf.pdf_of_entries(rows, filled.told())
        made = background.export(cities=own, wanted=wanted, form=form, user=user)
        if made.state == ExportState.DONE:
            return file_of(made, user)
        messages.info(request, _("The file is made in the background; you are told."))
        return redirect("admin:incentives_export_change", made.pk)

    def statement(self, request: HttpRequest, form: str = "") -> HttpResponse:
        """What the filtered ledger adds up to; with a format as a file."""
        if not self.has_view_permission(request) or form not in ("", *FILES):
            raise Http404(form)
        own = cities(request, WATCHING)
        filled = LedgerForm(request.GET, own=own)
        by_form = ByForm(request.GET if "by" in request.GET else {"by": "programme"})
        context: dict[str, Any] = {"title": _("Statement"), "form": filled, "by_form": by_form}
        if filled.is_valid() and by_form.is_valid():
            by, wanted, among = by_form.cleaned_data["by"], filled.wanted(), filled.among()
            told = statement.Table(ledger.entries(cities=own, wanted=wanted), by, wanted.stage)
            if form:
                ledger.note_statement(
                    by=by, chosen=wanted.chosen(), cities=among, form=form, user=person(request)
                )
                return statement.file_of(told, form, facts=filled.told(), name=_name(among, wanted))
            context |= statement.context(told, request.GET)
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


def _name(among: list[str], wanted: LedgerFilter) -> str:
    """Of which cities, and of which year if one is chosen."""
    years = [str(year) for year in (wanted.year, wanted.approval_year) if year]
    return "-".join([*among, *years])


def _page(request: HttpRequest, rows: Any) -> dict[str, Any]:
    """Newest first from `?before=<id>`."""
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.select_related(*ledger_pdf.RELATED)[: PAGE + 1])
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
