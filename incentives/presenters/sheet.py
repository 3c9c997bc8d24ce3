"""A document as sections of plain parts: one content for the page and for the PDF.

Everything is text of the reader's language; whoever draws it marks nothing up by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["", "muted", "large", "ok", "warn", "bad"]


@dataclass(frozen=True)
class Words:
    """A paragraph; with a tone of ok, warn or bad it stands apart as a notice."""

    text: str
    tone: Tone = ""
    kind: str = "words"


@dataclass(frozen=True)
class Quote:
    """Printed sentences, and where they stand."""

    sentences: tuple[str, ...]
    source: str
    kind: str = "quote"


@dataclass(frozen=True)
class Pairs:
    """What something is, and its value."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "pairs"


@dataclass(frozen=True)
class Steps:
    """Numbered, in order."""

    items: tuple[str, ...]
    kind: str = "steps"


@dataclass(frozen=True)
class Check:
    """A condition, whether it holds, and the values it looked at."""

    tone: Tone
    verdict: str
    text: str
    seen: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Checks:
    items: tuple[Check, ...]
    kind: str = "checks"


@dataclass(frozen=True)
class Table:
    """`figures` are the columns of numbers, counted from 0; the first column heads its row."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[int, ...] = ()
    kind: str = "table"

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Each cell with the heading of its column."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


Part = Words | Quote | Pairs | Steps | Checks | Table


@dataclass(frozen=True)
class Section:
    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Sheet:
    """`facts` stand under the title: number, applicant, dates. A `wide` one is printed across."""

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...] = field(default=())
    wide: bool = False


def section(heading: str, *parts: Part | None) -> Section:
    return Section(heading, tuple(part for part in parts if part is not None))


def sections(found: Iterable[Section]) -> tuple[Section, ...]:
    """Those that say something."""
    return tuple(one for one in found if one.parts)


def pairs(rows: Sequence[tuple[str, str]]) -> Pairs | None:
    return Pairs(tuple(rows)) if rows else None


def steps(items: Sequence[str]) -> Steps | None:
    return Steps(tuple(items)) if items else None


def table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], figures: Sequence[int] = ()
) -> Table | None:
    if not rows:
        return None
    return Table(title, tuple(heads), tuple(map(tuple, rows)), tuple(figures))
