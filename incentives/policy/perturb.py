"""Finds numbers of a programme file that could change without any example noticing."""

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from .programme import Programme
from .proof import failures
from .scalars import DATE, DIGITS, rate
from .text import Loc

COUNTING = (
    "derived", "conditions", "amount", "caps", "schedule", "payers", "round", "parameters",
    "assumptions",
)  # fmt: skip
WORDS = {
    "label", "help", "says", "question", "because", "otherwise", "id", "per", "zh", "en", "due",
}  # fmt: skip


def loose_numbers(data: dict[str, Any]) -> list[tuple[Loc, str]]:
    """Each number (by its place in the file) with a change to it that leaves every example green.

    Rates, sums, limits and thresholds move by a hundredth either way, counts by one, days by one.
    """
    return [
        (loc, changed)
        for loc, written in numbers(data)
        for changed in moved(written, loc)
        if unnoticed(replaced(data, loc, changed))
    ]


def numbers(data: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    for part in COUNTING:
        yield from scalars_in(data.get(part, ()), (part,))


def scalars_in(value: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(value, str):
        if is_number(value):
            yield loc, value
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if key not in WORDS:
            yield from scalars_in(item, (*loc, key))


def is_number(written: str) -> bool:
    return bool(DIGITS.fullmatch(written.removesuffix("%")) or DATE.fullmatch(written))


def moved(written: str, loc: Loc) -> list[str]:
    """The number a little lower and a little higher; a nought only where it is a threshold."""
    if DATE.fullmatch(written):
        day = date.fromisoformat(written)
        return [str(day - timedelta(1)), str(day + timedelta(1))]
    bare, sign = (written[:-1], "%") if written.endswith("%") else (written, "")
    number = Decimal(bare.replace(",", ""))
    if not number:
        return ["0.01"] if loc[0] == "conditions" else []
    step = 1 if not sign and number < 100 and number == int(number) else number / 100
    return [f"{number - step:f}{sign}", f"{number + step:f}{sign}"]


def replaced(data: dict[str, Any], loc: Loc, written: str) -> dict[str, Any]:
    """A copy with another number; an edge that two bands share moves in both, and a share of a
    whole takes from another what it gains."""
    changed = copy.deepcopy(data)
    for place in (loc, *shared_edge(data, loc)):
        put(changed, place, written)
    for place, balance in balanced(data, loc, written):
        put(changed, place, balance)
    return changed


def put(data: Any, loc: Loc, written: str) -> None:
    for key in loc[:-1]:
        data = data[key]
    data[loc[-1]] = written


def balanced(data: dict[str, Any], loc: Loc, written: str) -> list[tuple[Loc, str]]:
    """The other share that keeps the whole, unless one of them is written as the rest."""
    if loc[0] not in {"schedule", "payers"} or loc[-1] != "share":
        return []
    parts = data[str(loc[0])]
    others = [i for i in range(len(parts)) if i != loc[1]]
    if not others or any(part["share"] == "rest" for part in parts):
        return []
    left = rate(parts[others[0]]["share"]) + rate(parts[int(loc[1])]["share"]) - rate(written)
    return [((loc[0], others[0], "share"), f"{left * 100:f}%")] if left >= 0 else []


def shared_edge(data: Any, loc: Loc) -> list[Loc]:
    other = {"to": ("from", 1), "from": ("to", -1)}.get(str(loc[-1]))
    if other is None or not isinstance(loc[-2], int):
        return []
    name, step = other
    bands = data
    for key in loc[:-2]:
        bands = bands[key]
    beside = loc[-2] + step
    return [(*loc[:-2], beside, name)] if 0 <= beside < len(bands) else []


def unnoticed(data: dict[str, Any]) -> bool:
    try:
        programme = Programme.model_validate(data)
    except ValidationError:
        return False
    return not any(failures(programme, example) for example in programme.examples)
