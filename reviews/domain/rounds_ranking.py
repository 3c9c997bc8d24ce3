"""Ranks and the cut: by number, by least score, or by budget; pure, and the same every time.

The highest score comes first and equals share a rank. By *number*, `ties` says what becomes of
equals across the last place: all are in, none is, or the earlier filed are. By *score*, whoever
reaches it is in. By *budget* the list is walked down while the sums assessed still fit: equals that
do not fit together are all out (`none`), or are taken one by one in order of filing (`earlier`).
From the first that does not fit nobody follows, unless `moves_up`: then smaller ones further down
may take what is left. A budget is never exceeded, so `all` does not go with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from incentives.policy.ranking import groups, places
from incentives.policy.terms import Rank
from reviews.models.round import CutBy, Ties

ZERO = Decimal(0)
TIES: dict[Ties, Literal["all", "none", "earlier"]] = {
    Ties.ALL: "all",
    Ties.NONE: "none",
    Ties.EARLIER: "earlier",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A case with its score, its place in order of filing and what is assessed for it (yuan)."""

    id: str
    rank: Decimal
    filed: int
    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Cut:
    """`limit` is a number of places, a least score or a sum in yuan."""

    by: CutBy
    limit: Decimal
    ties: Ties
    moves_up: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    rank: int
    tied: bool
    above: bool


def ranked(entries: Sequence[Entry], cut: Cut) -> dict[str, Place]:
    first = int(cut.limit) if cut.by == CutBy.NUMBER else len(entries)
    found = places(_rank(cut), entries, first)
    above = {one for one, place in found.items() if place.admitted}
    if cut.by == CutBy.SCORE:
        above = {entry.id for entry in entries if entry.rank >= cut.limit}
    if cut.by == CutBy.BUDGET:
        above = _affordable(entries, cut)
    return {one: Place(place.rank or 0, place.tied, one in above) for one, place in found.items()}


def _rank(cut: Cut) -> Rank:
    return Rank.model_construct(
        by="score", order="highest", first=1, ties=TIES[cut.ties], moves_up=cut.moves_up
    )


def _affordable(entries: Sequence[Entry], cut: Cut) -> set[str]:
    left, found = cut.limit, set[str]()
    for group in groups(_rank(cut), entries):
        queue: list[Entry] = sorted(group, key=lambda one: (one.filed or 0, one.id))  # type: ignore[arg-type]
        parts = [queue] if cut.ties != Ties.EARLIER else [[one] for one in queue]
        for part in parts:
            sum_ = sum((one.amount for one in part), ZERO)
            if sum_ <= left:
                left -= sum_
                found |= {one.id for one in part}
            elif not cut.moves_up:
                return found
    return found
