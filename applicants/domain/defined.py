"""What a release defines in the database beside its tables, as its migrations and triggers say it.

Read from the SQL itself, so that there is no second list to keep; what a later migration creates
or replaces counts.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pgtrigger
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

APPS = ("applicants", "incentives", "reviews")
NAME = r'(?:"?public"?\.)?"?(\w+)"?'
FUNCTION = re.compile(
    rf"CREATE (?:OR REPLACE )?FUNCTION {NAME}\s*\(.*?\)\s*RETURNS(.*?)AS \$\$(.*?)\$\$", re.DOTALL
)
SETTING = re.compile(r"\bSET (\w+) = (.+?)\s*(?=\bSET\b|$)", re.DOTALL)
TRIGGERS = re.compile(r"CREATE\s+(?:CONSTRAINT )?TRIGGER\s.*?EXECUTE [^;]*", re.DOTALL)
TRIGGER = re.compile(
    rf"TRIGGER {NAME}\s+(BEFORE|AFTER|INSTEAD OF)\s+(.*?)\s+ON {NAME}\s.*?"
    rf"FOR EACH (ROW|STATEMENT)\s+(?:WHEN\s*\((.*)\)\s*)?EXECUTE (?:FUNCTION|PROCEDURE) {NAME}\(",
    re.DOTALL | re.IGNORECASE,
)
CAST = re.compile(r"::(?:character varying|\w+)(?:\[\])?")
ALIKE = (("<> ALL", "NOT IN"), ("= ANY", "IN"), ("!=", "<>"), ("ARRAY", ""), ('"', ""))
WORD = re.compile(r"'[^']*'|\w+|[<>=]+")
REVOKED = re.compile(r"REVOKE ALL ON FUNCTION (.*?) FROM", re.DOTALL)
GRANTED = re.compile(r"GRANT EXECUTE ON FUNCTION (.*?) TO", re.DOTALL)
ARGUMENTS = re.compile(r"\(.*?\)", re.DOTALL)


class Function(NamedTuple):
    """Its body, whether it has its owner's rights, and the settings that it makes for itself."""

    body: str
    definer: bool
    settings: frozenset[str]  # as name=value


class Trigger(NamedTuple):
    """When it is called, what it calls, and the words of its condition."""

    timing: str
    events: frozenset[str]
    level: str
    condition: tuple[str, ...]
    function: str


class Release(NamedTuple):
    functions: dict[str, Function]
    triggers: dict[tuple[str, str], Trigger]  # by table and name
    inner: frozenset[str]  # functions that nobody but their owner may call


@cache
def release() -> Release:
    functions: dict[str, Function] = {}
    triggers: dict[tuple[str, str], Trigger] = {}
    inner: set[str] = set()
    for sql in (*_migrated(), *_registered()):
        functions |= {name: _function(*rest) for name, *rest in FUNCTION.findall(sql)}
        triggers |= dict(filter(None, map(trigger, TRIGGERS.findall(sql))))
        inner |= _names(REVOKED, sql)
        inner -= _names(GRANTED, sql)
    return Release(functions, triggers, frozenset(inner))


def _migrated() -> Iterator[str]:
    graph = MigrationLoader(None).graph
    done = set()
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            if key[0] in APPS and key not in done:
                done.add(key)
                operations = graph.nodes[key].operations
                yield from (str(one.sql) for one in operations if isinstance(one, RunSQL))


def _registered() -> Iterator[str]:
    for model, trigger in pgtrigger.registered():
        yield trigger.compile(model).install_sql


def trigger(sql: str) -> tuple[tuple[str, str], Trigger] | None:
    """Table and name, and what it is, of a CREATE TRIGGER: a migration's, or PostgreSQL's own."""
    if (told := TRIGGER.search(sql)) is None:
        return None
    name, timing, events, table, level, condition, function = told.groups()
    each = (" ".join(one.replace('"', " ").upper().split()) for one in re.split(r"\bOR\b", events))
    words = _words(condition or "")
    return (table, name), Trigger(timing.upper(), frozenset(each), level.upper(), words, function)


def _words(condition: str) -> tuple[str, ...]:
    """As a migration writes it and as PostgreSQL prints it: without casts and brackets."""
    condition = CAST.sub("", condition)
    for one, other in ALIKE:
        condition = condition.replace(one, other)
    return tuple(WORD.findall(condition.lower()))


def setting(name: str, value: str) -> str:
    return f"{name}={''.join(value.split())}"


def _function(header: str, body: str) -> Function:
    made = frozenset(setting(*one) for one in SETTING.findall(header))
    return Function(body, "SECURITY DEFINER" in header, made)


def _names(pattern: re.Pattern[str], sql: str) -> set[str]:
    return {
        name.strip()
        for listed in pattern.findall(sql)
        for name in ARGUMENTS.sub("", listed).split(",")
    }
