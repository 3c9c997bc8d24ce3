"""The ledger as PDF, for paper: its entries with the totals below them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.domain.export_kinds import entries_of
from incentives.domain.exports import Cell
from incentives.models import Export, LedgerEntry
from incentives.models.ledger import Stage
from reviews.presenters.table_files import Report

RELATED = ("programme", "bureau", "applicant", "payee", "actor")
AMOUNT = 2


def report_of(export: Export) -> Report:
    """Oldest first, as in the other files."""
    found = list(entries_of(export).select_related(*RELATED).order_by("id"))
    heads = [
        _("Posted at"), _("Stage"), _("Amount (yuan)"), _("Case number"), _("Programme"),
        _("Handling bureau"), _("Applicant"), _("Payee"), _("Who"),
    ]  # fmt: skip
    return Report(
        title=_("Ledger"),
        subtitle=_("The entries of the filter, oldest first"),
        sheet=_("Ledger"),
        heads=heads,
        rows=[*map(_cells, found), *_totals(found)],
        lines=len(found),
        money=[AMOUNT],
        figures=[AMOUNT],
        facts=[(label, value) for label, value in export.told],
        printed=range(len(heads)),
        wide=True,
    )


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
