"""The chains there are: events (of every app) and the ledger, by city."""

from applicants.domain import chains
from applicants.domain.chains import EVENTS, Fault, Sealed

LEDGER = Sealed(
    "ledger", "incentives_ledgerentry", "posted_at", "huiqi_ledger_text", "huiqi_seal_ledger"
)
TABLES = (LEDGER, EVENTS)


def seal_all() -> int:
    """How many rows were linked."""
    return sum(chains.seal(table) for table in TABLES)


def verify_city(city: str | None) -> list[Fault]:
    """The faults of a city's chains; None: of what belongs to no city."""
    tables = TABLES if city else (EVENTS,)
    return [fault for table in tables for fault in chains.verify_city(table, city)]


def verify_all() -> list[Fault]:
    return [fault for table in TABLES for fault in chains.verify(table)]
