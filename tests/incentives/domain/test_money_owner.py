"""What even the owner of the tables is refused."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.incentives.factories import cap, make_award


@pytest.fixture
def owner(committed_db: None, owner_url: str) -> Iterator[psycopg.Connection]:
    make_award("100", caps=[cap("a", "100")])
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("table", ["incentives_ledgerentry", "incentives_counterentry"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {}"])
def test_even_the_owner_is_refused_history(
    owner: psycopg.Connection, table: str, verb: str
) -> None:
    verb = f"{verb} CASCADE" if verb.startswith("TRUNCATE") else verb
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        owner.execute(verb.format(table))


@pytest.mark.parametrize("change", ["used = used + 0.01", "used = -0.01", '"limit" = used - 0.01'])
def test_a_counter_can_be_neither_exceeded_nor_negative(
    owner: psycopg.Connection, change: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="counter_within_limit"):
        owner.execute(f"UPDATE incentives_counter SET {change}")


def test_an_award_is_never_above_what_was_assessed(owner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="award_within_assessed"):
        owner.execute("UPDATE incentives_award SET amount = 100.01")
