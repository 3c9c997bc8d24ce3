"""Exports: how far they are, their files, and who fetched them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import Conflict, Refused
from incentives.domain import background
from incentives.domain.kept_files import gone, kept_until
from incentives.models import Export
from incentives.models.export import ExportState
from reviews.admin.access import RoleAdmin, cities, person
from reviews.admin.money_pages import WATCHING, render, tell_refusal
from reviews.admin.paging import KeysetList
from reviews.presenters.export_file import file_of

BACKGROUND = _("The file is made in the background; you are told.")


def exported(
    request: HttpRequest, page: Callable[[], HttpResponseBase], **asked: Any
) -> HttpResponseBase:
    """The file, or the page of the export while it is made; a refusal is told above `page`."""
    user = person(request)
    try:
        made = background.export(user=user, **asked)
    except Refused as refused:
        tell_refusal(request, refused)
        return page()
    if made.state == ExportState.DONE:
        return file_of(made, user)
    messages.info(request, BACKGROUND)
    return redirect("admin:incentives_export_change", made.pk)


@admin.register(Export)
class ExportAdmin(RoleAdmin):
    seen_by = WATCHING
    city_path = ""
    change_list_template = "admin/keyset_list.html"
    list_display = (
        "number", "kind", "form", "state", "progress", "requested_by", "requested_at",
        "file_deleted_at",
    )  # fmt: skip
    list_filter = ("kind", "state")
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
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/file/", site(self.fetch), name="export_file"),
            path("<int:pk>/anew/", site(self.anew), name="export_anew"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self._seen(request, int(object_id) if object_id.isdecimal() else 0)
        if request.method != "GET":
            raise PermissionDenied
        fetches = row.fetches.select_related("user")[:50]
        context = {
            "title": f"{self.opts.verbose_name} #{row.pk}",
            "row": row,
            "fetches": fetches,
            "gone": gone(row) if row.file_deleted_at else "",
            "kept_until": kept_until(row),
        }
        return render(self, request, "export/export", context)

    def fetch(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        row = self._seen(request, pk)
        try:
            return file_of(row, person(request))
        except Conflict as conflict:
            tell_refusal(request, conflict)
            return redirect("admin:incentives_export_change", pk)

    def anew(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._seen(request, pk)
        if request.method != "POST":
            raise PermissionDenied
        try:
            made = background.anew(of=row, user=person(request))
        except Refused as refused:
            tell_refusal(request, refused)
            return redirect("admin:incentives_export_change", pk)
        if made.state != ExportState.DONE:
            messages.info(request, BACKGROUND)
        return redirect("admin:incentives_export_change", made.pk)

    def _seen(self, request: HttpRequest, pk: int) -> Export:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("requested_by"), pk=pk)
