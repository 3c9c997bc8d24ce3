"""The budget execution report (预算执行情况表) as a table, and its files."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.models import City
from incentives.domain.budget_execution import Execution
from incentives.domain.execution_report import Line, paid_share, report, total
from incentives.domain.export_kinds import cities_of
from incentives.domain.exports import Cell
from incentives.models import Budget, Export
from reviews.presenters.table_files import Report

MONEY = range(4, 10)
FIGURES = range(4, 11)
PRINTED = (0, 1, *FIGURES)
COUNTED = _l(
    "What a fund sets aside for a programme is the most it may take, and within the fund's own "
    "line, if it has one."
)


def rows(cities: Collection[str], wanted: Mapping[str, Any]) -> QuerySet[Budget]:
    """`wanted` says which city and year."""
    found = Budget.objects.filter(fund__city__in=cities, fund__city=wanted["city"])
    return found.filter(year=wanted["year"]).select_related("fund__city")


def report_of(export: Export) -> Report:
    lines = report(rows(cities_of(export), export.wanted))
    city = City.objects.get(pk=export.wanted["city"])
    return Report(
        title=_("Budget execution"),
        subtitle=f"{city} {export.wanted['year']}",
        sheet=_("Budget execution"),
        heads=heads(),
        rows=[*map(cells, lines), last(lines)],
        lines=len(lines),
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
