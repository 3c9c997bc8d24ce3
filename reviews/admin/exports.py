"""Exports: how far they are, their files, and who fetched them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import Conflict
from incentives.domain import background
from incentives.models import Export
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.money_pages import WATCHING, render, tell_refusal
from reviews.admin.paging import KeysetList
from reviews.presenters.export_file import file_of


@admin.register(Export)
class ExportAdmin(RoleAdmin):
    seen_by = WATCHING
    city_path = ""
    change_list_template = "admin/keyset_list.html"
    list_display = ("number", "form", "state", "progress", "requested_by", "requested_at")
    list_filter = ("state",)
    list_select_related = ("requested_by",)

    @admin.display(description=_("export"))
    def number(self, row: Export) -> str:
        return f"#{row.pk}"

    @admin.display(description=_("rows written"))
    def progress(self, row: Export) -> str:
        return f"{row.done:,} / {row.rows:,}"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return background.exports_of(cities(request, WATCHING))

    def get_urls(self) -> list[URLPattern]:
        fetched = self.admin_site.admin_view(self.fetch)
        return [path("<int:pk>/file/", fetched, name="export_file"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self._seen(request, int(object_id) if object_id.isdecimal() else 0)
        if request.method != "GET":
            raise PermissionDenied
        fetches = row.fetches.select_related("user")[:50]
        context = {"title": f"{self.opts.verbose_name} #{row.pk}", "row": row, "fetches": fetches}
        return render(self, request, "export/export", context)

    def fetch(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        row = self._seen(request, pk)
        try:
            return file_of(row, person(request))
        except Conflict as conflict:
            tell_refusal(request, conflict)
            return redirect("admin:incentives_export_change", pk)

    def _seen(self, request: HttpRequest, pk: int) -> Export:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("requested_by"), pk=pk)
