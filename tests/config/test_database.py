import threading

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError


def current(what: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {what}")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_tests_run_as_the_application_on_postgresql_18() -> None:
    assert current("current_user") == "huiqi_app"
    assert current("current_setting('server_version_num')::int / 10000") == "18"


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["CREATE TABLE mine (id int)", "TRUNCATE django_session"])
def test_the_application_changes_no_schema_and_empties_no_table(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_commits_are_seen_by_other_threads(committed_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
    seen: list[str] = []

    def look() -> None:
        seen.append(current("count(*) FROM django_session"))
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == ["1"]


def test_the_next_test_finds_nothing_of_it(committed_db: None) -> None:
    assert current("count(*) FROM django_session") == "0"


def test_the_owner_reaches_the_same_database(committed_db: None, owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        found = owner.execute("SELECT current_user, current_database()").fetchone()
    assert found == ("huiqi_owner", current("current_database()"))
