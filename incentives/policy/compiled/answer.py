"""What compiled programmes take and answer."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from ..examples import Decision
from .typed import TypedValue


class Compiled(NamedTuple):
    """What the interpreter decides, in fen: `minimum` and `maximum` as in an assessment."""

    decision: Decision
    minimum: int | None = None
    maximum: int | None = None

    @property
    def amount(self) -> int | None:
        return self.minimum if self.decision == "eligible" else None


Row = Callable[[Mapping[str, TypedValue], date], Compiled]
