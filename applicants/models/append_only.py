"""Rows that are written once: the database refuses to change, delete or empty them."""

import pgtrigger


def append_only(table: str, *, deletable: bool = False) -> list[pgtrigger.Trigger]:
    """Triggers for a table of history; TRUNCATE passes row triggers by, so it has its own.

    Rows that are `deletable` are changed by nobody either; what may go, another trigger says.
    """
    refuse = f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation';"
    return [
        pgtrigger.Trigger(
            name="append_only_rows",
            when=pgtrigger.Before,
            operation=pgtrigger.Update if deletable else pgtrigger.Update | pgtrigger.Delete,
            func=refuse,
        ),
        pgtrigger.Trigger(
            name="append_only_table",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=refuse,
        ),
    ]
