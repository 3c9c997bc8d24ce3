"""The exported ledger as one SQL statement: its columns, named in the language of the reader."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incentives.domain.exports import RISKY
from incentives.models import LedgerEntry
from incentives.models.ledger import Stage

RISKY_SQL = "'" + RISKY.replace("'", "''").replace("%", "%%") + "'"
SHANGHAI = "to_char(e.posted_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')"
JOINS = """
  JOIN g USING (stage)
  JOIN r USING (payer)
  JOIN incentives_programme p ON p.id = e.programme_id
  JOIN incentives_policydocument d ON d.id = p.document_id
  JOIN incentives_bureau b ON b.id = e.bureau_id
  LEFT JOIN applicants_district t ON t.id = e.district_id
  JOIN applicants_party a ON a.id = e.applicant_id
  LEFT JOIN applicants_party y ON y.id = e.payee_id
  LEFT JOIN incentives_payoutline l ON l.id = e.line_id
  LEFT JOIN incentives_payoutbatch h ON h.id = l.batch_id
  JOIN applicants_user u ON u.id = e.actor_id
"""


@dataclass(frozen=True, slots=True)
class Column:
    """Its heading, the SQL of a line's value and of a totals row's, and what the value is."""

    heading: str
    line: str
    total: str = "NULL"
    kind: str = "text"


def columns() -> list[Column]:
    name = "en" if (get_language() or "").startswith("en") else "zh"
    number = "coalesce(a.uscc, repeat('*', 14) || a.identity_last4)"
    return [
        Column(_("Posted at"), SHANGHAI, "w.total", kind="time"),
        Column(_("Year of posting"), "e.year", kind="number"),
        Column(_("Year of approval"), "e.approval_year", kind="number"),
        Column(_("Stage"), "g.name", "s.name"),
        Column(_("Amount (yuan)"), "e.amount", "s.amount", kind="money"),
        Column(_("Case number"), "e.case_number", "replace(w.lines, '#', s.count::text)"),
        Column(_("Printed verb"), "e.verb"),
        Column(_("Programme"), f"p.title_{name}"),
        Column(_("Document"), f"d.title_{name}"),
        Column(_("Handling bureau"), f"b.name_{name}"),
        Column(_("District"), f"t.name_{name}"),
        Column(_("Payer"), "r.name"),
        Column(_("Applicant"), "a.name"),
        Column(_("Credit code or identity number"), number),
        Column(_("Payee"), "y.name"),
        Column(_("Payout batch"), "h.number"),
        Column(_("Who"), "coalesce(nullif(u.name, ''), u.email)"),
        Column(_("Reason"), "e.reason"),
    ]


def export_sql(rows: QuerySet[LedgerEntry], *, guard: bool) -> tuple[str, list[Any]]:
    """One statement: the lines, oldest first, a total for each stage, and the control total of all.

    `guard` keeps text cells from acting as formulas (for CSV; see exports).
    """
    chosen, chosen_params = _chosen(rows)
    made = columns()
    lines = ", ".join(f"{column.line} AS c{i}" for i, column in enumerate(made))
    sums = ", ".join(column.total for column in made)
    shown = ", ".join(_shown(column, f"c{i}", guard) for i, column in enumerate(made))
    stages = ", ".join(["(%s, %s::int, %s)"] * len(Stage))
    # Only names of columns and Django's own SQL are put together here; every value is a parameter.
    sql = f"""
WITH g(stage, place, name) AS (VALUES {stages}),
r(payer, name) AS (VALUES (%s, %s), (%s, %s)),
w(total, control, lines) AS (VALUES (%s, %s, %s)),
e AS NOT MATERIALIZED ({chosen}),
s(place, name, count, amount) AS (
  SELECT g.place, g.name, count(*), sum(e.amount) FROM e JOIN g USING (stage) GROUP BY 1, 2
  UNION ALL SELECT 99, w.control, count(e.id), coalesce(sum(e.amount), 0)
              FROM w LEFT JOIN e ON true GROUP BY w.control
)
SELECT {shown} FROM (
  SELECT 0 AS part, e.id AS place, {lines} FROM e {JOINS}
  UNION ALL SELECT 1, s.place, {sums} FROM s, w
) AS lines ORDER BY part, place
"""  # noqa: S608
    return sql, [*_words(), *chosen_params]


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


def _shown(column: Column, name: str, guard: bool) -> str:
    if column.kind != "text" or not guard:
        return name
    return f"CASE WHEN {name} ~ {RISKY_SQL} THEN '''' || {name} ELSE {name} END"
