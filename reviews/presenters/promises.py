"""The papers that an applicant promised and has not brought yet, each with its day."""

from dataclasses import dataclass
from datetime import date

from applicants.templatetags.huiqi import pick
from reviews.domain.assessing import rules
from reviews.domain.commitments import open_promises
from reviews.models import Application
from reviews.models.lifecycle import CaseState


@dataclass(frozen=True)
class PromisedPaper:
    key: str
    label: str
    papers: tuple[str, ...]
    text: str
    due_on: date


def promised_papers(case: Application) -> list[PromisedPaper]:
    """Empty where papers are brought on the form, and where none can be brought any more."""
    if case.state not in (CaseState.SUBMITTED, CaseState.ACCEPTED):
        return []
    facts = rules(case).facts
    return [
        PromisedPaper(
            key,
            pick(facts[key].label),
            tuple(pick(paper) for paper in facts[key].evidence),
            one.text,
            one.due_on,
        )
        for key, one in open_promises(case).items()
    ]
