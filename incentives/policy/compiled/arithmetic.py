"""What compiled functions call by name."""

from datetime import date


def quotient(one: int, other: int, unit: int) -> int:
    """one / other * unit, half away from 0; `other` is above 0."""
    size = (abs(one) * unit * 2 + other) // (2 * other)
    return -size if one < 0 else size


def years_between(since: date, on: date) -> int:
    """Whole years; below 0 for a day still to come."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))
