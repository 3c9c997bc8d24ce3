"""The triggers that keep history as it is, and keep every other rule of ours, are there and on."""

import pgtrigger
from django.db import connection

from applicants.domain.chains import Fault

ON = ("O", "A")  # in a session as ours; in any


def faults() -> list[Fault]:
    """The triggers that are switched off, on any table, and those of our models that are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled "
            "FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid"
        )
        found = {(table, name): enabled for table, name, enabled in cursor}
    off = {key for key, enabled in found.items() if enabled not in ON}
    gone = {
        key
        for model, trigger in pgtrigger.registered()
        if (key := (model._meta.db_table, trigger.get_pgid(model))) not in found
    }
    return [
        Fault(f"trigger:{table}.{name}", 0, 0, "unguarded") for table, name in sorted(off | gone)
    ]
