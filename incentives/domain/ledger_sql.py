"""The exported ledger, each form of it one SQL statement: the lines, oldest first, a total for each
stage, and the control total of all.

Only names of columns and Django's own SQL are put together here; every value is a parameter. An
Append reads its parts one after the other: to sort the lines among the totals would cost a third.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incentives.domain.ledger_columns import columns
from incentives.models import LedgerEntry
from incentives.models.ledger import Stage

LINES_AT_ONCE = 256
# What is missing is looked for under -id, which nothing has: hashed as NULL, half of the lines fall
# into one bucket, and PostgreSQL has taken minutes and gigabytes to divide it.
JOINS = """
  JOIN g USING (stage)
  JOIN r USING (payer)
  JOIN applicants_city k ON k.code = e.city_id
  JOIN incentives_programme p ON p.id = e.programme_id
  JOIN incentives_policydocument d ON d.id = p.document_id
  JOIN incentives_bureau b ON b.id = e.bureau_id
  LEFT JOIN applicants_district t ON t.id = e.district_id
  JOIN applicants_party a ON a.id = e.applicant_id
  LEFT JOIN applicants_party y ON y.id = coalesce(nullif(e.payee_id, e.applicant_id), -e.id)
  LEFT JOIN incentives_payoutline l ON l.id = coalesce(e.line_id, -e.id)
  LEFT JOIN incentives_payoutbatch h ON h.id = coalesce(l.batch_id, -e.id)
  JOIN applicants_user u ON u.id = e.actor_id
"""
WITH = """
WITH g(stage, place, name) AS NOT MATERIALIZED (VALUES {stages}),
r(payer, name) AS (VALUES (%s, %s), (%s, %s)),
w(total, control, lines) AS (VALUES (%s, %s, %s)),
e AS NOT MATERIALIZED ({chosen}),
c(stage, count, amount) AS (SELECT stage, count(*), sum(amount) FROM e GROUP BY stage),
s(place, name, count, amount) AS (
  SELECT g.place, g.name, c.count, c.amount FROM c JOIN g USING (stage)
  UNION ALL SELECT 99, w.control, coalesce(sum(c.count), 0), coalesce(sum(c.amount), 0)
              FROM w LEFT JOIN c ON true GROUP BY w.control
)
"""


def lines_sql(rows: QuerySet[LedgerEntry]) -> tuple[str, list[Any]]:
    """A row a line, no cell of which can act as a formula: for CSV."""
    chosen, params = _with(rows)
    lines = ", ".join(column.line_guarded() for column in columns())
    totals = ", ".join(column.total_guarded() for column in columns())
    sql = f"""{chosen}
(SELECT {lines} FROM e {JOINS} ORDER BY e.id)
UNION ALL
(SELECT {totals} FROM s, w ORDER BY s.place)
"""  # noqa: S608
    return sql, params


def blocks_sql(rows: QuerySet[LedgerEntry]) -> tuple[str, list[Any]]:
    """A row some lines, as one JSON array of arrays: quick to read, and the first come at once.

    Before them how many lines there are, alone in its row; after them the totals, in one row.
    LIMIT cuts nothing off; it tells PostgreSQL how few lines there are to look names up for.
    """
    chosen, params = _with(rows)
    lines = ", ".join(column.line_fitted() for column in columns())
    totals = ", ".join(column.total_fitted() for column in columns())
    sql = f"""{chosen}
(SELECT to_json(count(*)) FROM e)
UNION ALL
(SELECT lines FROM (
   SELECT first FROM (SELECT min(id), max(id) FROM incentives_ledgerentry) AS ends(low, high),
          generate_series(low, high, {LINES_AT_ONCE}) AS first ORDER BY first) AS run
  CROSS JOIN LATERAL (
   SELECT json_agg(json_build_array({lines}) ORDER BY e.id) AS lines
     FROM (SELECT * FROM e WHERE id >= first AND id < first + {LINES_AT_ONCE}
            ORDER BY id LIMIT {LINES_AT_ONCE}) AS e {JOINS}) AS of_run
  WHERE lines IS NOT NULL ORDER BY first)
UNION ALL
(SELECT json_agg(json_build_array({totals}) ORDER BY s.place) FROM s, w)
"""  # noqa: S608
    return sql, params


def _with(rows: QuerySet[LedgerEntry]) -> tuple[str, list[Any]]:
    chosen, params = _chosen(rows)
    stages = ", ".join(["(%s, %s::int, %s)"] * len(Stage))
    return WITH.format(stages=stages, chosen=chosen), [*_words(), *params]


def _chosen(rows: QuerySet[LedgerEntry]) -> tuple[str, Any]:
    try:
        return rows.order_by().query.sql_with_params()
    except EmptyResultSet:  # Django writes no SQL for what it knows to be empty
        return LedgerEntry.objects.filter(pk=0).order_by().query.sql_with_params()


def _words() -> list[Any]:
    stages = [
        value for place, stage in enumerate(Stage) for value in (stage.value, place, stage.label)
    ]
    payers = ["city", _("city level"), "district", _("district level")]
    totals = [_("Total"), _("Control total of all lines"), _("# lines")]
    return [str(word) if not isinstance(word, int) else word for word in stages + payers + totals]
