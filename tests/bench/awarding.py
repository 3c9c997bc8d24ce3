"""Awards under three caps and one hot budget row, four clients, all by the real verb with ledger
and event: against the barest SQL function, the ORM, and in batches of two hundred.
"""

import sys
from collections.abc import Callable
from statistics import median

from tests.bench import award_clients
from tests.bench.award_rows import fill, never_over
from tests.bench.lines import Line

ROUNDS, AWARDS, ORM_AWARDS, BATCHES = 5, 4000, 400, 8


def verb_over_sql(_size: int) -> float:
    return _compared("award_vs_sql", _verb, _sql)


def verb_over_orm(_size: int) -> float:
    return _compared("award_vs_orm", _verb, _orm)


def batch_over_sql(_size: int) -> float:
    return _compared("award_batch_vs_sql", _batch, _sql)


def _verb() -> float:
    return award_clients.by(award_clients.verb, AWARDS // award_clients.CLIENTS)


def _orm() -> float:
    return award_clients.by(award_clients.orm, ORM_AWARDS // award_clients.CLIENTS)


def _batch() -> float:
    return award_clients.by(award_clients.batch, BATCHES, award_clients.BATCH)


def _sql() -> float:
    return award_clients.by_pgbench(AWARDS)


def _compared(name: str, one: Callable[[], float], other: Callable[[], float]) -> float:
    """By the medians of awards a second, taken in turns; no balance is over a limit afterwards."""
    rates = [(one(), other()) for _ in range(ROUNDS)]
    never_over()
    ours, baseline = (median(column) for column in zip(*rates, strict=True))
    print(f"{name}: {ours:.0f} awards/s, baseline {baseline:.0f}", file=sys.stderr)
    return ours / baseline


LINES = [
    Line("award_vs_sql", verb_over_sql, fill=fill),
    Line("award_vs_orm", verb_over_orm, fill=fill),
    Line("award_batch_vs_sql", batch_over_sql, fill=fill),
]
