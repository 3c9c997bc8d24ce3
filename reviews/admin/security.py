"""What the security administrator reviews, and auditors read: roles, failed sign-ins, locks."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from reviews.admin.access import RoleAdmin
from reviews.admin.paging import CappedPaginator
from reviews.models import StaffRole
from reviews.models.staff import Role


class StandingFilter(admin.SimpleListFilter):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("active", _("active")),
            ("waits", _("waits for confirmation")),
            ("ended", _("ended")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = {
            "active": queryset.filter(is_active=True),
            "waits": queryset.filter(is_active=False, ended_at=None, granted_by__isnull=False),
            "ended": queryset.filter(is_active=False, ended_at__isnull=False),
        }
        return rows.get(self.value() or "", queryset)


@admin.register(StaffRole)
class StaffRoleAdmin(RoleAdmin):
    """Every role of the city; each is given and ended on its person's page."""

    seen_by = (Role.SECURITY, Role.AUDITOR)
    paginator = CappedPaginator
    list_display = (
        "user", "place", "role", "is_active", "since", "granted_by", "confirmed_by", "ended_at",
    )  # fmt: skip
    list_filter = (StandingFilter, "role", ("bureau", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "city", "bureau", "granted_by", "confirmed_by")
    search_fields = ("user__email", "user__name", "bureau__name_zh", "bureau__name_en")
    ordering = ("-since",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        role: Any = self.get_object(request, object_id)
        if role is None:
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("admin:applicants_user_change", role.user_id)

    @admin.display(description=_("bureau or city"))
    def place(self, role: StaffRole) -> str:
        return str(role.bureau or role.city)


class SignInAdmin(RoleAdmin):
    """Kept for every address that somebody tried, so it belongs to no city."""

    seen_by = (Role.SECURITY, Role.AUDITOR)
    city_path = ""
    paginator = CappedPaginator
    search_fields = ("username", "ip_address")
    date_hierarchy = "attempt_time"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AccessAttempt)
class AttemptAdmin(SignInAdmin):
    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    fields = readonly_fields = (*list_display, "user_agent", "path_info")


@admin.register(AccessFailureLog)
class FailureAdmin(SignInAdmin):
    list_display = ("attempt_time", "username", "ip_address", "locked_out")
    fields = readonly_fields = (*list_display, "user_agent", "path_info")


@admin.register(AccessLog)
class SignedInAdmin(SignInAdmin):
    list_display = ("attempt_time", "username", "ip_address", "logout_time")
    fields = readonly_fields = (*list_display, "user_agent", "path_info")
