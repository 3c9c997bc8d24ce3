"""How a function of the database is called: one round trip, one plan for every value.

Its refusals are raised as Conflict, in the reader's language (incentives.domain.money_refusals).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import DatabaseError, connection, transaction
from psycopg import Cursor

from applicants.domain.errors import Conflict
from incentives.domain.money_refusals import OF_TRIGGERS, REFUSALS, Refusal


def call(function: str, arguments: list[Any], casts: list[str]) -> tuple[Any, ...]:
    return call_rows(function, arguments, casts)[0]


def call_rows(function: str, arguments: list[Any], casts: list[str]) -> list[tuple[Any, ...]]:
    """One round trip: prepared by name, and bound by the server (Django's cursors bind themselves).

    An error spoils the transaction: the caller's decision and its money fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{function} belongs in the transaction of its decision")
    with (
        told_of_refusals(REFUSALS),
        transaction.mark_for_rollback_on_error(),
        connection.wrap_database_errors,
        _preparing() as cursor,
    ):
        cursor.execute(_statement(function, tuple(casts)), [*map(_text, arguments)], prepare=True)
        return cursor.fetchall()


@contextmanager
def told_of_refusals(known: Mapping[str, Refusal] = OF_TRIGGERS) -> Iterator[None]:
    """What the database refuses is told in words: also of a row, by its triggers."""
    try:
        yield
    except DatabaseError as error:
        refusal = known.get(getattr(error.__cause__, "sqlstate", ""))
        told = str(error).partition("\n")[0]
        if refusal is None:
            raise
        raise Conflict(refusal(told)) from error


@cache
def _statement(function: str, casts: tuple[str, ...]) -> str:
    places = ", ".join(f"%s::{cast}" for cast in casts)
    return f"SELECT * FROM {function}({places})"  # noqa: S608 # own names


@contextmanager
def _preparing() -> Iterator[Cursor[tuple[Any, ...]]]:
    """Nothing else is prepared on the connection: most statements are seen once."""
    raw = connection.connection
    raw.prepare_threshold = 0
    try:
        with Cursor(raw) as cursor:
            yield cursor
    finally:
        raw.prepare_threshold = None


def _text(value: Any) -> str | None:
    """As PostgreSQL reads it under the cast of its place, so that one plan fits every value.

    A number of psycopg's own has another type when it is small, and each element of an array is
    looked at three times.
    """
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, list):
        return str(value)
    quoted = '","'.join(map(str, value))
    if quoted.count('"') == 2 * (len(value) - 1) and "\\" not in quoted and None not in value:
        return f'{{"{quoted}"}}'
    return "{" + ",".join(map(_element, value)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
