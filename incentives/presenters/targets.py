"""A target for its readers: what is printed, how far it is reached, and its chart."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import in_english
from incentives.domain.targets import Point, Progress, State
from incentives.models import Target
from incentives.models.target import Operator
from incentives.policy.scalars import trim
from incentives.presenters.targets_chart import Chart, chart

TAGS = {
    State.REACHED: "ok",
    State.ON_PLAN: "ok",
    State.BEHIND: "warn",
    State.UNDER_WAY: "quiet",
    State.MISSED: "bad",
    State.NO_VALUE: "quiet",
    State.IN_WORDS: "quiet",
}
# Chinese counts things in words of their own; in English the name says what is counted.
UNITS = {"家": "", "个": "", "支": "", "件": ""}


def unit_words(unit: str) -> str:
    if not in_english():
        return unit
    others = {
        "亿元": _("hundred million yuan"),
        "万元/人": _("10,000 yuan a person"),
        "万平方米/年": _("10,000 square metres a year"),
        "人年": _("person-years"),
        "万千瓦": _("10,000 kilowatts"),
    }
    return others.get(unit, UNITS.get(unit, unit))


def figure(value: Decimal, unit: str = "") -> str:
    """8,000 家, 61.77%: with thousands set off and no zeros behind."""
    written, named = f"{trim(value):,f}", unit_words(unit)
    return f"{written}{named}" if named == "%" else f"{written} {named}".strip()


@dataclass(frozen=True)
class PointTold:
    """`source` says where it comes from, also where it was counted."""

    year: int
    value: str
    as_of: str
    source: str
    counted: bool


@dataclass(frozen=True)
class TargetTold:
    progress: Progress

    @property
    def target(self) -> Target:
        return self.progress.target

    @property
    def name(self) -> str:
        return capfirst(self.target.name)

    @property
    def goal(self) -> str:
        """≥ 90%, 2–3 家; what is only set in words is told as printed."""
        target = self.target
        if not target.operator or target.value is None:
            return target.wording
        if target.operator == Operator.WITHIN and target.value_to is not None:
            return f"{figure(target.value)}–{figure(target.value_to, target.unit)}"
        told = figure(target.value, target.unit)
        return told if target.operator == Operator.REACHES else f"{target.operator} {told}"

    @property
    def baseline(self) -> str:
        target = self.target
        if target.baseline is None or target.baseline_year is None:
            return ""
        value = figure(target.baseline, target.unit)
        return _("%(value)s in %(year)s") % {"value": value, "year": target.baseline_year}

    @property
    def state(self) -> str:
        return str(self.progress.state.label)

    @property
    def tag(self) -> str:
        return TAGS[self.progress.state]

    @cached_property
    def percent(self) -> Decimal | None:
        """Of the way to the target, with one place; may be below 0 or above 100."""
        share = self.progress.share
        if share is None:
            return None
        return trim((share * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))

    @property
    def bar(self) -> str:
        """What the progress bar shows: never less than nothing nor more than all."""
        return str(min(max(self.percent or Decimal(0), Decimal(0)), Decimal(100)))

    @property
    def newest(self) -> PointTold | None:
        point = self.progress.point
        return self._told(point) if point else None

    @property
    def points(self) -> list[PointTold]:
        """The newest first."""
        return [self._told(point) for point in reversed(self.progress.points)]

    def _told(self, point: Point) -> PointTold:
        counted = point.entry is None
        return PointTold(
            year=point.year,
            value=figure(point.value, self.target.unit),
            as_of=date_format(point.as_of),
            source=_("Counted from the registers of this site") if counted else point.source,
            counted=counted,
        )

    @property
    def planned(self) -> str:
        """Where the straight line stands in the year of the newest value."""
        progress = self.progress
        if progress.planned is None or progress.point is None:
            return ""
        value = progress.planned.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        told = {"year": progress.point.year, "value": figure(value, self.target.unit)}
        return _("The straight line from the baseline stands at %(value)s in %(year)s.") % told

    @cached_property
    def chart(self) -> Chart | None:
        return chart(self.progress)

    @property
    def chart_words(self) -> str:
        """The chart for those who do not see it."""
        parts = [_("Target %(goal)s") % {"goal": self.goal}]
        if self.target.year:
            parts.append(_("by %(year)s") % {"year": self.target.year})
        if self.baseline:
            parts.append(_("baseline %(value)s") % {"value": self.baseline})
        parts += [f"{point.year}: {point.value}" for point in reversed(self.points)]
        return ", ".join(parts)
