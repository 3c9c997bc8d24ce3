"""Assess a determination again from what was stored with it: the same bytes, or something is wrong.

The version's rules, the facts, choices, settings and earlier awards that were kept with it, and the
day of filing are all it takes.
"""

from dataclasses import dataclass
from enum import StrEnum

from applicants.models import Event, Party
from incentives.domain.programmes import rules_of
from incentives.policy.programme import digest
from incentives.policy.rendering import dumps, render
from incentives.policy.text import InputError
from reviews.domain import rounds
from reviews.domain.assessing import assess_case
from reviews.domain.cases import subject_of
from reviews.models import Determination


class Finding(StrEnum):
    SAME = "same"
    OTHER_ASSESSMENT = "the stored assessment is not what its facts come to"
    OTHER_SUM = "the sum assessed is not that of the stored assessment"
    OTHER_VERSION = "the version of the programme is not the one it was assessed by"
    UNREADABLE = "the stored facts, choices or settings cannot be assessed"


@dataclass(frozen=True, slots=True)
class Replayed:
    """`assessment` is what comes out now, to be laid beside the stored one."""

    finding: Finding
    assessment: str

    @property
    def same(self) -> bool:
        return self.finding == Finding.SAME


def replay(determination: Determination) -> Replayed:
    """Assess anew and compare, to the byte. Reads only."""
    version = determination.application.version
    if not digest(rules_of(version)) == version.digest == determination.digest:
        return Replayed(Finding.OTHER_VERSION, "")
    try:
        again = assessed_again(determination)
    except InputError:
        return Replayed(Finding.UNREADABLE, "")
    if again != determination.assessment:
        return Replayed(Finding.OTHER_ASSESSMENT, again)
    return Replayed(_sum_of(determination), again)


def assessed_again(determination: Determination) -> str:
    case = determination.application
    case.applicant = applicant_then(determination)
    result = assess_case(
        case,
        facts=determination.facts,
        choices=determination.choices,
        settings=determination.readings,
        history=determination.history,
    )
    return dumps(render(result))


def applicant_then(determination: Determination) -> Party:
    """Whose case it was: it may have passed to a successor since, of another kind."""
    case = determination.application
    passed = (
        Event.objects.filter(
            subject=subject_of(case), kind="case.passed", at__gt=determination.proposed_at
        )
        .order_by("id")
        .first()
    )
    return Party.objects.get(pk=passed.data["from"]) if passed else case.applicant


def _sum_of(determination: Determination) -> Finding:
    """What is granted may be cut further, but it starts from the assessment's own amount."""
    told = rounds.sum_told(determination.application, determination.told)
    refused = determination.outcome == "refuse" and not determination.assessed
    same = refused or f"{determination.assessed:.2f}" == told
    return Finding.SAME if same else Finding.OTHER_SUM
