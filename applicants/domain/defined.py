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
SETTING = re.compile(r"\bSET (\w+) =")
TRIGGER = re.compile(
    rf"CREATE\s+(?:CONSTRAINT )?TRIGGER {NAME}\s.*?\bON {NAME}\s.*?"
    rf"EXECUTE (?:FUNCTION|PROCEDURE) {NAME}",
    re.DOTALL,
)
REVOKED = re.compile(r"REVOKE ALL ON FUNCTION (.*?) FROM", re.DOTALL)
GRANTED = re.compile(r"GRANT EXECUTE ON FUNCTION (.*?) TO", re.DOTALL)
ARGUMENTS = re.compile(r"\(.*?\)", re.DOTALL)


class Function(NamedTuple):
    """Its body, whether it has its owner's rights, and the settings that it makes for itself."""

    body: str
    definer: bool
    settings: frozenset[str]


class Release(NamedTuple):
    functions: dict[str, Function]
    triggers: dict[tuple[str, str], str]  # by table and name, the function that each calls
    inner: frozenset[str]  # functions that nobody but their owner may call


@cache
def release() -> Release:
    functions: dict[str, Function] = {}
    triggers: dict[tuple[str, str], str] = {}
    inner: set[str] = set()
    for sql in (*_migrated(), *_registered()):
        functions |= {name: _function(*rest) for name, *rest in FUNCTION.findall(sql)}
        triggers |= {(table, name): called for name, table, called in TRIGGER.findall(sql)}
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


def _function(header: str, body: str) -> Function:
    return Function(body, "SECURITY DEFINER" in header, frozenset(SETTING.findall(header)))


def _names(pattern: re.Pattern[str], sql: str) -> set[str]:
    return {
        name.strip()
        for listed in pattern.findall(sql)
        for name in ARGUMENTS.sub("", listed).split(",")
    }
