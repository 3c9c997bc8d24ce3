"""A trigger of ours that is switched off or dropped is found."""

import psycopg
import pytest

from applicants.domain import guards

HISTORY = "pgtrigger_append_only_rows"


def wrong() -> list[str]:
    return [fault.chain for fault in guards.faults()]


@pytest.mark.parametrize(
    ("table", "prefix", "change"),
    [
        ("applicants_event", HISTORY, "ALTER TABLE {table} DISABLE TRIGGER {name}"),
        ("incentives_ledgerentry", HISTORY, "ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}"),
        ("applicants_chainanchor", HISTORY, "DROP TRIGGER {name} ON {table}"),
        (
            "incentives_payeehold",
            "huiqi_hold_waits",
            "ALTER TABLE {table} DISABLE TRIGGER {name}",
        ),
    ],
)
def test_a_trigger_that_guards_nothing_is_found(
    committed_db: None, owner_url: str, table: str, prefix: str, change: str
) -> None:
    assert wrong() == []
    named = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND starts_with(tgname, %s)"
    with psycopg.connect(owner_url, autocommit=True) as owner:
        ((name,),) = owner.execute(named, [table, prefix]).fetchall()
        owner.execute(change.format(table=table, name=name))
    assert wrong() == [f"trigger:{table}.{name}"]
