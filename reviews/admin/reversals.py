"""Openings that were entered wrongly: one of finance prepares their reversal, another signs."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from incentives.domain.counter_words import labels
from incentives.domain.openings import party_of
from incentives.domain.reversals import held
from incentives.models import ImportRow, OpeningReversal
from incentives.models.reversal import ReversalState
from reviews.admin.access import RoleAdmin, person
from reviews.admin.caps import figure
from reviews.admin.confirmed_anew import confirmed_anew
from reviews.admin.money_pages import FINANCE, WATCHING, render
from reviews.admin.paging import KeysetList
from reviews.admin.steps import Doing, ReasonForm, opened, taken
from reviews.domain import reversing
from reviews.models.staff import Role

PAGE = "admin:incentives_openingreversal_change"
STEPS = {
    "approve": Doing(
        (Role.FINANCE_APPROVER,), _("Approve the reversal"), reversing.approve, danger=True
    ),
    "drop": Doing(FINANCE, _("Drop the reversal"), reversing.drop, ReasonForm, danger=True),
}


class PrepareForm(ReasonForm):
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What shows it, such as the number of a document."),
    )


@admin.register(OpeningReversal)
class OpeningReversalAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (Role.FINANCE_PREPARER,)
    list_display = ("__str__", "amount", "state", "prepared_by", "prepared_at", "approved_by")
    list_filter = ("state",)
    search_fields = ("opening__of__file_name",)
    change_list_template = "admin/keyset_list.html"

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[KeysetList]:
        return KeysetList

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningReversal]:
        return reversing.reversals_for(person(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """From the row's own place alone: the list has no row to begin with."""
        return "opening" in request.GET and super().has_add_permission(request)

    @admin.display(description=_("amount"))
    def amount(self, reversal: OpeningReversal) -> str:
        return str(reversal.opening.values["amount"])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """`?opening=<id>` of the row; one that is asked for already shows what was asked."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked = request.GET.get("opening", "")
        pk = int(asked) if asked.isdecimal() else 0
        opening = get_object_or_404(reversing.openings_for(person(request)), pk=pk)
        if before := reversing.living([opening]).get(pk):
            return redirect(PAGE, before.pk)
        form = PrepareForm(request.POST or None)
        if form.is_valid():
            try:
                made = reversing.prepare(opening_id=pk, user=person(request), **form.cleaned_data)
            except (ValidationError, PermissionDenied) as refused:
                form.take(refused)
            else:
                messages.success(request, _("Prepared; another of finance approves the reversal."))
                return redirect(PAGE, made.pk)
        context = {"title": _("Reverse an opening"), "form": form, **_shown(opening)}
        return _answer(render(self, request, "openingreversal/form", context), form.errors)

    @confirmed_anew("approve")
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404(object_id)
        row = get_object_or_404(self.get_queryset(request), pk=int(object_id))
        steps = opened(request, STEPS, _open_steps(request, row))
        if request.method == "POST" and taken(request, steps, reversal_id=row.pk):
            return redirect(PAGE, row.pk)
        context = {
            "title": str(row),
            "row": row,
            "steps": steps,
            **_shown(row.opening),
        }
        page = render(self, request, "openingreversal/page", context)
        return _answer(page, request.method == "POST")


def _answer(page: HttpResponse, refused: object) -> HttpResponse:
    page.status_code = 422 if refused else 200
    return page


def _shown(opening: ImportRow) -> dict[str, Any]:
    """The opening, whose it is, and on which counters it stands now."""
    standing = held(opening)
    words = labels(counter for counter, _amount in standing)
    return {
        "opening": opening,
        "party": party_of(opening),
        "award": getattr(opening, "award", None),
        "standing": [(words[one.pk], figure(one, amount)) for one, amount in standing],
    }


def _open_steps(request: HttpRequest, row: OpeningReversal) -> list[str]:
    """Whoever prepared it is not offered to approve it."""
    if row.state != ReversalState.PREPARED:
        return []
    own = row.prepared_by_id == person(request).pk
    return [name for name in STEPS if not (own and name == "approve")]
