"""Awards under three caps and one hot budget row, four clients, all by the real verb with ledger
and event: against the barest SQL function, the ORM, and in batches of two hundred. Before each line
the clients run into a cap that is nearly full.
"""

import sys
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from statistics import median

from tests.bench import award_clients
from tests.bench.award_clients import CLIENTS
from tests.bench.award_rows import AMOUNT, fill, filled, nearly_full, never_over
from tests.bench.lines import SIZES, Line

ROUNDS, AWARDS, ORM_AWARDS, BATCHES = 5, 4000, 400, 20  # a client's last batch runs alone
TIGHT_CALLS, TIGHT_BATCHES = 50, 3  # of each client


def verb_over_sql(_counters: int) -> float:
    _tight(award_clients.verb, TIGHT_CALLS)
    return _compared("award_vs_sql", _verb, _sql)


def verb_over_orm(_counters: int) -> float:
    _tight(award_clients.orm, TIGHT_CALLS)
    return _compared("award_vs_orm", _verb, _orm)


def batch_over_sql(_counters: int) -> float:
    _tight(award_clients.batch, TIGHT_BATCHES, award_clients.BATCH)
    return _compared("award_batch_vs_sql", _batch, _sql)


def _verb() -> float:
    return award_clients.by(award_clients.verb, AWARDS // award_clients.CLIENTS)


def _orm() -> float:
    return award_clients.by(award_clients.orm, ORM_AWARDS // award_clients.CLIENTS)


def _batch() -> float:
    return award_clients.by(award_clients.batch, BATCHES, award_clients.BATCH)


def _sql() -> float:
    return award_clients.by_pgbench(AWARDS)


def _tight(client: Callable[..., None], calls: int, awards_a_call: int = 1) -> None:
    """The clients ask for twice of what one cap has left, and get all of it and not a fen more."""
    room = AMOUNT * CLIENTS * calls * awards_a_call / 2 + Decimal("50.25")
    cap = nearly_full(f"tight {client.__name__}", room)
    award_clients.by(partial(client, also=[cap]), calls, awards_a_call, warm=1)
    filled(cap)


def _compared(name: str, one: Callable[[], float], other: Callable[[], float]) -> float:
    """By the medians of awards a second, taken in turns; no balance is over a limit afterwards."""
    rates = [(one(), other()) for _ in range(ROUNDS)]
    never_over()
    ours, baseline = (median(column) for column in zip(*rates, strict=True))
    print(f"{name}: {ours:.0f} awards/s, baseline {baseline:.0f}", file=sys.stderr)
    return ours / baseline


LINES = [
    Line("award_vs_sql", verb_over_sql, SIZES, fill),
    Line("award_vs_orm", verb_over_orm, SIZES, fill),
    Line("award_batch_vs_sql", batch_over_sql, SIZES, fill),
]
