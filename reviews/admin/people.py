"""Staff: the list, and the page of one person, on which the security administrator acts."""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.models import Party, User
from reviews.admin import staff_page
from reviews.admin.access import RoleAdmin, cities
from reviews.admin.paging import CappedPaginator
from reviews.models import StaffRole
from reviews.models.staff import Role

ADMINISTRATORS = (Role.SECURITY, Role.SYSTEM)


def locked_out() -> Exists:
    """Of users: whether signing in is locked after too many failures."""
    since = timezone.now() - timedelta(seconds=settings.AXES_COOLOFF_TIME.total_seconds())
    attempts = AccessAttempt.objects.filter(
        username=OuterRef("email"),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=since,
    )
    return Exists(attempts)


@admin.register(User)
class PersonAdmin(RoleAdmin):
    """Staff of the reader's cities, those who left too: nobody is ever deleted."""

    seen_by = (*ADMINISTRATORS, Role.AUDITOR)
    added_by = (Role.SECURITY,)
    city_path = ""
    paginator = CappedPaginator
    list_display = ("name", "email", "offices", "account", "second_factor", "locked", "last_login")
    list_filter = ("is_staff",)
    search_fields = ("email", "name")
    ordering = ("email",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        own = StaffRole.objects.filter(city__in=cities(request, self.everybody()))
        held = own.filter(is_active=True).select_related("bureau", "city").order_by("pk")
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        people = User.objects.filter(Exists(own.filter(user=OuterRef("pk"))))
        return (
            people.annotate(has_factor=Exists(factors), is_locked=locked_out())
            .prefetch_related(Prefetch("staffrole_set", queryset=held, to_attr="held"))
            .order_by("email")
        )

    @admin.display(description=_("roles"))
    def offices(self, user: Any) -> str:
        return "；".join(f"{one.bureau or one.city} {one.get_role_display()}" for one in user.held)

    @admin.display(description=_("on the staff"), boolean=True)
    def account(self, user: User) -> bool:
        return user.is_active and user.is_staff

    @admin.display(description=_("second factor"), boolean=True)
    def second_factor(self, user: Any) -> bool:
        return bool(user.has_factor)

    @admin.display(description=_("locked"))
    def locked(self, user: Any) -> str:
        return str(_("locked")) if user.is_locked else "—"

    def get_urls(self) -> list[URLPattern]:
        step = self.admin_site.admin_view(self.step)
        return [path("<int:pk>/do/<slug:name>/", step, name="staff_step"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return staff_page.join(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return staff_page.show(request, self._seen(request, object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return staff_page.show(request, self._seen(request, object_id))

    def step(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        return staff_page.act(request, self._seen(request, str(pk)), name)

    def _seen(self, request: HttpRequest, pk: str) -> User:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_queryset(request).filter(pk=pk if pk.isdecimal() else 0).first()
        if found is None:
            raise Http404(pk)
        return found


@admin.register(Party)
class PartyAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    city_path = ""
    paginator = CappedPaginator
    list_display = ("name", "kind", "number", "district", "created_at")
    list_filter = ("kind",)
    list_select_related = ("district",)
    search_fields = ("name", "uscc")
    fields = ("kind", "name", "number", "district", "address", "phone", "created_at")
    readonly_fields = fields

    @admin.display(description=_("credit code, or identity number masked"))
    def number(self, row: Party) -> str:
        return row.number_shown
