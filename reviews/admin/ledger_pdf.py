"""The ledger as PDF, for paper: of a bounded number of entries, with the totals below them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.domain.exports import Cell
from incentives.models import LedgerEntry
from incentives.models.ledger import Stage
from reviews.admin.table_files import Fact, Report, answer

MOST = 2000  # entries, which are a hundred pages or so
RELATED = ("programme", "bureau", "applicant", "payee", "actor")
AMOUNT = 2


def refusal() -> str:
    """Why a longer one is not printed, and what to take."""
    told = _(
        "A PDF holds at most %s entries, and this filter lists more. Narrow it, or take the XLSX "
        "or the CSV, which hold them all."
    )
    return told % MOST


def pdf_of_entries(rows: QuerySet[LedgerEntry], facts: Sequence[Fact]) -> HttpResponse:
    """Oldest first, as in the other files; `facts` say what was filtered."""
    found = list(rows.select_related(*RELATED).order_by("id"))
    heads = [
        _("Posted at"), _("Stage"), _("Amount (yuan)"), _("Case number"), _("Programme"),
        _("Handling bureau"), _("Applicant"), _("Payee"), _("Who"),
    ]  # fmt: skip
    report = Report(
        title=_("Ledger"),
        subtitle=_("The entries of the filter, oldest first"),
        sheet=_("Ledger"),
        heads=heads,
        rows=[*map(_cells, found), *_totals(found)],
        money=[AMOUNT],
        figures=[AMOUNT],
        facts=facts,
        printed=range(len(heads)),
        wide=True,
    )
    return answer(report, "ledger", "pdf")


def _cells(entry: LedgerEntry) -> list[Cell]:
    return [
        f"{timezone.localtime(entry.posted_at):%Y-%m-%d %H:%M:%S}",
        entry.get_stage_display(),
        entry.amount,
        entry.case_number,
        f"{entry.verb} · {entry.programme}",
        str(entry.bureau),
        entry.applicant.name,
        entry.payee.name if entry.payee else "",
        str(entry.actor),
    ]


def _totals(found: Iterable[LedgerEntry]) -> list[list[Cell]]:
    """Of each stage, and the control total of all: of these very entries."""
    amounts: dict[str, list[Decimal]] = {}
    for entry in found:
        amounts.setdefault(entry.stage, []).append(entry.amount)
    stages = [_row(_("Total"), str(s.label), amounts[s]) for s in Stage if s in amounts]
    whole = [amount for of_stage in amounts.values() for amount in of_stage]
    return [*stages, _row(_("Control total of all lines"), "", whole)]


def _row(told: str, stage: str, amounts: Sequence[Decimal]) -> list[Cell]:
    lines = _("# lines").replace("#", str(len(amounts)))
    return [told, stage, sum(amounts, Decimal("0.00")), lines, "", "", "", "", ""]
