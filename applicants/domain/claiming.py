"""Rows that wait to be sent, claimed one by one, so that any number of workers may sweep at once.

A claim runs out after ten minutes; after each failure the wait doubles, and the last of eight
attempts comes about a day after the first.
"""

from typing import Any

from django.db import connection
from django.utils import timezone

ATTEMPTS = 8
FAILURES_IN_A_ROW = 3
SWEEP_SECONDS = 50

CLAIM = """
WITH waiting AS MATERIALIZED (
    SELECT q.id FROM {queue}
       AND q.attempts < %(attempts)s
       AND (q.claimed_at IS NULL
            OR q.claimed_at + interval '10 minutes' * power(2, greatest(q.attempts - 1, 0))
               < %(now)s)
     ORDER BY q.id LIMIT 1 FOR UPDATE OF q SKIP LOCKED
)
UPDATE {table} q SET claimed_at = %(now)s, attempts = q.attempts + 1
  FROM waiting WHERE q.id = waiting.id RETURNING q.id
"""


def claim(statement: str, **values: Any) -> int | None:
    """The id of the oldest row that waits, now this worker's own."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"attempts": ATTEMPTS, "now": timezone.now(), **values})
        row = cursor.fetchone()
    return int(row[0]) if row else None
