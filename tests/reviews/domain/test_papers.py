import pytest

from applicants.domain.errors import Refused
from reviews.demo import walk
from reviews.domain import applications
from reviews.domain.papers import papers_by_fact
from reviews.models.lifecycle import CaseState
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db

SAME = ("scheme", "national_project_number")  # both ask for the task contract
OTHER = "part"  # asks for one page of it


def without_papers(cast: Cast):
    case = factories.draft(cast)
    case.evidence.all().delete()
    return case


def lay(case, cast: Cast, *keys: str) -> None:
    for key in keys:
        applications.attach(
            case_id=case.pk,
            fact_key=key,
            document=walk.paper(cast.party, cast.clerk),
            user=cast.clerk,
        )


def test_a_paper_that_two_facts_ask_for_is_brought_once():
    cast = Cast("national-project-team-award")
    case = without_papers(cast)
    lay(case, cast, SAME[1], OTHER, "national_funds_received", "team")
    papers = papers_by_fact(case)

    assert papers[SAME[0]] == papers[SAME[1]] == list(case.evidence.filter(fact_key=SAME[1]))
    assert papers[OTHER] == list(case.evidence.filter(fact_key=OTHER))
    walk.submit(case, cast.clerk)
    assert factories.fresh(case).state == CaseState.SUBMITTED


def test_a_missing_paper_is_asked_for_once_where_it_is_first_wanted():
    cast = Cast("national-project-team-award")
    case = without_papers(cast)
    lay(case, cast, OTHER, "national_funds_received", "team")
    with pytest.raises(Refused) as refusal:
        walk.submit(case, cast.clerk)
    assert set(refusal.value.message_dict) == {"evidence-scheme"}
