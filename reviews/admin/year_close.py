"""The close of a budget year: a preview, its preparation, the second signature, and the report."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from incentives.domain.year_close import CloseLine, lines_of, preview
from incentives.models import Budget, YearClose
from reviews.admin.access import RoleAdmin, cities, holds, person
from reviews.admin.confirmed_anew import confirmed_anew
from reviews.admin.money_pages import WATCHING, render, tell_refusal
from reviews.admin.steps import Step
from reviews.domain import budgeting
from reviews.models.staff import Role

PAGE = "admin:incentives_yearclose_change"


class YearForm(Step):
    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)
    year = forms.IntegerField(label=_("Budget year"), min_value=2000, max_value=2200)

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]


@admin.register(YearClose)
class YearCloseAdmin(RoleAdmin):
    seen_by = WATCHING
    added_by = (Role.FINANCE_PREPARER,)
    list_display = ("year", "city", "prepared_by", "prepared_at", "closed_by", "closed_at")
    list_select_related = ("city", "prepared_by", "closed_by")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """`?city=<code>&year=<year>` shows what the close would do; posted, it is prepared."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        own = City.objects.filter(pk__in=cities(request, self.added_by))
        asked = request.POST or (request.GET if "year" in request.GET else None)
        form = YearForm(asked, own=own, initial={"year": timezone.localdate().year - 1})
        context: dict[str, Any] = {"title": _("Close a budget year"), "form": form}
        if form.is_valid():
            wanted = dict(form.cleaned_data)  # a refusal takes its field out of the form's own
            if request.method == "POST" and (made := self._prepared(request, form)):
                return redirect(PAGE, made.pk)
            found = preview(**wanted)
            context |= {"found": found, "city": wanted["city"], "rows": _named(found.lines)}
        return self._page(request, "yearclose/form", context)

    def _prepared(self, request: HttpRequest, form: YearForm) -> YearClose | None:
        try:
            made = budgeting.prepare_close(user=person(request), **form.cleaned_data)
        except (ValidationError, PermissionDenied) as refused:
            form.take(refused)
            return None
        messages.success(request, _("Prepared; another of finance closes the year."))
        return made

    @confirmed_anew()
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        close = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method == "POST" and self._closed(request, close):
            return redirect(PAGE, close.pk)
        context = {
            "title": str(close),
            "close": close,
            "rows": _named(lines_of(close)),
            "prepares": close.closed_at is None and holds(request, self.added_by),
            "closes": close.closed_at is None
            and holds(request, (Role.FINANCE_APPROVER,))
            and close.prepared_by_id != person(request).pk,
        }
        return self._page(request, "yearclose/page", context)

    def _closed(self, request: HttpRequest, close: YearClose) -> bool:
        try:
            budgeting.close_year(close_id=close.pk, user=person(request))
        except (ValidationError, PermissionDenied) as refused:
            tell_refusal(request, refused)
            return False
        messages.success(request, _("The year %s is closed.") % close.year)
        return True

    def _page(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        response = render(self, request, page, context)
        response.status_code = 422 if request.method == "POST" else 200
        return response


def _named(lines: Any) -> list[tuple[Budget, CloseLine]]:
    """Each line with its budget, which says its name."""
    rows = Budget.objects.select_related("fund", "programme")
    found = rows.in_bulk([line.budget for line in lines])
    return [(found[line.budget], line) for line in lines]
