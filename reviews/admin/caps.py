"""Caps: what is used and left of each, and every entry that took from it or gave back."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from applicants.templatetags.huiqi import yuan
from incentives.domain.counter_words import labels
from incentives.models import Counter
from incentives.models.counter import CounterKind, Unit
from reviews.admin.access import RoleAdmin, holds
from reviews.admin.money_pages import WATCHING, render
from reviews.admin.paging import KeysetList
from reviews.domain.reversing import living
from reviews.models.staff import Role

PAGE = 100


class CapList(KeysetList):
    """Says each key in words, all of a page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        words = labels(self.result_list)
        for counter in self.result_list:
            counter.words = words[counter.pk]


@admin.register(Counter)
class CounterAdmin(RoleAdmin):
    seen_by = (*WATCHING, Role.POLICY_EDITOR)
    change_list_template = "admin/keyset_list.html"
    list_display = ("words", "kind", "limit_shown", "used_shown", "left_shown")
    list_filter = ("kind", "unit")
    search_fields = ("key",)
    search_help_text = _("A programme's code, a project's number or a pool's code.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Ceilings alone: a tally only counts, for a reading that may be taken later."""
        return super().get_queryset(request).exclude(kind=CounterKind.TALLY)

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return CapList

    @admin.display(description=_("what it limits"))
    def words(self, counter: Any) -> str:
        return str(counter.words)

    @admin.display(description=_("limit"))
    def limit_shown(self, counter: Counter) -> str:
        return figure(counter, counter.limit)

    @admin.display(description=_("used"))
    def used_shown(self, counter: Counter) -> str:
        return figure(counter, counter.used)

    @admin.display(description=_("left"))
    def left_shown(self, counter: Counter) -> str:
        return figure(counter, counter.limit - counter.used)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        counter = get_object_or_404(self.get_queryset(request), pk=pk)
        context = {
            "title": labels([counter])[counter.pk],
            "counter": counter,
            "limit": self.limit_shown(counter),
            "used": self.used_shown(counter),
            "left": self.left_shown(counter),
            "opens_entries": holds(request, WATCHING),
            "reverses": holds(request, (Role.FINANCE_PREPARER,)),
            **_entries(request, counter),
        }
        return render(self, request, "counter/entries", context)


def _entries(request: HttpRequest, counter: Counter) -> dict[str, Any]:
    """Newest first from `?before=<id>`."""
    related = ("entry__programme", "entry__applicant", "opening__of", "change__party")
    rows = counter.entries.exclude(amount=0).select_related(*related).order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    reversals = living(row.opening for row in found if row.opening)
    return {
        "rows": [
            (row, figure(counter, row.amount), reversals.get(row.opening_id or 0))
            for row in found[:PAGE]
        ],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
    }


def figure(counter: Counter, amount: Decimal) -> str:
    """Yuan, or a whole number of awards."""
    if counter.unit == Unit.YUAN:
        return yuan(amount)
    return f"{amount:.0f} {Unit.AWARDS.label}"
