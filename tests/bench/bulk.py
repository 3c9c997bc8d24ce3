"""Rows by the million, written as the owner of a cloned database that nobody else uses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from psycopg import sql

FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
  FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%s)
"""


@contextmanager
def bare(*tables: str) -> Iterator[None]:
    """Without triggers and foreign keys, which would look at each row; the keys are checked after.

    The triggers guard single steps (a case begins as a draft); what is written stands for their
    end, and every constraint of the tables holds for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS, [list(tables)])
        keys = cursor.fetchall()
        _alter(tables, "DISABLE TRIGGER USER")
        for table, name, _definition in keys:
            _alter([table], f'DROP CONSTRAINT "{name}"')
    yield
    for table, name, definition in keys:
        _alter([table], f'ADD CONSTRAINT "{name}" {definition}')
    _alter(tables, "ENABLE TRIGGER USER")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


def _alter(tables: Sequence[str], what: str) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} {what}")
