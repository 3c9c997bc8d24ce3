"""How far each target is reached: the newest actual against the number and the path to it.

The path is a straight line from the baseline to the target, because the documents print none;
without a baseline there is no path, and a value is only held against the target itself.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incentives.domain.targets_counting import counted
from incentives.models import Target, TargetActual
from incentives.models.target import Operator


class State(models.TextChoices):
    REACHED = "reached", _("reached")
    ON_PLAN = "on_plan", _("on plan")
    BEHIND = "behind", _("behind plan")
    UNDER_WAY = "under_way", _("not reached yet")
    MISSED = "missed", _("not reached by its year")
    NO_VALUE = "no_value", _("no value yet")
    IN_WORDS = "in_words", _("set in words")


@dataclass(frozen=True, slots=True)
class Point:
    """A value reached in a year, in the target's unit. `source` is empty where it was counted."""

    year: int
    value: Decimal
    as_of: date
    source: str = ""
    entry: TargetActual | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """`points` has one value a year, oldest first; `point` is the one that the target is held to.

    `share` is the part of the way that is done, from the baseline or else from 0; 1 is the target.
    `planned` is where the straight line stands in the year of the point.
    """

    target: Target
    points: tuple[Point, ...]
    point: Point | None
    share: Decimal | None
    planned: Decimal | None
    state: State


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for; an empty value leaves the list as it is."""

    words: str = ""
    city: str = ""
    document: str = ""
    state: str = ""


def listed(wanted: Wanted | None = None, *, today: date) -> list[Progress]:
    """The targets in the order of their documents, each with its progress."""
    asked = wanted or Wanted()
    found = [progress(target, today=today) for target in narrowed(targets(), asked)]
    return [one for one in found if asked.state in {"", one.state}]


def targets() -> QuerySet[Target]:
    """With all that `progress` reads, but for what is counted."""
    rows = Target.objects.select_related("city", "document", "bureau")
    return rows.prefetch_related("actuals").order_by("document_id", "id")


def narrowed(rows: QuerySet[Target], wanted: Wanted) -> QuerySet[Target]:
    places = ("name_zh", "name_en", "quote", "code")
    for word in wanted.words.split():
        rows = rows.filter(Q(*((f"{p}__icontains", word) for p in places), _connector=Q.OR))
    if wanted.city:
        rows = rows.filter(city=wanted.city)
    return rows.filter(document__code=wanted.document) if wanted.document else rows


def progress(target: Target, *, today: date) -> Progress:
    points = _points(target, today)
    point = _held_to(points, target.year)
    planned = plan(target, point.year) if point else None
    return Progress(
        target=target,
        points=points,
        point=point,
        share=_share(target, point.value) if point else None,
        planned=planned,
        state=_state(target, point, planned),
    )


def _points(target: Target, today: date) -> tuple[Point, ...]:
    """The newest entry of each year; what is counted stands for the present year."""
    newest: dict[int, Point] = {}
    for row in target.actuals.all():  # newest first within a year
        entered = Point(row.year, row.value, row.as_of, row.source, row)
        newest.setdefault(row.year, entered)
    if target.counts:
        newest[today.year] = Point(today.year, counted(target, today), today)
    return tuple(newest[year] for year in sorted(newest))


def _held_to(points: tuple[Point, ...], year: int | None) -> Point | None:
    """The newest up to the target's year; a later one only where there is none before."""
    in_time = [point for point in points if year is None or point.year <= year]
    if in_time:
        return in_time[-1]
    return points[0] if points else None


def plan(target: Target, year: int) -> Decimal | None:
    """Where the straight line from the baseline to the target stands in a year."""
    start, first = target.baseline, target.baseline_year
    if not target.operator or target.value is None or target.year is None:
        return None
    if start is None or first is None or first >= target.year:
        return None
    done = min(max(year - first, 0), target.year - first)
    return start + (target.value - start) * done / (target.year - first)


def falls(target: Target) -> bool:
    """Whether less is better: the document says at most, or aims below its baseline."""
    if target.operator == Operator.AT_MOST:
        return True
    lower = target.baseline is not None and target.value is not None
    return bool(lower and target.value < target.baseline)  # type: ignore[operator]


def reaches(target: Target, value: Decimal) -> bool:
    """“About” and a range have no printed tolerance: they count from the number, its lower end."""
    if target.value is None:
        return False
    if target.operator == Operator.ABOVE:
        return value > target.value
    return value <= target.value if falls(target) else value >= target.value


def _share(target: Target, value: Decimal) -> Decimal | None:
    if not target.operator or target.value is None:
        return None
    start = target.baseline if target.baseline is not None else Decimal(0)
    if target.value == start or (target.baseline is None and falls(target)):
        return None
    return (value - start) / (target.value - start)


def _state(target: Target, point: Point | None, planned: Decimal | None) -> State:
    if not target.operator:
        return State.IN_WORDS
    if point is None:
        return State.NO_VALUE
    if reaches(target, point.value):
        return State.REACHED
    if target.year is not None and point.year >= target.year:
        return State.MISSED
    if planned is None:
        return State.UNDER_WAY
    keeps = point.value <= planned if falls(target) else point.value >= planned
    return State.ON_PLAN if keeps else State.BEHIND
