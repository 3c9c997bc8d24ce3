"""Who sees what in the admin: staff roles decide, not Django's table of permissions.

The roles are read anew at each request, so a role ended is gone at the next click.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.http import HttpRequest

from applicants.models import User
from reviews.domain.roles import roles_of
from reviews.models import StaffRole
from reviews.models.staff import Role


def person(request: HttpRequest) -> User:
    """Who asks; the admin site lets nobody in who has not signed in."""
    assert isinstance(request.user, User)  # noqa: S101  # for the type: the site has checked
    return request.user


def held(request: HttpRequest) -> list[StaffRole]:
    """The roles of the person who asks, read once a request."""
    if not hasattr(request, "_staff_roles"):
        request._staff_roles = list(  # type: ignore[attr-defined]
            roles_of(person(request)).select_related("bureau", "city", "user")
        )
    return request._staff_roles  # type: ignore[attr-defined]


def holds(request: HttpRequest, roles: tuple[Role, ...]) -> bool:
    return any(role.role in roles for role in held(request))


def cities(request: HttpRequest, roles: tuple[Role, ...]) -> set[str]:
    """Codes of the cities in which the person holds one of the roles."""
    return {role.city_id for role in held(request) if role.role in roles}


def plain(field: "Field[Any, Any]") -> Callable[[Model], str]:
    """A column that names the related row without a link to a page of the admin."""

    def named(row: Model) -> str:
        value = getattr(row, field.name)
        return "—" if value is None else str(value)

    named.__name__ = field.name
    named.short_description = field.verbose_name  # type: ignore[attr-defined]
    return named


class RoleAdmin(admin.ModelAdmin):
    """Seen, added and changed by roles; nothing is ever deleted. `city_path` scopes the rows."""

    seen_by: ClassVar[tuple[Role, ...]] = ()
    added_by: ClassVar[tuple[Role, ...]] = ()
    changed_by: ClassVar[tuple[Role, ...]] = ()
    city_path: ClassVar[str] = "city"

    actions: Any = None
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

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """On a page that is only read, related rows that the person may not open are plain text."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (
                title,
                options | {"fields": [self._shown(name, request) for name in options["fields"]]},
            )
            for title, options in fieldsets
        ]

    def _shown(self, name: Any, request: HttpRequest) -> Any:
        related = {
            field.name: field for field in self.opts.get_fields() if isinstance(field, ForeignKey)
        }
        if name not in related:
            return name
        other = self.admin_site._registry.get(related[name].related_model)
        opens = other is not None and other.has_view_permission(request)
        return name if opens else plain(related[name])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not self.city_path:
            return rows
        return rows.filter(**{f"{self.city_path}__in": cities(request, self.everybody())})
