"""Every line of `make bench`, in the order in which they are measured."""

import sys
from collections.abc import Sequence

from tests.bench import assessing, awarding, exporting, listing, outlooking, reminding, sweeping
from tests.bench.lines import Line, at_any_size

LINES = [
    *awarding.LINES,
    *exporting.LINES,
    *listing.LINES,
    *reminding.LINES,
    *outlooking.LINES,
    at_any_size("assess_per_second", assessing.assessments_a_second),
    at_any_size("assess_explained_per_second", assessing.explained_a_second),
    *sweeping.LINES,
]


def chosen(names: Sequence[str]) -> list[Line]:
    known = [line.name for line in LINES]
    if strange := [name for name in names if name not in known]:
        sys.exit(f"There is no line {', '.join(strange)}; write some of: {', '.join(known)}.")
    return [line for line in LINES if not names or line.name in names]
