"""What happened, for auditors: events, reminders and publicity notices. Read only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from applicants.models import Event
from applicants.templatetags.huiqi import yuan
from reviews.admin.access import RoleAdmin
from reviews.admin.paging import CappedPaginator, KeysetList
from reviews.domain.dossier import without_preparations
from reviews.domain.event_words import told
from reviews.domain.queries import REVIEWING
from reviews.models import PublicityItem, PublicityNotice, Reminder
from reviews.models.staff import Role
from reviews.presenters.outcomes import intended


@admin.register(Event)
class EventAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    change_list_template = "admin/keyset_list.html"
    list_display = ("at", "what", "subject", "actor", "reason")
    list_select_related = ("actor",)
    search_fields = ("subject", "kind")
    search_help_text = _("A case such as case:12, a programme's code, or a kind of event.")
    fields = ("at", "what", "kind", "subject", "actor", "reason", "data", "city")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Of the auditor's cities, and those that belong to no city."""
        nowhere = Q(city=None)
        own = super().get_queryset(request)
        seen = Event.objects.filter(nowhere | Q(pk__in=own.values("pk")))
        return without_preparations(seen)

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    @admin.display(description=_("what"))
    def what(self, event: Event) -> str:
        return told(event)


@admin.register(Reminder)
class ReminderAdmin(RoleAdmin):
    seen_by = (Role.AUDITOR,)
    city_path = "city"
    paginator = CappedPaginator
    list_display = (
        "application", "kind", "stage", "due_on", "remind_on", "sent_at", "stopped_at",
    )  # fmt: skip
    list_filter = ("kind", "stage")
    list_select_related = ("application__programme",)
    search_fields = ("application__number",)


class PublicityItemInline(admin.TabularInline):
    model = PublicityItem
    fields = readonly_fields = ("application", "what")
    extra = 0

    @admin.display(description=_("amount or outcome"))
    def what(self, item: PublicityItem) -> str:
        return intended(item.application, item.amount)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PublicityNotice)
class PublicityNoticeAdmin(RoleAdmin):
    seen_by = (*REVIEWING, Role.AUDITOR)
    list_display = ("number", "bureau", "starts_on", "ends_on", "count", "sum")
    fields = readonly_fields = (
        "number",
        "city",
        "bureau",
        "starts_on",
        "ends_on",
        "published_by",
        "published_at",
        "count",
        "sum",
    )
    list_select_related = ("bureau",)
    list_filter = (("bureau", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("number", "items__application__number")
    inlines = (PublicityItemInline,)

    @admin.display(description=_("total"))
    def sum(self, notice: PublicityNotice) -> str:
        """Nothing where no case on the notice is paid."""
        return yuan(notice.total or None)
