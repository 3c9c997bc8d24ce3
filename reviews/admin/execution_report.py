"""The budget execution report (预算执行情况表) as a page, XLSX, CSV and PDF."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.models import City
from incentives.domain.execution_report import report
from incentives.models.export import ExportKind
from reviews.admin.access import cities, holds
from reviews.admin.exports import exported
from reviews.admin.money_pages import WATCHING, render
from reviews.presenters.budget_execution import COUNTED, cells, heads, last, rows
from reviews.presenters.table_files import FILES


class YearForm(forms.Form):
    city = forms.ModelChoiceField(City.objects.none(), label=_l("City"), empty_label=None)
    year = forms.IntegerField(label=_l("Budget year"), min_value=2000, max_value=2200)

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]


def page(model_admin: Any, request: HttpRequest, form: str = "") -> HttpResponseBase:
    """`?city=<code>&year=<year>`, without them of this year; `form` is one of FILES."""
    if not holds(request, WATCHING):
        raise PermissionDenied
    if form not in ("", *FILES):
        raise Http404(form)
    own = City.objects.filter(pk__in=cities(request, WATCHING)).order_by("pk")
    this_year = {"city": own[0].pk, "year": str(timezone.localdate().year)}
    filled = YearForm(this_year | request.GET.dict(), own=own)
    context: dict[str, Any] = {"title": _("Budget execution"), "form": filled, "files": FILES}
    if not filled.is_valid():
        return render(model_admin, request, "budget/report", context)
    city, year = filled.cleaned_data["city"], filled.cleaned_data["year"]
    wanted = {"city": city.pk, "year": year}
    if form:
        return exported(
            request,
            lambda: page(model_admin, request),
            kind=ExportKind.BUDGET_EXECUTION,
            cities=[city.pk],
            wanted=wanted,
            form=form,
            told=[(_("City"), str(city)), (_("Budget year"), year)],
        )
    lines = report(rows([city.pk], wanted))
    context |= {
        "heads": heads(),
        "lines": [(line.budget.pk, cells(line)) for line in lines],
        "last": last(lines),
        "filters": f"city={city.pk}&year={year}",
        "counted": COUNTED,
    }
    return render(model_admin, request, "budget/report", context)
