"""The explanation of an assessment that is stored nowhere: a page for anyone."""

from django.test import Client

from incentives.domain.programmes import rules_of
from incentives.models import Programme
from reviews.demo import walk

CODE = "national-project-team-award"
ADDRESS = f"/programmes/qingdao/{CODE}/eligibility/"


def test_it_shows_what_was_typed_and_how_the_sum_is_made(db: None) -> None:
    programme = Programme.objects.get(code=CODE)
    rules = rules_of(programme.current)
    facts, _choices = walk.example_facts(programme)
    typed = {f"fact-{key}": value for key, value in facts.items() if isinstance(value, str)}
    answer = Client().post(ADDRESS, typed | {"kind": "enterprise", "explain": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (
        rules.source.quote,
        programme.current.digest,
        *(assumption.question.zh for assumption in rules.assumptions.values()),
        *(cap.label.zh for cap in rules.caps),
    ):
        assert words in page
    assert "4,000,000.00" in page
    assert "{{" not in page


def test_it_can_be_asked_for_before_anything_is_typed(db: None) -> None:
    answer = Client().post(ADDRESS, {"explain": "1", "fact-scheme": "<script>"})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
