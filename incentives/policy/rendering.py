"""An assessment as plain JSON data: the same bytes for the same input."""

import json
from decimal import Decimal
from typing import Any

from . import explain
from .result import Assessment, CapLine, OpenChoice, RowLine
from .text import InputError, Text


def render(assessment: Assessment) -> dict[str, Any]:
    """Sums are strings in yuan with two places, or None."""
    return {
        "programme": assessment.programme,
        "on": assessment.on.isoformat(),
        "decision": assessment.decision,
        "amount": yuan(assessment.amount),
        "minimum": yuan(assessment.minimum),
        "maximum": yuan(assessment.maximum),
        "steps": [
            {
                "id": step.id,
                "text": both(step.text),
                "minimum": yuan(step.minimum),
                "maximum": yuan(step.maximum),
            }
            for step in assessment.steps
        ],
        "reasons": [
            {"id": r.id, "holds": r.holds, "text": both(r.text), "seen": dict(r.seen)}
            for r in assessment.reasons
        ],
        "caps": [cap(line) for line in assessment.caps],
        "missing": list(assessment.missing),
        "unset": list(assessment.unset),
        "choices": [choice(c) for c in assessment.choices],
        "assumptions": [
            {"name": a.name, "reading": a.reading, "question": both(a.question)}
            for a in assessment.assumptions
        ],
        "warnings": [both(w) for w in assessment.warnings],
        **{name: part for name, part in further(assessment).items() if part},
    }


def further(assessment: Assessment) -> dict[str, Any]:
    """What only some programmes have; it is left out where it is empty."""
    return {
        "derived": [
            {"name": d.name, "value": d.value, "text": both(d.text)} for d in assessment.derived
        ],
        "rows": [row(line) for line in assessment.rows],
        "recover": yuan(assessment.recover),
        "schedule": [
            {"id": i.id, "label": both(i.label), "amount": yuan(i.amount), "due": both(i.due)}
            for i in assessment.schedule
        ],
        "payers": {payer: yuan(part) for payer, part in assessment.payers.items()},
    }


def row(line: RowLine) -> dict[str, Any]:
    return {
        "node": line.node,
        "roster": line.roster,
        "row": line.row,
        "holds": line.holds,
        "minimum": yuan(line.minimum),
        "maximum": yuan(line.maximum),
        "text": both(line.text),
    }


def render_error(error: InputError) -> dict[str, Any]:
    """The first fault of a bad line."""
    return {"error": error.problems[0].to_json()}


def dumps(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def both(said: Text) -> dict[str, str]:
    return {"zh": said.zh, "en": said.en}


def yuan(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def cap(line: CapLine) -> dict[str, Any]:
    limit = yuan(line.limit)
    if line.unit != "yuan" and line.limit is not None:
        limit = f"{int(line.limit)}"
    return {
        "id": line.id,
        "label": both(line.label),
        "limit": limit,
        "unit": line.unit,
        "per": list(line.per),
        "period": line.period,
        "year_of": line.year_of if line.period == "year" else None,
        "printed": line.printed,
        "cuts": yuan(line.cuts),
    }


def choice(open_: OpenChoice) -> dict[str, str]:
    rate = open_.kind == "rate"
    return {
        "name": open_.name,
        "minimum": explain.percent(open_.minimum) if rate else f"{open_.minimum:.2f}",
        "maximum": explain.percent(open_.maximum) if rate else f"{open_.maximum:.2f}",
        "kind": open_.kind,
    }
