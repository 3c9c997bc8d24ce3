"""Statements over whole tables: joined by hashing and sorting, however few rows are foreseen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def joined_at_once() -> Iterator[Any]:
    """A cursor in a transaction, whose statements look nothing up row by row.

    PostgreSQL cannot know how many rows a city has that was filled a minute ago, or what a
    statement adds up on its way comes to: pairing them one by one would take hours.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield cursor
        cursor.execute("SET LOCAL enable_nestloop = on")
