"""What even the owner of the tables is refused."""

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps

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


ELSEWHERE = "(SELECT min(id) FROM incentives_bureau WHERE city_id = 'dalian')"
OTHER = "(SELECT min(id) FROM incentives_{})"
ANOTHERS = [
    ("award", {"bureau_id": ELSEWHERE, "case_number": "'A'"}, "award_bureau_fk"),
    (
        "award",
        {
            "case_number": "'A'",
            "programme_id": "(SELECT max(p.id) FROM incentives_programme p"
            " WHERE p.id <> incentives_award.programme_id)",
        },
        "award_version_fk",
    ),
    ("ledgerentry", {"bureau_id": ELSEWHERE}, "ledger_bureau_fk"),
    ("counterentry", {"entry_id": OTHER.format("ledgerentry")}, "cap_entry_fk"),
    ("counterentry", {"award_id": OTHER.format("award")}, "cap_entry_fk"),
]


@pytest.mark.parametrize(("table", "other", "key"), ANOTHERS)
def test_a_row_repeats_what_the_one_it_points_at_says(
    owner: psycopg.Connection, table: str, other: dict[str, str], key: str
) -> None:
    make_award("50", caps=[cap("b", "100")])
    owner.execute(_repeated(table, {"case_number": "'B'"}))
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=key):
        owner.execute(_repeated(table, other))


def _repeated(table: str, other: dict[str, str]) -> str:
    """The newest row once more, but for some of its columns."""
    fields = apps.get_model("incentives", table)._meta.concrete_fields[1:]
    values = ", ".join(other.get(field.column, field.column) for field in fields)
    name = f"incentives_{table}"
    columns = ", ".join(field.column for field in fields)
    return f"INSERT INTO {name} ({columns}) SELECT {values} FROM {name} ORDER BY id DESC LIMIT 1"
