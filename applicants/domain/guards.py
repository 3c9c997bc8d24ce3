"""What guards history and money in the database stands there as the release defines it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

from applicants.domain.chains import Fault
from applicants.domain.defined import Function, release
from applicants.privileges import application_may

ON = ("O", "A")  # in a session as ours; in any
TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled, p.proname
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
 WHERE NOT t.tgisinternal OR t.tgenabled <> 'O'
"""
FUNCTIONS = """
SELECT p.proname, p.prosrc, p.prosecdef, coalesce(p.proconfig, '{}'),
       pg_catalog.has_function_privilege(%s, p.oid, 'EXECUTE')
  FROM pg_catalog.pg_proc p
 WHERE p.pronamespace = 'public'::regnamespace
"""
PRIVILEGES = """
SELECT t.name, v.verb
  FROM unnest(%s::text[]) AS t(name),
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS v(verb)
 WHERE pg_catalog.has_table_privilege(%s, t.name, v.verb)
    OR v.verb IN ('SELECT', 'INSERT', 'UPDATE')
       AND pg_catalog.has_any_column_privilege(%s, t.name, v.verb)
"""
TEMPORARY = (  # a table of its own would hide one that a guard reads
    "SELECT pg_catalog.has_database_privilege(%s, pg_catalog.current_database(), 'TEMPORARY')"
)


def faults() -> list[Fault]:
    """Triggers and functions that are off, gone or other ones, and privileges beyond the release's.

    Everything of the application's own tables; a trigger that the release does not know is one.
    """
    tables = _tables()
    return [
        *(Fault(f"trigger:{one}", 0, 0, "unguarded") for one in sorted(_triggers(tables))),
        *(Fault(f"function:{one}", 0, 0, "altered") for one in sorted(_functions())),
        *(Fault(f"privilege:{one}", 0, 0, "allowed") for one in sorted(_privileges(tables))),
    ]


def _tables() -> dict[str, set[str]]:
    """Of each table, what the application's role may do with it or with some of its columns."""
    return {
        model._meta.db_table: set(re.findall(r"[A-Z]+", application_may(model)))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def _triggers(tables: Iterable[str]) -> set[str]:
    found = {(table, name): (on, called) for table, name, on, called in _rows(TRIGGERS)}
    known = release().triggers
    off = {key for key, (on, _called) in found.items() if on not in ON}
    other = {key for key, called in known.items() if found.get(key, ("", ""))[1] != called}
    strange = {key for key in found.keys() - known.keys() if key[0] in tables}
    return {f"{table}.{name}" for table, name in off | other | strange}


def _functions() -> Iterator[str]:
    """Those of the release that are not in the database as it has them."""
    role, known = settings.APPLICATION_DB_ROLE, release()
    there = set()
    for name, body, definer, made, callable_ in _rows(FUNCTIONS, role):
        there.add(name)
        stands = Function(body, definer, frozenset(one.partition("=")[0] for one in made))
        if known.functions.get(name, stands) != stands or (callable_ and name in known.inner):
            yield name
    yield from known.functions.keys() - there


def _privileges(tables: dict[str, set[str]]) -> Iterator[str]:
    role = settings.APPLICATION_DB_ROLE
    for table, verb in _rows(PRIVILEGES, list(tables), role, role):
        if verb not in tables[table]:
            yield f"{table} {verb}"
    ((temporary,),) = _rows(TEMPORARY, role)
    if temporary:
        yield "database TEMPORARY"


def _rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
