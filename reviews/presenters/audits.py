"""What an audit firm found of a fact, beside what was declared."""

from typing import Any

from incentives.presenters.words import value_of
from reviews.domain.dossier import FactLine
from reviews.models import AuditReport


def beside_declared(line: FactLine, report: AuditReport | None) -> dict[str, Any]:
    """`audited` in words and whether it differs; nothing where the firm gave no value."""
    found = report.facts.get(line.key) if report else None
    if found is None:
        return {}
    declared = line.value.declared if line.value else None
    return {
        "audited": value_of(line.asked, found),
        "audited_rows": found,
        "audit_differs": found != declared,
    }
