"""Numbers that are written down: amounts, shares, scores."""

from typing import Any, TypeVar

from django.db.models import DecimalField

# what may be set, and what is read
Given = TypeVar("Given")
Kept = TypeVar("Kept")


class Figure(DecimalField[Given, Kept]):
    """A decimal that is a number: NaN, to PostgreSQL above all others, would pass every check.

    Only the tables that every award writes do without: their functions look at what they are given.
    """

    def db_check(self, connection: Any) -> str:
        return f"abs({connection.ops.quote_name(self.column)}) < 'Infinity'"
