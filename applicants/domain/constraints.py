"""Constraints and unique indexes of the database, held against those that the models define.

A condition is written in more ways than one. Whether two are the same, PostgreSQL says: it plans a
query that has both as columns, and prints how it reads each. Nothing is run, and nothing is made.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction
from django.db.models import Model

CHECK = re.compile(r"\bCHECK (\(.*\))$", re.DOTALL)
FOREIGN = re.compile(r"\bFOREIGN KEY .*$", re.DOTALL)
UNIQUE = re.compile(
    r"(?:\bUNIQUE INDEX \S+ ON \S+(?: USING btree)?|\bUNIQUE)( NULLS NOT DISTINCT)? \((.*?)\)"
    r"( NULLS NOT DISTINCT)?(?: WHERE (.*))?$",
    re.DOTALL,
)
DEFERRED = " DEFERRABLE INITIALLY DEFERRED"
MARKS = re.compile(r'[\s"]')
STANDING = """
SELECT c.relname, n.conname, pg_catalog.pg_get_constraintdef(n.oid)
  FROM pg_catalog.pg_constraint n JOIN pg_catalog.pg_class c ON c.oid = n.conrelid
 WHERE c.relnamespace = 'public'::regnamespace AND n.contype IN ('c', 'f') AND n.convalidated
UNION ALL
SELECT c.relname, i.relname, pg_catalog.pg_get_indexdef(i.oid)
  FROM pg_catalog.pg_index x
  JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
  JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
 WHERE c.relnamespace = 'public'::regnamespace
   AND x.indisunique AND x.indisvalid AND x.indisready AND x.indimmediate
UNION ALL
SELECT c.relname, a.attname, 'NOT NULL'
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND a.attnotnull
"""


class Told(NamedTuple):
    """What a definition says: an expression over the columns of its table, or words."""

    kind: str
    text: str


def wrong(models: Iterable[type[Model]]) -> Iterator[str]:
    """Those of the models that are gone from the database, or say something else there."""
    named, said = _standing()
    editor = connection.schema_editor(collect_sql=True)
    for model in models:
        table, fields = model._meta.db_table, model._meta.local_concrete_fields
        column = {field.name: str(field.column) for field in fields}
        for constraint in model._meta.constraints:
            stands = named.get((table, constraint.name))
            wanted = _told(str(constraint.create_sql(model, editor)))
            if stands is None or wanted is None or not _alike(table, stands, wanted):
                yield f"{table}.{constraint.name}"
        for names in model._meta.unique_together:
            columns = [column[name] for name in names]
            if (table, _unique(columns)) not in said:
                yield f"{table}.{'_'.join(columns)}"
        for field in fields:
            if not all(_of_field(table, field, named, said)):
                yield f"{table}.{field.column}"


def _of_field(
    table: str,
    field: Any,
    named: dict[tuple[str, str], Told],
    said: set[tuple[str, Told]],
) -> Iterator[bool]:
    if not field.null and not field.generated:
        yield (table, Told("not null", field.column)) in said
    if field.unique:
        yield (table, _unique([field.column])) in said
    if (field.many_to_one or field.one_to_one) and field.db_constraint:
        other = field.related_model._meta.db_table
        key = f"({field.column}) REFERENCES {other}({field.target_field.column})"
        yield (table, _foreign(f"FOREIGN KEY {key}")) in said
    if check := field.db_check(connection):
        stands = named.get((table, f"{table}_{field.column}_check"))  # as PostgreSQL names it
        yield stands is not None and _alike(table, stands, Told("check", f"({check})"))


def _standing() -> tuple[dict[tuple[str, str], Told], set[tuple[str, Told]]]:
    """What stands, by table and name, and of each table whatever its name."""
    named: dict[tuple[str, str], Told] = {}
    said: set[tuple[str, Told]] = set()
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        for table, name, sql in cursor.fetchall():
            if sql == "NOT NULL":
                said.add((table, Told("not null", name)))
            elif told := _told(sql):
                named[table, name] = told
                said.add((table, told._replace(text=told.text.replace('"', ""))))
    return named, said


def _told(sql: str) -> Told | None:
    """None of what is looked at in part, or not at all, such as NOT ENFORCED."""
    if found := FOREIGN.search(sql):
        return _foreign(found[0])
    if found := CHECK.search(sql):
        return Told("check", found[1])
    if found := UNIQUE.search(sql):
        nulls, columns, after, where = found.groups()
        return _unique([columns], where or "true", alike=bool(nulls or after))
    return None


def _foreign(sql: str) -> Told:
    """Whether it waits for the commit is no part of it: of money it does not."""
    return Told("foreign key", MARKS.sub("", sql.removesuffix(DEFERRED)))


def _unique(columns: list[str], where: str = "true", *, alike: bool = False) -> Told:
    return Told("unique", f"ROW(ROW({', '.join(columns)}), {alike}, {where})")


def _alike(table: str, one: Told, other: Told) -> bool:
    if one == other or one.kind != other.kind or one.kind == "foreign key":
        return one == other
    of = connection.ops.quote_name(table)
    asked = f"SELECT {one.text}, {other.text} FROM public.{of}"  # noqa: S608 # own names
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {asked}")
            ((plans,),) = cursor.fetchall()
    except DatabaseError:
        return False
    first, second = plans[0]["Plan"]["Output"]
    return bool(first == second)
