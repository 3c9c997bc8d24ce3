"""From score sheets to one score a case, in Decimal, each figure half-up to four places.

A sheet's total is the sum of weight x score / most over the criteria: 0 to 100. With normalisation
an expert's totals are moved to the round's mean M and deviation S (of the population, over all
totals): M + S x (total - m) / s, with m and s the expert's own. A deviation of 0 says nothing of
the order, so such an expert's cases all stand at M; the expert of a single sheet keeps its total.
The score of a case is the mean of its sheets, without the highest and the lowest where the round
says so and five or more were handed in. A sheet that lies more than k deviations of its case off
the case's mean is an outlier: it is shown, and counts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

EXACT = Context(prec=60)
PLACES = Decimal("0.0001")
LEAST_TO_DROP = 5
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Scored:
    """What one expert's sheet of one case comes to."""

    case: int
    expert: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """A sheet as it counts: its value after normalisation, and what is to be said of it."""

    expert: int
    total: Decimal
    value: Decimal
    outlier: bool
    dropped: bool


@dataclass(frozen=True, slots=True)
class Spread:
    mean: Decimal
    deviation: Decimal


def rounded(value: Decimal) -> Decimal:
    return value.quantize(PLACES, ROUND_HALF_UP)


def total(criteria: Sequence[Mapping[str, Any]], scores: Mapping[str, Any]) -> Decimal:
    with localcontext(EXACT):
        parts = [
            Decimal(one["weight"]) * Decimal(scores[one["id"]]) / Decimal(one["most"])
            for one in criteria
        ]
        return rounded(sum(parts, ZERO))


def spread(values: Sequence[Decimal]) -> Spread:
    """Mean and deviation of the population, unrounded; of at least one value."""
    with localcontext(EXACT):
        mean = sum(values, ZERO) / len(values)
        variance = sum(((one - mean) ** 2 for one in values), ZERO) / len(values)
        return Spread(mean, variance.sqrt())


def normalised(sheets: Sequence[Scored]) -> dict[tuple[int, int], Decimal]:
    """The value of each sheet by case and expert."""
    whole = spread([sheet.total for sheet in sheets])
    own: dict[int, list[Decimal]] = defaultdict(list)
    for sheet in sheets:
        own[sheet.expert].append(sheet.total)
    spreads = {expert: spread(totals) for expert, totals in own.items()}
    return {
        (sheet.case, sheet.expert): moved(
            sheet.total, spreads[sheet.expert], whole, alone=len(own[sheet.expert]) == 1
        )
        for sheet in sheets
    }


def moved(value: Decimal, own: Spread, whole: Spread, *, alone: bool) -> Decimal:
    if alone:
        return value
    with localcontext(EXACT):
        lies = (value - own.mean) / own.deviation if own.deviation else ZERO
        return rounded(whole.mean + whole.deviation * lies)


def counted(
    sheets: Sequence[Scored], *, normalise: bool, drop_extremes: bool, deviations: Decimal
) -> dict[int, list[Counted]]:
    """The sheets of each case as they count, in order of experts."""
    if not sheets:
        return {}
    values = normalised(sheets) if normalise else {}
    by_case: dict[int, list[Scored]] = defaultdict(list)
    for sheet in sorted(sheets, key=lambda one: (one.case, one.expert)):
        by_case[sheet.case].append(sheet)
    return {
        case: _of_case(
            [(one, values.get((case, one.expert), one.total)) for one in found],
            drop_extremes=drop_extremes,
            deviations=deviations,
        )
        for case, found in by_case.items()
    }


def _of_case(
    found: Sequence[tuple[Scored, Decimal]], *, drop_extremes: bool, deviations: Decimal
) -> list[Counted]:
    own = spread([value for _sheet, value in found])
    gone = _extremes(found) if drop_extremes and len(found) >= LEAST_TO_DROP else set()
    return [
        Counted(
            expert=sheet.expert,
            total=sheet.total,
            value=value,
            outlier=_off(value, own, deviations),
            dropped=sheet.expert in gone,
        )
        for sheet, value in found
    ]


def _off(value: Decimal, own: Spread, deviations: Decimal) -> bool:
    with localcontext(EXACT):
        return own.deviation > 0 and abs(value - own.mean) > deviations * own.deviation


def _extremes(found: Sequence[tuple[Scored, Decimal]]) -> set[int]:
    """The experts of the lowest and of the highest sheet; of equals the one with the lower id."""
    lowest = min(found, key=lambda pair: (pair[1], pair[0].expert))
    highest = min(found, key=lambda pair: (-pair[1], pair[0].expert))
    if lowest[0].expert == highest[0].expert:  # all are equal: any two
        highest = max(found, key=lambda pair: pair[0].expert)
    return {lowest[0].expert, highest[0].expert}


def score(sheets: Sequence[Counted]) -> Decimal:
    with localcontext(EXACT):
        values = [one.value for one in sheets if not one.dropped]
        return rounded(sum(values, ZERO) / len(values))
