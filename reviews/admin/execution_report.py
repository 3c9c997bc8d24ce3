"""The budget execution report (预算执行情况表) as a page, XLSX, CSV and PDF."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.domain.events import record
from applicants.models import City
from incentives.domain.budget_execution import Execution
from incentives.domain.execution_report import Line, paid_share, report, total
from incentives.domain.exports import Cell
from reviews.admin.access import cities, holds, person
from reviews.admin.money_pages import WATCHING, render
from reviews.admin.table_files import FILES, Report, answer
from reviews.domain import budgeting

MONEY = range(4, 10)
FIGURES = range(4, 11)
PRINTED = (0, 1, *FIGURES)
COUNTED = _l(
    "What a fund sets aside for a programme is the most it may take, and within the fund's own "
    "line, if it has one."
)


class YearForm(forms.Form):
    city = forms.ModelChoiceField(City.objects.none(), label=_l("City"), empty_label=None)
    year = forms.IntegerField(label=_l("Budget year"), min_value=2000, max_value=2200)

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]


def page(model_admin: Any, request: HttpRequest, form: str = "") -> HttpResponse:
    """`?city=<code>&year=<year>`, without them of this year; `form` is one of FILES."""
    if not holds(request, WATCHING):
        raise PermissionDenied
    if form not in ("", *FILES):
        raise Http404(form)
    own = City.objects.filter(pk__in=cities(request, WATCHING)).order_by("pk")
    asked = {"city": own[0].pk, "year": str(timezone.localdate().year)} | request.GET.dict()
    filled = YearForm(asked, own=own)
    context: dict[str, Any] = {"title": _("Budget execution"), "form": filled, "files": FILES}
    if not filled.is_valid():
        return render(model_admin, request, "budget/report", context)
    city, year = filled.cleaned_data["city"], filled.cleaned_data["year"]
    lines = report(budgeting.budgets_for(person(request)).filter(fund__city=city, year=year))
    if form:
        record(
            kind="budget.exported",
            subject=f"budgets:{city.pk}",
            actor=person(request),
            city=city,
            data={"format": form, "year": year},
        )
        return answer(_file(lines, city, year), f"budget-execution-{city.pk}-{year}", form)
    context |= {
        "heads": heads(),
        "lines": [(line.budget.pk, cells(line)) for line in lines],
        "last": last(lines),
        "filters": f"city={city.pk}&year={year}",
        "counted": COUNTED,
    }
    return render(model_admin, request, "budget/report", context)


def _file(lines: list[Line], city: City, year: int) -> Report:
    return Report(
        title=_("Budget execution"),
        subtitle=f"{city} {year}",
        sheet=_("Budget execution"),
        heads=heads(),
        rows=[*map(cells, lines), last(lines)],
        money=MONEY,
        figures=FIGURES,
        printed=PRINTED,
        facts=[(_("Counting"), str(COUNTED))],
        wide=True,
    )


def heads() -> list[str]:
    return [
        _("Fund"),
        _("Set aside for"),
        _("Funding source"),
        _("Subject code"),
        _("Planned"),
        _("Reserved"),
        _("Committed, not paid"),
        _("Paid"),
        _("Lapsed after the close"),
        _("Available"),
        _("Paid of planned"),
    ]


def cells(line: Line) -> list[Cell]:
    budget = line.budget
    set_aside = str(budget.programme) if budget.programme else _("the whole fund")
    if line.within:
        set_aside = _("of it: %s") % set_aside
    named = [str(budget.fund), set_aside, budget.funding_source, budget.subject_code]
    return [*named, *_figures(line.figures)]


def last(lines: list[Line]) -> list[Cell]:
    return [_("Total"), "", "", "", *_figures(total(lines))]


def _figures(one: Execution) -> list[Cell]:
    share = paid_share(one)
    told = "" if share is None else f"{share}%"
    taken = [one.reserved, one.committed, one.paid, one.lapsed]
    return [one.planned, *taken, one.available, told]
