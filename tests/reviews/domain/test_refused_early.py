"""Input and moments that a verb refuses with words, instead of going wrong later."""

import pytest

from applicants.domain.errors import Refused
from incentives.domain.settings import change_setting
from incentives.models import Programme
from reviews.demo import walk
from reviews.domain import applications
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db


def test_the_list_of_those_who_are_paid_is_made_from_the_payees_alone() -> None:
    cast = Cast("national-project-team-award")
    case = factories.draft(cast)
    before = case.facts.get(key="team").declared
    rows = [{"name": "甲", "id_number": "1", "share": "100%"}]
    problems = applications.save_facts(
        case_id=case.pk, values={"team": rows, "scheme": "major"}, user=cast.clerk
    )
    assert list(problems) == ["team"]
    assert case.facts.get(key="team").declared == before
    assert case.facts.get(key="scheme").declared == "major"


def test_a_period_beyond_the_calendar_is_told_and_nothing_moves() -> None:
    cast = Cast("hitech-renewal-award")
    change_setting(
        city=cast.programme.city, programme=None, key="determination_days", value=900,
        basis="测试", actor=cast.clerk,
    )  # fmt: skip
    case = factories.submitted(cast)
    with pytest.raises(Refused, match="900"):
        walk.accept(case, cast.of)
    assert factories.fresh(case).state == CaseState.SUBMITTED


def test_an_award_of_nothing_is_not_proposed() -> None:
    cast = Cast("national-project-team-award")
    facts, _choices = walk.example_facts(cast.programme)
    case = factories.reviewed(cast, facts | {"national_funds_received": "0.01"})
    with pytest.raises(Refused) as refused:
        walk.propose(case, cast.of, {"rate": "3%"})
    assert list(refused.value.message_dict) == ["outcome"]


def test_a_programme_that_is_not_listed_takes_no_new_application() -> None:
    cast = Cast("hitech-renewal-award")
    Programme.objects.filter(pk=cast.programme.pk).update(is_open=False)
    with pytest.raises(Refused) as refused:
        factories.draft(cast)
    assert list(refused.value.message_dict) == ["programme"]
    assert not Application.objects.exists()
