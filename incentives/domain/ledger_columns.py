"""The columns of the exported ledger, named in the language of the reader."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incentives.domain.exports import LONGEST_CELL, NUMBERS_END
from incentives.domain.risky_cells import guarded_sql

SHANGHAI = "date_trunc('second', e.posted_at AT TIME ZONE 'Asia/Shanghai')::text"
PAYEE = "CASE WHEN e.payee_id = e.applicant_id THEN a.name ELSE y.name END"


@dataclass(frozen=True, slots=True)
class Column:
    """Its heading, the SQL of a line's value and of a totals row's, and what the value is.

    "long" is text without bound, "word" one of our own, which begins no formula.
    """

    heading: str
    line: str
    total: str = "NULL"
    kind: str = "text"

    def line_guarded(self) -> str:
        """For CSV: no text can act as a formula."""
        return self._guarded(self.line)

    def total_guarded(self) -> str:
        return self._guarded(self.total)

    def line_fitted(self) -> str:
        """For XLSX, as JSON: as `exports.xlsx_cell` would leave it."""
        return self._fitted(self.line)

    def total_fitted(self) -> str:
        return self._fitted(self.total)

    def _guarded(self, value: str) -> str:
        return guarded_sql(value) if self.kind in ("text", "long") else value

    def _fitted(self, value: str) -> str:
        if self.kind == "money":
            fits = f"{value} < {NUMBERS_END}"
            return f"CASE WHEN {fits} THEN to_json({value}) ELSE to_json({value}::text) END"
        return f"left({value}, {LONGEST_CELL})" if self.kind == "long" else value


def columns() -> list[Column]:
    name = "en" if (get_language() or "").startswith("en") else "zh"
    number = "coalesce(a.uscc, repeat('*', 14) || a.identity_last4)"
    return [
        Column(_("Posted at"), SHANGHAI, "w.total", kind="time"),
        Column(_("Year of posting"), "e.year", kind="number"),
        Column(_("Year of approval"), "e.approval_year", kind="number"),
        Column(_("Stage"), "g.name", "s.name", kind="word"),
        Column(_("Amount (yuan)"), "e.amount", "s.amount", kind="money"),
        Column(_("Case number"), "e.case_number", "replace(w.lines, '#', s.count::text)"),
        Column(_("Printed verb"), "e.verb"),
        Column(_("Programme"), f"p.title_{name}"),
        Column(_("Document"), f"d.title_{name}"),
        Column(_("Handling bureau"), f"b.name_{name}"),
        Column(_("District"), f"t.name_{name}"),
        Column(_("Payer"), "r.name", kind="word"),
        Column(_("Applicant"), "a.name"),
        Column(_("Credit code or identity number"), number),
        Column(_("Payee"), PAYEE),
        Column(_("Payout batch"), "h.number"),
        Column(_("Who"), "coalesce(nullif(u.name, ''), u.email)"),
        Column(_("Reason"), "e.reason", kind="long"),
        Column(_("City"), f"k.name_{name}", kind="word"),
    ]
