"""The nightly cap check: add the ledger up again and report every balance that differs."""

from dataclasses import dataclass
from decimal import Decimal

from incentives.domain.joins import joined_at_once
from incentives.domain.reconcile_sql import CHECKS


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not what its entries add up to. Yuan, or a count of awards.

    `award` is the id of the one that it is of; without one it is of all under the limit `key`.
    """

    what: str
    key: str
    recorded: Decimal
    added_up: Decimal
    award: int | None = None


def differences(*, city_code: str) -> list[Difference]:
    """Every balance of a city that is not the sum of its entries, as reconcile_sql adds them up."""
    found = []
    with joined_at_once() as cursor:
        for what, statement in CHECKS:
            cursor.execute(statement, {"city": city_code})
            found += [Difference(what, *row) for row in cursor]
    return found
