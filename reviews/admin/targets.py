"""Targets at the desk: the responsible bureau, and the values it enters, with their history."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incentives.domain import targets
from incentives.models import Bureau, Target
from incentives.presenters.targets import TargetTold, figure, unit_words
from reviews.admin.access import RoleAdmin, person
from reviews.admin.money_pages import render
from reviews.domain import targeting
from reviews.models.staff import Role


class ActualForm(forms.Form):
    """The value of a year; a correction is the same year entered again."""

    year = forms.IntegerField(label=_("Year"))
    value = forms.DecimalField(label=_("Value"), max_digits=18, decimal_places=4)
    as_of = forms.DateField(
        label=_("As of"),
        help_text=_("The day the value was taken on."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_("The bulletin, yearbook or report, with its number or date."),
    )

    def take(self, refused: ValidationError) -> None:
        """Show what the verb refused beside its field."""
        told = refused.message_dict if hasattr(refused, "error_dict") else {}
        for name, words in told.items() or [("", refused.messages)]:
            self.add_error(name if name in self.fields else None, words)


class BureauForm(forms.Form):
    bureau = forms.ModelChoiceField(
        Bureau.objects.none(),
        label=_("Responsible bureau"),
        required=False,
        empty_label=_("none yet"),
        help_text=_("The documents name none; what is set here is the city's own choice."),
    )

    def __init__(self, data: Any = None, *, target: Target) -> None:
        super().__init__(data, initial={"bureau": target.bureau_id})
        own = Bureau.objects.filter(city=target.city_id)
        self.fields["bureau"].queryset = own  # type: ignore[attr-defined]


@admin.register(Target)
class TargetAdmin(RoleAdmin):
    seen_by = (Role.PREPARER, Role.APPROVER, Role.POLICY_EDITOR, Role.AUDITOR)
    list_display = ("name_shown", "document", "goal", "newest", "state", "bureau")
    list_filter = ("document", "bureau")
    list_select_related = ("document", "bureau", "city")
    search_fields = ("name_zh", "name_en", "code", "quote")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        rows: QuerySet[Target] = super().get_queryset(request)
        return rows.prefetch_related("actuals")

    @admin.display(description=_("target"), ordering="name_zh")
    def name_shown(self, target: Target) -> str:
        return _told(target).name

    @admin.display(description=_("number to reach"))
    def goal(self, target: Target) -> str:
        return f"{_told(target).goal} ({target.year})" if target.year else _told(target).goal

    @admin.display(description=_("newest value"))
    def newest(self, target: Target) -> str:
        newest = _told(target).newest
        return f"{newest.value} ({newest.year})" if newest else "—"

    @admin.display(description=_("state"))
    def state(self, target: Target) -> str:
        return _told(target).state

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        target = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method == "POST":
            return self._post(request, target)
        return self._page(request, target)

    def _post(self, request: HttpRequest, target: Target) -> HttpResponse:
        """Only what the person was offered can be sent; the verbs look again."""
        step = request.POST.get("step", "")
        if step not in STEPS:
            raise PermissionDenied
        form, verb, done = STEPS[step](request, target)
        if form.is_valid():
            try:
                verb(target=target, user=person(request), **form.cleaned_data)
            except ValidationError as refused:
                _take(form, refused)
            else:
                messages.success(request, done)
                return redirect("admin:incentives_target_change", target.pk)
        return self._page(request, target, **{step: form})

    def _page(self, request: HttpRequest, target: Target, **failed: Any) -> HttpResponse:
        user = person(request)
        enters, sets = targeting.may_enter(target, user), targeting.may_set_bureau(target, user)
        blank = ActualForm(initial={"year": timezone.localdate().year - 1})
        context = {
            "title": str(target),
            "target": target,
            "one": _told(target),
            "unit": unit_words(target.unit),
            "history": [
                (row, figure(row.value, target.unit))
                for row in target.actuals.select_related("entered_by").order_by("-id")
            ],
            "actual_form": failed.get("actual") or (blank if enters else None),
            "bureau_form": failed.get("bureau") or (BureauForm(target=target) if sets else None),
        }
        answer = render(self, request, "target/page", context)
        answer.status_code = 422 if failed else 200
        return answer


def _told(target: Target) -> TargetTold:
    return TargetTold(targets.progress(target, today=timezone.localdate()))


def _take(form: Any, refused: ValidationError) -> None:
    if isinstance(form, ActualForm):
        form.take(refused)
    else:
        form.add_error(None, refused.messages)


STEPS: dict[str, Any] = {
    "actual": lambda request, _target: (
        ActualForm(request.POST),
        targeting.enter_actual,
        _("The value is entered."),
    ),
    "bureau": lambda request, target: (
        BureauForm(request.POST, target=target),
        targeting.set_bureau,
        _("The responsible bureau is set."),
    ),
}
