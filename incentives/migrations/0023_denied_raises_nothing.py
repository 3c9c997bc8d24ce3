"""Two corners that an independent auditor of the money functions found.

A denied award left its entitlement behind as the ceiling of its event where it was the first to ask
(not where it was a later one): others of the event then took together more than any of them was
entitled to. A counter of an event begins with nothing, and rises with what is granted.

Money recovered of a redeemed voucher gave back a share of all that had been reserved, the part
that redeeming had given back already included: what is given back is a share of what was kept.

And `huiqi_reserve` reads pools and budgets, and writes the entry of an award with one payer, in
statements of its own, whose plans are kept: functions with rights of their own are entered anew
each time, while every other award waits for the budget's row.
"""

from importlib import import_module

from django.db import migrations

RESERVING = import_module("incentives.migrations.0014_budgeted_awards")
RECOVERING = import_module("incentives.migrations.0018_recoveries")


def changed(source: str, name: str, *replacing: tuple[str, str]) -> str:
    """The function of that name out of an earlier migration, each place changed once."""
    function = source[source.index(f"CREATE FUNCTION {name}(") :]
    for old, new in replacing:
        if function.count(old) != 1:
            raise ValueError(f"{name} is not as it was")
        function = function.replace(old, new)
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


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
LIMITS_READ = (
    RESERVING.LIMITS.partition("AS $$")[2].partition(";\n$$")[0].replace("p_year", "v_year")
)
READS = (
    "FROM huiqi_shared_limits(p_city, p_programme, v_year) s WHERE v_city > 0",
    f"FROM ({LIMITS_READ}) AS s(key, kind, heat, lim, budget) WHERE v_city > 0",
)
POSTS = (
    "v_entry := huiqi_post(award, NULL, 'reserved', granted, p_at, p_actor, p_reason);",
    """IF p_payer = 'shared' THEN
        v_entry := huiqi_post(award, NULL, 'reserved', granted, p_at, p_actor, p_reason);
    ELSE
        INSERT INTO incentives_ledgerentry (
            city_id, stage, amount, posted_at, year, approval_year, award_id, budget_id,
            case_number, programme_id, verb, payer, bureau_id, district_id, applicant_id, actor_id,
            reason)
        VALUES (
            p_city, 'reserved', granted, p_at, v_year, v_year, award, v_budget, p_case, p_programme,
            p_verb, p_payer, p_bureau, p_district, p_applicant, p_actor, p_reason)
        RETURNING id INTO v_entry;
    END IF;""",
)

# Its statements find single rows by their keys; planned for each call they take a third longer.
KEPT = """
DO $$ BEGIN
    EXECUTE (SELECT format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan',
                           oid::regprocedure) FROM pg_proc WHERE proname = 'huiqi_reserve');
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0022_payouts")]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (
            changed(RESERVING.RESERVE, "huiqi_reserve", BEGINS, READS, POSTS),
            KEPT,
            changed(RESERVING.MANY, "huiqi_reserve_many", BEGINS),
            changed(RECOVERING.RECOVER, "huiqi_recover", GIVEN_BACK),
        )
    ]
