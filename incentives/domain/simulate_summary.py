"""The totals of a simulated sequence by programme, year and decision. They add up to the fen."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from incentives.domain.simulate_settle import Line
from incentives.policy.rendering import yuan

ZERO = Decimal("0.00")
SUMS = ("assessed", "granted", "cut", "released")


def summary(lines: Iterable[Line], errors: int) -> dict[str, Any]:
    """In each row assessed = granted + cut + released, and the rows add up to the total.

    `granted` still stands at the end, `released` was granted and given back by a revocation, `cut`
    was never granted. Sums that no money is paid for are left out.
    """
    groups: dict[tuple[str, int, str], list[Line]] = {}
    every = list(lines)
    for line in every:
        key = (line.case.rules.code, line.case.year, line.decision)
        groups.setdefault(key, []).append(line)
    return {
        "kind": "summary",
        "groups": [
            {"programme": code, "year": year, "decision": decision, **totals(found)}
            for (code, year, decision), found in sorted(groups.items())
        ],
        "total": totals(every),
        "errors": errors,
    }


def totals(lines: list[Line]) -> dict[str, Any]:
    sums = dict.fromkeys(SUMS, ZERO)
    for line in lines:
        for name, part in zip(SUMS, parts(line), strict=True):
            sums[name] += part
    return {"count": len(lines), **{name: yuan(total) for name, total in sums.items()}}


def parts(line: Line) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    if not line.pays or line.assessed is None:
        return ZERO, ZERO, ZERO, ZERO
    cut = line.assessed - line.granted - line.released
    return line.assessed, line.granted, cut, line.released
