"""Try a verb through one of its doors, take back what it did, and tell how it was answered.

A refusal must have written nothing. Rows are compared where a refused attempt sent a statement that
writes, and once more for each person in the end, for what might be written out of our sight.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test import Client

from applicants.models import User
from reviews.models import Application
from tests.reviews.matrix.verbs import Verb

DONE = "done"
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET ", "DECLARE", "FETCH", "CLOSE")
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r'
       AND c.relname ~ '^(reviews|applicants|incentives)_'
       AND c.relname NOT IN ('reviews_casereading', 'reviews_calendarday', 'applicants_user',
                             'applicants_userevent', 'applicants_idempotentrequest')
       AND c.relname !~ '^incentives_(programme|document|policy|bureau|target|clause|setting)'
     ORDER BY 1
"""


class Undone(Exception):
    """Takes back what an attempt did."""


class Rows:
    """What stands in every table that a verb may write; readings of cases are not counted."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            names = [name for (name,) in cursor.fetchall()]
        self.sql = " UNION ALL ".join(
            f"SELECT '{name}', count(*), sum(hashtextextended(t::text, 0)) FROM {name} t"
            for name in names
        )
        self.sql += " ORDER BY 1"  # the tables of a union may be read in any order
        self.before = self.now()

    def now(self) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql)
            return list(cursor.fetchall())

    def changed(self) -> list[str]:
        return [new[0] for old, new in zip(self.before, self.now(), strict=True) if old != new]


@contextmanager
def watching() -> Iterator[list[str]]:
    """The statements that write, as they are sent."""
    written: list[str] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().upper().startswith(READS):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield written


@dataclass(frozen=True)
class Answer:
    """How an attempt was answered, and the tables it changed; all of it is taken back."""

    said: str
    changed: list[str]


def undone(rows: Rows, attempt: Callable[..., str], *given: Any) -> Answer:
    said, changed = "", []
    block = transaction.atomic()
    block._from_testcase = True  # as the test's own: what keeps a file wants none around it
    try:
        with block, watching() as written:
            said = attempt(*given)
            changed = rows.changed() if written and said != DONE else []
            raise Undone
    except Undone:
        return Answer(said, changed)


def by_verb(verb: Verb, case: Application, user: User) -> str:
    try:
        verb.call(case, user)
    except (ValidationError, PermissionDenied) as refused:
        return type(refused).__name__
    return DONE


def by_desk(verb: Verb, case: Application, client: Client, bureau: int | None) -> str:
    assert verb.desk is not None
    prefix = f"{verb.name}-{bureau}" if bureau else verb.name
    url = f"/admin/reviews/application/{case.pk}/do/{verb.name}/" + (f"{bureau}/" if bureau else "")
    fields = {f"{prefix}-{name}": value for name, value in verb.desk(case).items()}
    return str(client.post(url, fields).status_code)


def by_api(verb: Verb, case: Application, client: Client) -> str:
    place = "" if verb.api.startswith("../") else f"{case.pk}/"
    path = f"/api/cases/{place}{verb.api.removeprefix('../')}"
    body = verb.body(case)
    if any(hasattr(value, "read") for value in body.values()):
        return str(client.post(path, body).status_code)
    return str(client.post(path, json.dumps(body), content_type="application/json").status_code)
