"""Bureaus and documents, read only; the working-day calendar, which an editor corrects."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from applicants.domain.events import record
from incentives.models import Bureau, PolicyDocument
from reviews.admin.access import RoleAdmin, person
from reviews.models import CalendarDay
from reviews.models.staff import Role

READERS = (Role.POLICY_EDITOR, Role.AUDITOR)


@admin.register(Bureau)
class BureauAdmin(RoleAdmin):
    seen_by = READERS
    list_display = ("name", "full_name", "code", "kind")
    search_fields = ("name_zh", "name_en", "full_name", "code")
    fields = ("city", "code", "name_zh", "name_en", "full_name", "kind")


@admin.register(PolicyDocument)
class DocumentAdmin(RoleAdmin):
    seen_by = READERS
    list_display = ("title", "number", "issued", "code")
    fields = ("city", "code", "title_zh", "title_en", "number", "issued")


@admin.register(CalendarDay)
class CalendarDayAdmin(RoleAdmin):
    """Deadlines already given keep their dates; later ones count by the corrected day."""

    seen_by = READERS
    added_by = changed_by = (Role.POLICY_EDITOR, Role.SYSTEM)
    city_path = ""
    list_display = ("date", "is_working", "provisional", "source")
    list_filter = ("is_working", "provisional")
    date_hierarchy = "date"
    ordering = ("date",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["date"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(
            kind="calendar.changed",
            subject=f"calendar:{obj.date}",
            actor=person(request),
            reason=obj.source,
            data={"working": obj.is_working, "provisional": obj.provisional},
        )
