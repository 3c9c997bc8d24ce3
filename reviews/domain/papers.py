"""The papers of a case by fact; one laid for a fact counts for all that ask for the same papers."""

from incentives.domain.papers import same_papers
from reviews.domain.assessing import rules
from reviews.models import Application, Evidence


def papers_by_fact(case: Application) -> dict[str, list[Evidence]]:
    laid: dict[str, list[Evidence]] = {}
    for evidence in case.evidence.filter(removed_at=None).select_related("document"):
        laid.setdefault(evidence.fact_key, []).append(evidence)
    return {
        key: [evidence for other in together for evidence in laid.get(other, [])]
        for key, together in same_papers(rules(case)).items()
    }
