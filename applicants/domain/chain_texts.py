"""The text of a row in its chain, built of its columns in this process.

It is the text that the database seals (`huiqi_event_text`, `huiqi_ledger_text`), to the byte: a
JSON array as PostgreSQL writes one. Whoever replaces those functions deceives no verification.
"""

from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import NamedTuple

STRINGS = frozenset({"text", "time"})


class Column(NamedTuple):
    """A column and how it is told: a number, a text, a time (seconds since 1970) or JSON."""

    name: str
    kind: str = "number"

    @property
    def sql(self) -> str:
        """Of a row `t`, as text; EXTRACT is the system's own whatever functions there are."""
        told = f"t.{self.name}"
        return f"extract(epoch FROM {told})::text" if self.kind == "time" else f"{told}::text"


def text(columns: Sequence[Column], values: Sequence[str | None]) -> str:
    told = (
        "null" if value is None else encode_basestring(value) if column.kind in STRINGS else value
        for column, value in zip(columns, values, strict=True)
    )
    return f"[{', '.join(told)}]"
