"""The chains there are: events (of every app) and the ledger, by city."""

from django.db import DatabaseError

from applicants.domain import chains
from applicants.domain.chain_texts import Column
from applicants.domain.chains import EVENTS, Fault, Sealed

LEDGER = Sealed(
    "ledger",
    "incentives_ledgerentry",
    "posted_at",
    "huiqi_seal_ledger",
    (
        Column("id"),
        Column("city_id", "text"),
        Column("stage", "text"),
        Column("amount"),
        Column("posted_at", "time"),
        Column("year"),
        Column("approval_year"),
        Column("budget_year"),
        Column("award_id"),
        Column("line_id"),
        Column("budget_id"),
        Column("case_number", "text"),
        Column("programme_id"),
        Column("verb", "text"),
        Column("payer", "text"),
        Column("bureau_id"),
        Column("district_id"),
        Column("applicant_id"),
        Column("payee_id"),
        Column("actor_id"),
        Column("reason", "text"),
    ),
    about="award_id",
)
TABLES = (LEDGER, EVENTS)


def of_city(city: str | None) -> tuple[Sealed, ...]:
    """The tables with a chain of the city; None: of what belongs to no city."""
    return TABLES if city else (EVENTS,)


def seal_all() -> int:
    """How many rows were linked. A chain that cannot be lengthened stops no other; then raises."""
    sealed, errors = 0, []
    for table in TABLES:
        for city in chains.cities(table):
            try:
                sealed += chains.seal_city(table, city)
            except DatabaseError as error:
                errors.append(error)
    if errors:
        raise ExceptionGroup("chains that cannot be lengthened", errors)
    return sealed


def verify_city(city: str | None) -> list[Fault]:
    """The faults of a city's chains; None: of what belongs to no city."""
    return [fault for table in of_city(city) for fault in chains.verify_city(table, city)]


def verify_all() -> list[Fault]:
    return [fault for table in TABLES for fault in chains.verify(table)]
