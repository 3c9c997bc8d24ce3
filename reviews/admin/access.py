"""Who sees what in the admin: staff roles decide, not Django's table of permissions.

The roles are read anew at each request, so a role ended is gone at the next click.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from reviews.domain.roles import roles_of
from reviews.models import StaffRole
from reviews.models.staff import Role


def held(request: HttpRequest) -> list[StaffRole]:
    """The roles of the person who asks, read once a request."""
    if not hasattr(request, "_staff_roles"):
        request._staff_roles = list(  # type: ignore[attr-defined]
            roles_of(request.user).select_related("bureau", "city")
        )
    return request._staff_roles  # type: ignore[attr-defined,no-any-return]


def holds(request: HttpRequest, roles: tuple[Role, ...]) -> bool:
    return any(role.role in roles for role in held(request))


def cities(request: HttpRequest, roles: tuple[Role, ...]) -> set[str]:
    """Codes of the cities in which the person holds one of the roles."""
    return {role.city_id for role in held(request) if role.role in roles}


class RoleAdmin(admin.ModelAdmin):
    """Seen, added and changed by roles; nothing is ever deleted here. `city_path` scopes the rows."""

    seen_by: ClassVar[tuple[Role, ...]] = ()
    added_by: ClassVar[tuple[Role, ...]] = ()
    changed_by: ClassVar[tuple[Role, ...]] = ()
    city_path: ClassVar[str] = "city"

    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def everybody(self) -> tuple[Role, ...]:
        return (*self.seen_by, *self.added_by, *self.changed_by)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.everybody())

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return holds(request, self.everybody())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.added_by)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return holds(request, self.changed_by)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not self.city_path:
            return rows
        return rows.filter(**{f"{self.city_path}__in": cities(request, self.everybody())})
