"""The draw of experts: anyone can repeat it from the recorded seed and the list of the pool.

An expert's lot is SHA-256 of "seed|round|expert" (their ids, in UTF-8, as hexadecimal digits); the
lots in ascending order are the order of the draw. Each case takes the first n of that order who are
not excluded from it and whose employers differ; where too few are left, the passed-over ones of an
employer that is there already follow, in the same order. No state of a generator is involved.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256

Employer = frozenset[str]  # the names and codes by which an employer is known


def lot(seed: str, round_id: int, expert: int) -> str:
    return sha256(f"{seed}|{round_id}|{expert}".encode()).hexdigest()


def in_order(seed: str, round_id: int, pool: Iterable[int]) -> list[int]:
    return sorted(set(pool), key=lambda expert: lot(seed, round_id, expert))


def draw(
    order: Iterable[int],
    wanted: int,
    *,
    excluded: Collection[int] = (),
    employers: Mapping[int, Employer],
    seated: Iterable[int] = (),
) -> list[int]:
    """Up to `wanted` experts beside those `seated`; fewer where the pool has no more."""
    there = list(seated)
    waiting = [one for one in order if one not in excluded and one not in there]
    present = {name for one in there for name in employers.get(one, frozenset())}
    drawn: list[int] = []
    for one in waiting:
        if len(drawn) < wanted and not employers[one] & present:
            drawn.append(one)
            present |= employers[one]
    passed_over = [one for one in waiting if one not in drawn]
    return [*drawn, *passed_over[: wanted - len(drawn)]]
