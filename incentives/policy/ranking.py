"""Who is let in: the first so many by rank, and what becomes of equals across the last place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .terms import Rank


class Ranked(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def rank(self) -> Any: ...
    @property
    def filed(self) -> int | None: ...


@dataclass(frozen=True)
class Place:
    """`rank` counts from 1, equals sharing it; `cut` says that they stand across the last place."""

    rank: int | None
    tied: bool
    cut: bool
    admitted: bool


def places(rank: Rank | None, entries: Sequence[Ranked], first: int | None) -> dict[str, Place]:
    if rank is None or first is None:
        return {entry.id: Place(None, False, False, True) for entry in entries}
    found: dict[str, Place] = {}
    for group in groups(rank, entries):
        before = len(found)
        cut = before < first < before + len(group)
        room = len(group) if before + len(group) <= first else 0
        if cut:
            room = {"all": len(group), "none": 0, "earlier": first - before}[rank.ties]
        queue = sorted(group, key=lambda entry: (entry.filed or 0, entry.id))
        for index, entry in enumerate(queue):
            found[entry.id] = Place(before + 1, len(group) > 1, cut, index < room)
    return found


def groups(rank: Rank, entries: Sequence[Ranked]) -> list[list[Ranked]]:
    """Equals together, the best first."""
    by_value: Mapping[Any, list[Ranked]] = {entry.rank: [] for entry in entries}
    for entry in entries:
        by_value[entry.rank].append(entry)
    order = sorted(by_value, reverse=rank.order == "highest")
    return [by_value[value] for value in order]
