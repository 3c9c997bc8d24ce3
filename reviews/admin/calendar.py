"""The working-day calendar: a day is corrected, or a whole year entered by its notice."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from reviews.admin.access import RoleAdmin, person
from reviews.admin.places import READERS
from reviews.domain import calendar, recounting, working_days
from reviews.models import CalendarDay
from reviews.models.staff import Role

LIST = "admin:reviews_calendarday_changelist"
RECOUNTED_SOON = _("Open deadlines that it moves are counted again within minutes.")
AREA = forms.Textarea(attrs={"rows": 8})


class DayForm(forms.ModelForm[CalendarDay]):
    class Meta:
        model = CalendarDay
        fields = ["date", "is_working", "provisional", "source"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            calendar.require_source(cleaned.get("source", "-"))
        except ValidationError as refused:
            self.add_error(None, refused)
        return cleaned


class YearForm(forms.Form):
    """A year's notice of the State Council, as it is printed."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Number and title of the notice, as printed on it."),
    )
    holidays = forms.CharField(
        label=_("Holidays"),
        widget=AREA,
        help_text=_("One a line: 2027-01-01, or 2027-02-05 ~ 2027-02-11."),
    )
    worked = forms.CharField(label=_("Weekend days that are worked"), widget=AREA, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            calendar.require_source(cleaned["source"])
            self.notice = calendar.read_notice(
                year=cleaned["year"], holidays=cleaned["holidays"], worked=cleaned["worked"]
            )
        except ValidationError as refused:
            self.add_error(None, refused)
        return cleaned


@admin.register(CalendarDay)
class CalendarDayAdmin(RoleAdmin):
    """Deadlines are counted again after a change; see reviews.domain.recounting."""

    form = DayForm
    seen_by = READERS
    added_by = changed_by = (Role.POLICY_EDITOR, Role.SYSTEM)
    city_path = ""
    change_list_template = "admin/reviews/calendarday/list.html"
    list_display = ("date", "is_working", "provisional", "source")
    list_filter = ("is_working", "provisional")
    date_hierarchy = "date"
    ordering = ("date",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["date"] if obj else []

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "provisional_years": sorted(working_days.provisional_years()),
            "moving": recounting.waiting(),
            "may_enter": self.has_add_permission(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        calendar.change_day(
            day=obj.date,
            is_working=obj.is_working,
            provisional=obj.provisional,
            source=obj.source,
            user=person(request),
        )
        messages.info(request, RECOUNTED_SOON)

    def get_urls(self) -> list[URLPattern]:
        year = path("year/", self.admin_site.admin_view(self.enter_year), name="calendar_year")
        return [year, *super().get_urls()]

    def enter_year(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        first = {"year": next(iter(sorted(working_days.provisional_years())), None)}
        form = YearForm(request.POST or None, initial=first)
        if request.method == "POST" and form.is_valid():
            changed = calendar.publish_year(
                notice=form.notice, source=form.cleaned_data["source"], user=person(request)
            )
            said = _("%(year)s is entered; %(count)s days are otherwise than before.")
            told = {"year": form.notice.year, "count": changed}
            messages.success(request, f"{said % told} {RECOUNTED_SOON}")
            return redirect(LIST)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts, "title": _("Enter a year by its notice"), "form": form,
        }  # fmt: skip
        return TemplateResponse(request, "admin/reviews/calendarday/year.html", context)
