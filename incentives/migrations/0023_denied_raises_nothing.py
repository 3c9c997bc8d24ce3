"""Two corners that an independent auditor of the money functions found.

A denied award left its entitlement behind as the ceiling of its event where it was the first to ask
(not where it was a later one): others of the event then took together more than any of them was
entitled to. A counter of an event begins with nothing, and rises with what is granted.

Money recovered of a redeemed voucher gave back a share of all that had been reserved, the part
that redeeming had given back already included: what is given back is a share of what was kept.
"""

from importlib import import_module

from django.db import migrations

RESERVING = import_module("incentives.migrations.0014_budgeted_awards")
RECOVERING = import_module("incentives.migrations.0018_recoveries")


def changed(source: str, name: str, old: str, new: str) -> str:
    """The function of that name out of an earlier migration, changed in one place."""
    function = source[source.index(f"CREATE FUNCTION {name}(") :]
    if function.count(old) != 1:
        raise ValueError(f"{name} is not as it was")
    return function.replace(old, new).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


BEGINS = (
    "VALUES (p_city, r.key, r.kind, r.unit, r.heat, r.lim, 0)",
    """VALUES (p_city, r.key, r.kind, r.unit, r.heat,
                    CASE WHEN r.kind IN ('event', 'tally') AND r.unit = 'yuan' THEN 0
                         ELSE r.lim END, 0)""",
)
GIVEN_BACK = (
    """(SELECT sum(e.amount) FROM incentives_counterentry e
                     WHERE e.counter_id = c.id AND e.award_id = v_award.id
                       AND e.amount > 0) AS taken""",
    """(SELECT sum(e.amount) FROM incentives_counterentry e
                      JOIN incentives_ledgerentry l ON l.id = e.entry_id
                     WHERE e.counter_id = c.id AND e.award_id = v_award.id
                       AND l.stage <> 'recovered') AS taken""",
)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0018_recoveries")]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (
            changed(RESERVING.RESERVE, "huiqi_reserve", *BEGINS),
            changed(RESERVING.MANY, "huiqi_reserve_many", *BEGINS),
            changed(RECOVERING.RECOVER, "huiqi_recover", *GIVEN_BACK),
        )
    ]
