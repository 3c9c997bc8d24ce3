"""No figure is NaN, which to PostgreSQL is above every number.

The tables of every award have no check of their own: their functions look at what they are given.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.db.models import Model

from incentives.models import BudgetChange, CapExcess, Pool
from tests.incentives.domain.test_money_guards import WRITTEN_BY_FUNCTIONS, new_line, run
from tests.incentives.domain.test_recoveries import paid_award, prepared
from tests.incentives.factories import cap, make_budget, make_user, qingdao, reserve

pytestmark = pytest.mark.django_db
FIGURES = """
SELECT a.attrelid::regclass::text, quote_ident(a.attname),
       coalesce(string_agg('(' || pg_get_expr(n.conbin, n.conrelid) || ')', ' AND '), 'true')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_constraint n ON n.conrelid = c.oid AND n.contype = 'c' AND n.convalidated
       AND n.conkey = ARRAY[a.attnum]
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped
   AND a.attgenerated = ''
   AND a.atttypid IN ('numeric'::regtype, 'float8'::regtype, 'float4'::regtype)
   AND NOT c.relname = ANY (%s)
 GROUP BY a.attrelid, a.attname ORDER BY 1, 2
"""


def test_every_figure_is_a_number() -> None:
    taken = set()
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [WRITTEN_BY_FUNCTIONS])
        figures = cursor.fetchall()
        for table, column, checks in figures:
            for wrong in ("NaN", "Infinity", "-Infinity"):
                cursor.execute(f"SELECT {checks} FROM (SELECT '{wrong}'::numeric AS {column}) AS t")
                if cursor.fetchone() != (False,):
                    taken.add(f"{table}.{column}")
    assert len(figures) > 40
    assert sorted(taken) == []


def change() -> tuple[Model, str]:
    budget, user = make_budget("100.00", year=2026), make_user()
    made = BudgetChange.objects.create(
        budget=budget, kind="supplement", amount=1, basis="b", prepared_by=user
    )
    return made, "amount"


def pool() -> tuple[Model, str]:
    return Pool.objects.create(
        city=qingdao(), code="p", year=2026, limit=1, set_by=make_user()
    ), "limit"


def excess() -> tuple[Model, str]:
    made = CapExcess.objects.create(
        city=qingdao(), case_number="E", key="k", cap="k", amount=1, reason="r",
        asked_by=make_user(),
    )  # fmt: skip
    return made, "amount"


def demand() -> tuple[Model, str]:
    return prepared(paid_award()), "amount"


def withheld() -> tuple[Model, str]:
    line = new_line()
    line.save()
    return line, "withheld"


@pytest.mark.parametrize("make", [change, pool, excess, demand, withheld])
def test_nan_is_no_amount(make: Callable[[], tuple[Model, str]]) -> None:
    row, figure = make()
    of = row._meta
    kept = [one.column for one in of.local_fields if not one.primary_key and not one.generated]
    quoted = ", ".join(f'"{name}"' for name in kept)
    values = ", ".join("'NaN'" if name == figure else f'"{name}"' for name in kept)
    with pytest.raises(IntegrityError, match=f"{of.db_table}_{figure}_check"):
        run(
            f"INSERT INTO {of.db_table} ({quoted}) SELECT {values} FROM {of.db_table}"
            " WHERE id = %s",
            row.pk,
        )


def test_no_limit_is_beyond_every_number() -> None:
    with pytest.raises(IntegrityError, match="counter_within_limit"):
        reserve("100.00", caps=[cap("life", "NaN")])


def test_no_share_is_beyond_every_number() -> None:
    shares = {"city": Decimal("NaN"), "district": Decimal(1)}
    with pytest.raises(IntegrityError, match="awardshare"):
        reserve("100.00", shares=shares)
