"""What guards history and money in the database stands there as the release defines it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model

from applicants.domain import constraints
from applicants.domain.chains import Fault
from applicants.domain.defined import Function, release, setting, trigger
from applicants.privileges import application_may

ON = ("O", "A")  # in a session as ours; in any
TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid)
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = 'public'::regnamespace AND (NOT t.tgisinternal OR t.tgenabled <> 'O')
"""
FUNCTIONS = """
SELECT p.proname, p.prosrc, p.prosecdef, coalesce(p.proconfig, '{}'),
       pg_catalog.has_function_privilege(%(role)s, p.oid, 'EXECUTE')
  FROM pg_catalog.pg_proc p
 WHERE p.pronamespace = 'public'::regnamespace
"""
PRIVILEGES = """
SELECT t.name || ' ' || v.verb
  FROM unnest(%(tables)s::text[], %(may)s::text[]) AS t(name, may),
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES', 'DELETE', 'TRUNCATE', 'TRIGGER'])
       WITH ORDINALITY AS v(verb, place)
 WHERE NOT v.verb = ANY (string_to_array(t.may, ' '))
   AND (pg_catalog.has_table_privilege(%(role)s, t.name, v.verb)
        OR v.place <= 4 AND pg_catalog.has_any_column_privilege(%(role)s, t.name, v.verb))
UNION ALL
SELECT 'schema CREATE' WHERE pg_catalog.has_schema_privilege(%(role)s, 'public', 'CREATE')
UNION ALL -- a table of its own would hide one that a guard reads
SELECT 'database TEMPORARY'
 WHERE pg_catalog.has_database_privilege(%(role)s, pg_catalog.current_database(), 'TEMPORARY')
"""
ASIDE = """
SELECT c.relname || '.' || r.rulename
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(tables)s)
UNION ALL
SELECT c.relname || ' ROW LEVEL SECURITY'
  FROM pg_catalog.pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(tables)s)
   AND c.relrowsecurity
"""


def faults() -> list[Fault]:
    """What of our tables' guards is off, gone, another one or beside them, and what is allowed."""
    of = {"tables": list(_tables()), "may": list(_tables().values())}
    found = {
        "unguarded": ("trigger", _triggers(of["tables"])),
        "altered": ("function", _functions()),
        "dropped": ("constraint", constraints.wrong(_models())),
        "aside": ("rule", (one for (one,) in _rows(ASIDE, **of))),
        "allowed": ("privilege", (one for (one,) in _rows(PRIVILEGES, **of))),
    }
    return [
        Fault(f"{kind}:{one}", 0, 0, what)
        for what, (kind, those) in found.items()
        for one in sorted(those)
    ]


def _models() -> list[type[Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def _tables() -> dict[str, str]:
    """Of each table, what the application's role may do with it or with some of its columns."""
    verbs = re.compile(r"[A-Z]+")
    return {
        model._meta.db_table: " ".join(verbs.findall(application_may(model))) for model in _models()
    }


def _triggers(tables: Iterable[str]) -> set[str]:
    rows = {(table, name): (on, sql) for table, name, on, sql in _rows(TRIGGERS)}
    known = release().triggers
    found = dict(filter(None, (trigger(sql) for _on, sql in rows.values())))
    off = {key for key, (on, _sql) in rows.items() if on not in ON}
    other = {key for key, told in known.items() if found.get(key) != told}
    strange = {key for key in rows.keys() - known.keys() if key[0] in tables}
    return {f"{table}.{name}" for table, name in off | other | strange}


def _functions() -> Iterator[str]:
    """Those of the release that are not in the database as it has them."""
    known, there = release(), set()
    for name, body, definer, made, callable_ in _rows(FUNCTIONS):
        there.add(name)
        settings_made = frozenset(setting(*one.split("=", 1)) for one in made)
        stands = Function(body, definer, settings_made)
        if known.functions.get(name, stands) != stands or (callable_ and name in known.inner):
            yield name
    yield from known.functions.keys() - there


def _rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"role": settings.APPLICATION_DB_ROLE})
        return list(cursor.fetchall())
