"""Where a case stands, for whoever holds its number and query code: states and dates alone."""

import secrets

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from reviews.models import Application
from reviews.presenters.next_step import next_step
from reviews.presenters.timeline import timeline


class ProgressForm(forms.Form):
    use_required_attribute = False

    number = forms.CharField(
        label=_("Case number"), max_length=40, help_text=_("Such as QD-2026-000001.")
    )
    code = forms.CharField(
        label=_("Query code"),
        max_length=60,
        help_text=_("It stands on the receipt, under the case number."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, str]:
        found = super().clean() or {}
        if not self.errors:
            self.case = find(found["number"], found["code"])
            if self.case is None:
                raise forms.ValidationError(
                    _("No case has this number and code. Compare both with the receipt.")
                )
        return found


def find(number: str, code: str) -> Application | None:
    cases = Application.objects.select_related("programme", "handling_bureau", "city")
    case = cases.filter(number=number.strip().upper()).first()
    expected = case.progress_token if case else ""
    right = secrets.compare_digest(expected.encode(), code.strip().encode())
    return case if right else None


def progress(request: HttpRequest) -> HttpResponse:
    form = ProgressForm(request.POST or None)
    case = form.case if request.method == "POST" and form.is_valid() else None
    context = {
        "form": form,
        "case": case,
        "next_step": next_step(case) if case else "",
        "timeline": timeline(case) if case else [],
    }
    return render(request, "cases/progress.html", context)
