"""The two roles of Huiqi, and its database: the same in a demo, in the tests and in production."""

import psycopg
from psycopg import sql

DATABASE = "huiqi"
OWNER, APPLICATION = "huiqi_owner", "huiqi_app"


def prepare(root_url: str, passwords: dict[str, str]) -> None:
    """Make what is missing. The owner may create databases: the tests clone theirs."""
    with psycopg.connect(root_url, autocommit=True) as connection:
        _role(connection, OWNER, "LOGIN CREATEDB", passwords["postgres_owner"])
        _role(connection, APPLICATION, "LOGIN", passwords["postgres_app"])
        # So that the owner may end the application's sessions, as when a test database is dropped.
        connection.execute(f"GRANT {APPLICATION} TO {OWNER}")
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
        # A temporary table of the application would hide one that a function of the owner reads.
        revoke = sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC")
        connection.execute(revoke.format(sql.Identifier(DATABASE)))


def _role(connection: psycopg.Connection, name: str, can: str, password: str) -> None:
    exists = _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name)
    verb = "ALTER" if exists else "CREATE"
    statement = sql.SQL(f"{verb} ROLE {{}} {can} PASSWORD {{}}")
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
