"""Bureaus and documents, read only."""

from django.contrib import admin

from incentives.models import Bureau, PolicyDocument
from reviews.admin.access import RoleAdmin
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
