"""Who read what: for auditors, by person and by case, and as CSV exactly as filtered."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from applicants.domain.events import record
from applicants.templatetags.huiqi import moment
from incentives.domain.exports import csv_blocks
from reviews.admin.access import RoleAdmin, person
from reviews.admin.paging import KeysetList
from reviews.models import CaseReading
from reviews.models.staff import Role

DOOR_WORDS: dict[str, str | Promise] = {
    "desk": _("the page of the case"),
    "api": _("the API"),
    "document": _("a paper"),
    "letter": _("a letter"),
    "scoring": _("scoring"),
    "approval": _("the approval sheet"),
    "approval.pdf": _("the approval sheet as PDF"),
    "file.pdf": _("the case file as PDF"),
    "explanation": _("the explanation"),
    "explanation.pdf": _("the explanation as PDF"),
}


def door_words(door: str) -> str:
    return str(DOOR_WORDS.get(door, door))


@admin.register(CaseReading)
class CaseReadingAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    city_path = "application__city"
    change_list_template = "admin/reviews/casereading/list.html"
    list_display = ("at", "user", "case", "applicant", "through")
    list_display_links = None
    list_select_related = ("user", "application__applicant")
    list_filter = ("door", ("at", admin.DateFieldListFilter))
    search_fields = ("user__email", "user__name", "=application__number")
    search_help_text = _("Name or address of the reader, or a whole case number.")

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export.csv", export, name="readings_export"), *super().get_urls()]

    @admin.display(description=_("case"))
    def case(self, row: CaseReading) -> str:
        return row.application.number or ""

    @admin.display(description=_("applicant"))
    def applicant(self, row: CaseReading) -> str:
        return row.application.applicant.name

    @admin.display(description=_("through"))
    def through(self, row: CaseReading) -> str:
        return door_words(row.door)

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """What the same filter lists, all pages of it; the export is an event itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).get_queryset(request)
        query = {name: value for name, value in request.GET.items() if value}
        record(kind="readings.exported", subject="readings", actor=person(request), data=query)
        headings = [_now("when"), _now("read by"), _now("e-mail address"), _now("case"),
                    _now("applicant"), _now("through")]  # fmt: skip
        blocks = csv_blocks(headings, map(_line, _stream(rows)))
        response = StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")
        name = f"readings-{timezone.localtime():%Y%m%d-%H%M}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store"
        return response


def _stream(rows: QuerySet[Any]) -> Any:
    return rows.select_related("user", "application__applicant").iterator(chunk_size=2000)


def _line(row: CaseReading) -> list[str]:
    case = row.application
    who = (str(row.user), row.user.email)
    return [moment(row.at), *who, case.number or "", case.applicant.name, door_words(row.door)]
