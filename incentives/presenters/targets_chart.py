"""A target's chart: the baseline, the straight line to the target, and what was reached by year.

Everything is in the units of the drawing; the page draws it as SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from incentives.domain.targets import Progress
from incentives.policy.scalars import trim

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM, AXIS = 14, 346, 30, 146, 164
CLEAR = 0.12  # of the height, free above and below what is drawn


@dataclass(frozen=True)
class Mark:
    """A value at its place; `label` stands above it, or below where the line goes up."""

    x: float
    y: float
    label: str
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Tick:
    x: float
    year: int
    anchor: str


@dataclass(frozen=True)
class Chart:
    """`plan` and `way` are the points of polylines; `goal` is the height of the target's line."""

    goal: float
    plan: str
    way: str
    baseline: Mark | None
    target: Mark
    actuals: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    axis: int = AXIS


@dataclass(frozen=True)
class Scale:
    years: tuple[int, int]
    low: float
    high: float

    def x(self, year: int) -> float:
        first, last = self.years
        return round(LEFT + (RIGHT - LEFT) * (year - first) / max(last - first, 1), 1)

    def y(self, value: Decimal) -> float:
        part = (float(value) - self.low) / (self.high - self.low)
        return round(BOTTOM - (BOTTOM - TOP) * part, 1)

    def anchor(self, year: int) -> str:
        place = self.x(year)
        if place < LEFT + 40:
            return "start"
        return "end" if place > RIGHT - 40 else "middle"

    def mark(self, year: int, value: Decimal, *, below: bool = False) -> Mark:
        y = self.y(value)
        return Mark(
            self.x(year), y, f"{trim(value):,f}", y + 17 if below else y - 9, self.anchor(year)
        )


def chart(progress: Progress) -> Chart | None:
    """None where there is no number to draw towards."""
    target = progress.target
    if not target.operator or target.value is None:
        return None
    known = [point.year for point in progress.points]
    if target.baseline is not None and target.baseline_year is not None:
        known.append(target.baseline_year)
    goal_year = target.year or max(known, default=0)
    if not goal_year:
        return None
    years = sorted({*known, goal_year})
    values = [point.value for point in progress.points] + [target.value]
    scale = _scale((years[0], years[-1]), [*values, target.baseline or Decimal(0)])
    return _drawn(progress, scale, goal_year, years)


def _scale(years: tuple[int, int], values: Sequence[Decimal]) -> Scale:
    low, high = float(min(values)), float(max(values))
    margin = (high - low or abs(high) or 1.0) * CLEAR
    first, last = years
    return Scale((first - 1, last) if first == last else years, low - margin, high + margin)


def _drawn(progress: Progress, scale: Scale, goal_year: int, years: Sequence[int]) -> Chart:
    target, value = progress.target, progress.target.value or Decimal(0)
    baseline = None
    plan = ""
    if target.baseline is not None and target.baseline_year is not None:
        baseline = scale.mark(target.baseline_year, target.baseline, below=True)
        plan = f"{baseline.x},{baseline.y} {scale.x(goal_year)},{scale.y(value)}"
    marks = tuple(scale.mark(p.year, p.value, below=True) for p in progress.points)
    start = [baseline] if baseline else []
    return Chart(
        goal=scale.y(value),
        plan=plan,
        way=" ".join(f"{mark.x},{mark.y}" for mark in [*start, *marks]),
        baseline=baseline,
        target=scale.mark(goal_year, value),
        actuals=marks,
        ticks=tuple(Tick(scale.x(year), year, scale.anchor(year)) for year in _apart(years)),
    )


def _apart(years: Sequence[int]) -> list[int]:
    """The first, the last, and what stands clear of them."""
    span = max(years[-1] - years[0], 1)
    clear = [year for year in years[1:-1] if min(year - years[0], years[-1] - year) / span >= 0.14]
    return sorted({years[0], *clear, years[-1]})
