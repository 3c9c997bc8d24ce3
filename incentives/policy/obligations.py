"""What the holder of an award or title owes afterwards: to stay, to put to use, to report."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from .positions import Flag, Key
from .text import Model, Text


class Obligation(Model):
    """Owed once at the end of so many years from the award, or at the end of each of them."""

    id: Key
    kind: Literal["stay", "industrialise", "report", "target"]
    label: Text
    years: Annotated[int, Field(ge=1, le=50)]
    yearly: Flag = False

    def due_days(self, start: date) -> list[date]:
        """The days by which it is due, counted from `start`."""
        numbers = range(1, self.years + 1) if self.yearly else [self.years]
        return [years_after(start, number) for number in numbers]


def years_after(start: date, years: int) -> date:
    """The same day of a later year; 29 February gives 28 February where there is none."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)
