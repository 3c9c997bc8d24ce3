"""What guards the database and is not as the release has it is found."""

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection

from applicants.domain import guards
from applicants.domain.defined import release
from incentives.domain import payouts
from incentives.domain.holds import hold
from tests.incentives.factories import make_award, make_user, qingdao

HISTORY = "pgtrigger_append_only_rows"


def wrong() -> list[str]:
    return [fault.chain for fault in guards.faults()]


def _in_place_of(table: str, name: str, other: str) -> str:
    alter = f"ALTER TABLE {table}"
    return f"{alter} DROP CONSTRAINT {name}; {alter} ADD CONSTRAINT {name} {other}"


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


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            ("CREATE OR REPLACE FUNCTION huiqi_year_is_open() RETURNS trigger LANGUAGE plpgsql "
            "SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN RETURN NEW; END $$"),
            ["function:huiqi_year_is_open"],
        ),
        ("ALTER FUNCTION huiqi_commit RESET search_path", ["function:huiqi_commit"]),
        ("ALTER FUNCTION huiqi_commit SECURITY INVOKER", ["function:huiqi_commit"]),
        ("DROP FUNCTION huiqi_close_books CASCADE", [
            "trigger:incentives_yearclose.huiqi_close_books", "function:huiqi_close_books",
        ]),
        ("GRANT EXECUTE ON FUNCTION huiqi_post TO PUBLIC", ["function:huiqi_post"]),
        (
            ("CREATE OR REPLACE TRIGGER huiqi_year_is_open BEFORE INSERT "
            "ON incentives_ledgerentry FOR EACH ROW EXECUTE FUNCTION huiqi_hold_waits()"),
            ["trigger:incentives_ledgerentry.huiqi_year_is_open"],
        ),
        (
            ("CREATE TRIGGER aside BEFORE INSERT ON incentives_ledgerentry "
            "FOR EACH ROW EXECUTE FUNCTION huiqi_hold_waits()"),
            ["trigger:incentives_ledgerentry.aside"],
        ),
        (
            ("CREATE OR REPLACE TRIGGER huiqi_year_is_open BEFORE DELETE "
            "ON incentives_ledgerentry FOR EACH ROW EXECUTE FUNCTION huiqi_year_is_open()"),
            ["trigger:incentives_ledgerentry.huiqi_year_is_open"],
        ),
        (
            ("CREATE OR REPLACE TRIGGER huiqi_year_is_open BEFORE INSERT ON incentives_ledgerentry "
            "FOR EACH ROW WHEN (false) EXECUTE FUNCTION huiqi_year_is_open()"),
            ["trigger:incentives_ledgerentry.huiqi_year_is_open"],
        ),
        (
            ("CREATE SCHEMA evil; CREATE FUNCTION evil.huiqi_year_is_open() RETURNS trigger "
            "LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
            "CREATE OR REPLACE TRIGGER huiqi_year_is_open BEFORE INSERT ON incentives_ledgerentry "
            "FOR EACH ROW EXECUTE FUNCTION evil.huiqi_year_is_open()"),
            ["trigger:incentives_ledgerentry.huiqi_year_is_open"],
        ),
        (
            ("CREATE SCHEMA copied; CREATE TABLE copied.incentives_ledgerentry "
            "AS TABLE incentives_ledgerentry; "
            "CREATE TRIGGER huiqi_year_is_open BEFORE INSERT ON copied.incentives_ledgerentry "
            "FOR EACH ROW EXECUTE FUNCTION huiqi_year_is_open()"),
            [],
        ),
        (
            "ALTER FUNCTION huiqi_commit SET search_path = evil, public, pg_temp",
            ["function:huiqi_commit"],
        ),
        (
            "CREATE RULE gone AS ON DELETE TO incentives_ledgerentry DO INSTEAD NOTHING",
            ["rule:incentives_ledgerentry.gone"],
        ),
        (
            "ALTER TABLE incentives_recovery ENABLE ROW LEVEL SECURITY",
            ["rule:incentives_recovery ROW LEVEL SECURITY"],
        ),
        (
            "ALTER TABLE incentives_yearclose DROP CONSTRAINT year_closed_by_another",
            ["constraint:incentives_yearclose.year_closed_by_another"],
        ),
        (
            _in_place_of("incentives_recovery", "recovery_positive", "CHECK (amount > -9)"),
            ["constraint:incentives_recovery.recovery_positive"],
        ),
        (
            _in_place_of(
                "incentives_recovery", "recovery_positive", "CHECK (amount > 0) NOT VALID"
            ),
            ["constraint:incentives_recovery.recovery_positive"],
        ),
        (
            _in_place_of(
                "incentives_recovery", "recovery_positive", "CHECK (amount > 0) NOT ENFORCED"
            ),
            ["constraint:incentives_recovery.recovery_positive"],
        ),
        (
            _in_place_of(
                "incentives_recovery", "recovery_positive", "CHECK ((amount > 0::numeric))"
            ),
            [],
        ),
        (
            _in_place_of("incentives_recovery", "recovery_positive", "UNIQUE (id)"),
            ["constraint:incentives_recovery.recovery_positive"],
        ),
        (
            _in_place_of("incentives_pool", "incentives_pool_limit_check", "CHECK (true)"),
            ["constraint:incentives_pool.limit"],
        ),
        (
            ("DROP INDEX receipt_entered_once; CREATE UNIQUE INDEX receipt_entered_once ON"
            " incentives_recoveryentry (recovery_id, received_on, reference, again)"
            " WHERE amount > 100 AND kind = 'paid'"),
            ["constraint:incentives_recoveryentry.receipt_entered_once"],
        ),
        (
            ("DROP INDEX receipt_entered_once; CREATE UNIQUE INDEX receipt_entered_once ON"
            " incentives_recoveryentry (recovery_id, received_on, reference, again, id)"
            " WHERE amount > 0 AND kind = 'paid'"),
            ["constraint:incentives_recoveryentry.receipt_entered_once"],
        ),
        (
            ("DROP INDEX receipt_entered_once; CREATE UNIQUE INDEX receipt_entered_once ON"
            " incentives_recoveryentry (recovery_id, received_on, reference, again)"
            " WHERE amount > 0 AND kind = 'paid'"),
            [],
        ),
        (
            ("ALTER TABLE incentives_recoveryentry"
            " DROP CONSTRAINT incentives_recoveryentry_reverses_id_key"),
            ["constraint:incentives_recoveryentry.reverses_id"],
        ),
        (
            _in_place_of(
                "incentives_counterentry", "cap_entry_fk",
                "FOREIGN KEY (entry_id) REFERENCES incentives_ledgerentry (id)",
            ),
            ["constraint:incentives_counterentry.cap_entry_fk"],
        ),
        (
            _in_place_of(
                "incentives_counterentry", "cap_entry_fk",
                "FOREIGN KEY (entry_id, award_id) REFERENCES incentives_ledgerentry (id, award_id)"
                " ON DELETE CASCADE",
            ),
            ["constraint:incentives_counterentry.cap_entry_fk"],
        ),
        (
            "ALTER TABLE incentives_ledgerentry ALTER award_id DROP NOT NULL",
            ["constraint:incentives_ledgerentry.award_id"],
        ),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", ["privilege:schema CREATE"]),
        (
            "GRANT TRIGGER ON incentives_ledgerentry TO PUBLIC",
            ["privilege:incentives_ledgerentry TRIGGER"],
        ),
        (
            "GRANT UPDATE (amount), TRUNCATE ON incentives_ledgerentry TO PUBLIC",
            [
                "privilege:incentives_ledgerentry TRUNCATE",
                "privilege:incentives_ledgerentry UPDATE",
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_not_as_the_release_defines_it_is_found(
    committed_db: None, owner_url: str, change: str, found: list[str]
) -> None:
    assert wrong() == []
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(change)
    assert wrong() == found


def test_every_function_and_trigger_of_the_database_is_one_of_the_release(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE starts_with(proname, 'huiqi_') "
            "OR starts_with(proname, 'pgtrigger_')"
        )
        functions = {name for (name,) in cursor} | {"_pgtrigger_should_ignore"}
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        triggers = {name for (name,) in cursor}
    assert functions == release().functions.keys()
    assert triggers == {name for _table, name in release().triggers}


def test_every_function_finds_its_tables_in_one_place(db: None) -> None:
    """But those that only others of ours call, which have said where."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.proname FROM pg_proc p
             WHERE starts_with(p.proname, 'huiqi_')
               AND NOT coalesce('search_path=public, pg_temp' = ANY (p.proconfig), false)
               AND (has_function_privilege(%s, p.oid, 'EXECUTE')
                    OR EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgfoid = p.oid))
            """,
            [settings.APPLICATION_DB_ROLE],
        )
        assert cursor.fetchall() == []


def test_a_temporary_table_hides_nothing(committed_db: None, owner_url: str) -> None:
    """The application makes none; and where it may, the guards read past it."""
    award = make_award("100.00")
    ids = [award.instalments.get().pk]
    payouts.prepare_batch(city=qingdao(), instalment_ids=ids, user=make_user())
    hold(award=award, kind="difference", text="x")
    hiding = "CREATE TEMP TABLE incentives_payeehold (LIKE incentives_payeehold)"
    with connection.cursor() as cursor:
        with pytest.raises(ProgrammingError, match="temporary"):
            cursor.execute(hiding)
        with psycopg.connect(owner_url, autocommit=True) as owner:
            name = connection.settings_dict["NAME"]
            owner.execute(f"GRANT TEMPORARY ON DATABASE {name} TO PUBLIC")
        assert wrong() == ["privilege:database TEMPORARY"]
        cursor.execute(hiding)
        with pytest.raises(DatabaseError, match="held payment"):
            cursor.execute(
                "UPDATE incentives_payoutbatch SET state = 'approved', approved_by_id = %s",
                [make_user().pk],
            )
