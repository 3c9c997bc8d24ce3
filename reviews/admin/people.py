"""Accounts and staff roles: for the system administrator, who sees no case by that office alone."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from applicants.domain.events import record
from applicants.models import Party, User
from reviews.admin.access import RoleAdmin, person
from reviews.admin.paging import CappedPaginator
from reviews.models import StaffRole
from reviews.models.staff import Role


class AdministratorOnly(admin.ModelAdmin):
    """For active superusers; rows are ended, never deleted."""

    actions = None
    show_full_result_count = False
    paginator = CappedPaginator

    def _is_administrator(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_active and user.is_staff and user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_administrator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class PersonAdmin(AdministratorOnly, UserAdmin):
    add_form = NewUserForm
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("name", "language")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
        (_("Access"), {"fields": ("is_staff",)}),
    )


class StaffRoleForm(forms.ModelForm):
    class Meta:
        model = StaffRole
        fields = ("user", "city", "bureau", "role", "is_active")


@admin.register(StaffRole)
class StaffRoleAdmin(AdministratorOnly):
    """A role is given to a person once; afterwards it is only ended or taken up again."""

    form = StaffRoleForm
    list_display = ("user", "city", "bureau", "role", "is_active", "since")
    list_filter = ("role", "is_active", "city", ("bureau", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "city", "bureau")
    search_fields = ("user__email", "user__name", "bureau__name_zh", "bureau__name_en")
    autocomplete_fields: ClassVar[tuple[str, ...]] = ()
    raw_id_fields = ("user",)
    ordering = ("-since",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["user", "city", "office", "role"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["user", "city", "office" if obj else "bureau", "role", "is_active"]

    @admin.display(description=_("bureau"))
    def office(self, role: StaffRole) -> str:
        return str(role.bureau or "—")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(
            kind="staff_role.changed" if change else "staff_role.given",
            subject=f"user:{obj.user_id}",
            actor=person(request),
            city=obj.city,
            data={
                "role": obj.role,
                "bureau": obj.bureau.code if obj.bureau else None,
                "active": obj.is_active,
            },
        )


@admin.register(Party)
class PartyAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    city_path = ""
    paginator = CappedPaginator
    list_display = ("name", "kind", "number_shown", "district", "created_at")
    list_filter = ("kind",)
    list_select_related = ("district",)
    search_fields = ("name", "uscc")
    fields = ("kind", "name", "number_shown", "district", "address", "phone", "created_at")
    readonly_fields = fields
