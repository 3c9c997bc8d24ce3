"""The public pages of the programmes: all of them, in both languages, at a constant cost."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incentives.domain.listing import listed
from incentives.domain.programmes import rules_of
from incentives.models import Programme
from tests.factories import programme

pytestmark = pytest.mark.django_db


def address(found: Programme, name: str = "programmes:page") -> str:
    return reverse(name, args=[found.city_id, found.code])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_programme_has_its_page(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    found = list(Programme.objects.all())
    assert len(found) == 34
    for one in found:
        page = client.get(address(one))
        assert page.status_code == 200, one.code
        text = page.content.decode()
        assert rules_of(one.current).source.quote.replace('"', "&quot;") in text
        assert (one.title_en if language == "en" else one.title_zh) in page.context[
            "page"
        ].programme.title
        assert "eligibility" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_programme_answers_could_we_get_this(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    for one in Programme.objects.all():
        assert client.get(address(one, "programmes:eligibility_of")).status_code == 200, one.code


def test_the_page_shows_the_handling_bureau_caps_and_examples(client: Client) -> None:
    page = client.get(address(programme("national-project-team-award"))).context["page"]
    assert [bureau.code for bureau, _handles in page.bureaus] == [
        "sti", "drc", "miit", "marine", "finance",
    ]  # fmt: skip
    assert [bureau.code for bureau, handles in page.bureaus if handles] == ["sti"]
    assert [ceiling.limit for ceiling in page.ceilings] == ["300,000.00 元", "2,000,000.00 元"]
    assert page.most == "300,000.00 元"
    assert page.examples[0].working == "4,000,000 × 5% = 200,000"


def test_what_is_not_decided_is_said(client: Client) -> None:
    page = client.get(address(programme("skills-training-subsidy"))).context["page"]
    rules = page.rules
    assert [label for label, _help in page.undecided] == [
        parameter.label.zh for parameter in rules.parameters.values() if parameter.value is None
    ]
    assert len(page.undecided) > 0


def codes(client: Client, **query: str) -> list[str]:
    cards = client.get(reverse("programmes:list"), query).context["cards"]
    return [card.programme.code for card in cards]


def test_the_list_shows_all_and_is_narrowed_by_each_filter(client: Client) -> None:
    assert len(codes(client)) == 34
    assert codes(client, words="安家费") == ["settling-in-allowance"]
    persons = {rules_of(v).code for v in listed() if "person" in rules_of(v).roles.applicant}
    assert set(codes(client, kind="person")) == persons
    by_bureau = {rules_of(v).code for v in listed() if "marine" in rules_of(v).bureaus.printed}
    assert set(codes(client, bureau="marine")) == by_bureau
    assert len(codes(client, document="qd-new-industries")) == 20
    assert codes(client, document="no-such") == []
    assert codes(client, words="安家费", kind="fund") == []


def test_a_strange_code_is_not_found(client: Client) -> None:
    assert client.get("/programmes/qingdao/nothing/").status_code == 404
    assert client.get("/programmes/dalian/settling-in-allowance/").status_code == 404
    assert client.get("/programmes/qingdao/nothing/eligibility/").status_code == 404


def test_the_list_costs_the_same_however_long(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert len(codes(client)) == 34  # the rules are parsed once in a process
    with django_assert_max_num_queries(4) as whole:
        codes(client)
    with django_assert_max_num_queries(4) as narrowed:
        assert len(codes(client, words="安家费")) == 1
    assert len(whole) == len(narrowed)


def test_facts_and_options_stand_in_the_order_of_the_file() -> None:
    rules = rules_of(programme("national-project-team-award").current)
    assert list(rules.facts) == [
        "scheme", "national_project_number", "part", "national_funds_received", "team",
    ]  # fmt: skip
    assert list(rules.facts["scheme"].of) == ["major", "key", "other"]
    assert list(rules.facts["team"].columns) == ["name", "id_number", "share"]
