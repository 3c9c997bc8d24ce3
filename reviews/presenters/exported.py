"""What of the money is exported besides the ledger's lines: its PDF, statement and execution."""

from collections.abc import Callable
from pathlib import Path

from incentives.domain.export_kinds import KINDS, Kind, Writer
from incentives.domain.ledger import Seen
from incentives.models import Export
from incentives.models.export import ExportKind
from reviews.presenters import budget_execution, ledger_pdf, statement
from reviews.presenters.table_files import FILES, Report, write


def _writer(report_of: Callable[[Export], Report]) -> Writer:
    def written(export: Export, target: Path, seen: Seen) -> int:
        report = report_of(export)
        write(report, export.form, target, seen)
        return report.lines

    return written


def offer() -> None:
    """Enter them among the kinds of incentives.domain.export_kinds."""
    KINDS[ExportKind.LEDGER].writers["pdf"] = _writer(ledger_pdf.report_of)
    KINDS[ExportKind.STATEMENT] = Kind(
        statement.rows, dict.fromkeys(FILES, _writer(statement.report_of)), "ledger.added_up"
    )
    KINDS[ExportKind.BUDGET_EXECUTION] = Kind(
        budget_execution.rows,
        dict.fromkeys(FILES, _writer(budget_execution.report_of)),
        "budget.exported",
        subject="budgets",
    )
