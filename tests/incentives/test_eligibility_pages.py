"""“Could we get this?”: yes, no or unknown, with the value seen, and nothing stored."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from applicants.models import ProfileFact
from incentives.models import Programme
from reviews.models import Application, CaseFact
from tests.factories import make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db

TEAM = reverse("programmes:eligibility_of", args=["qingdao", "national-project-team-award"])
FACTS = {
    "kind": "enterprise",
    "fact-scheme": "major",
    "fact-national_project_number": "2021ZX0001",
    "fact-part": "lead",
    "fact-national_funds_received": "4,000,000",
}


def answers(client: Client, **changed: str) -> dict[str, str]:
    told = client.post(TEAM, FACTS | {f"fact-{k}": v for k, v in changed.items()}).context["told"]
    return {"decision": told.decision, "sum": told.sum} | {
        f"{number}": reason.answer for number, reason in enumerate(told.reasons)
    }


def test_all_conditions_met_gives_the_bounds(client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert answers(client) == {
        "decision": "needs_choice",
        "sum": "CNY 120,000.00 to CNY 200,000.00",
        "0": "yes", "1": "yes", "2": "yes", "3": "yes",
    }  # fmt: skip


def test_a_condition_not_met_says_no_with_the_value_seen(client: Client) -> None:
    page = client.post(TEAM, FACTS | {"fact-scheme": "other"})
    told = page.context["told"]
    failed = [reason for reason in told.reasons if reason.answer == "no"]
    assert told.decision == "ineligible"
    assert [reason.seen for reason in failed] == [(("国家计划类别", "其他国家科技计划"),)]


def test_a_missing_fact_is_unknown_and_linked(client: Client) -> None:
    page = client.post(TEAM, FACTS | {"fact-part": ""})
    told = page.context["told"]
    assert told.decision == "needs_facts"
    assert [reason.answer for reason in told.reasons] == ["yes", "yes", "unknown", "yes"]
    assert told.missing == (("part", "承担方式"),)
    assert 'href="#id_fact-part"' in page.content.decode()


def test_the_wrong_kind_of_applicant_does_not_qualify(client: Client) -> None:
    page = client.post(TEAM, FACTS | {"kind": "fund"})
    assert page.context["told"].decision == "ineligible"


def test_a_value_that_cannot_be_read_comes_back_as_typed(client: Client) -> None:
    page = client.post(TEAM, FACTS | {"fact-national_funds_received": "about 4 million"})
    form = page.context["form"]
    assert form["national_funds_received"].value() == "about 4 million"
    assert len(form.errors["national_funds_received"]) == 1
    assert 'href="#id_fact-national_funds_received"' in page.content.decode()


def test_nothing_is_stored(client: Client) -> None:
    answers(client)
    assert ProfileFact.objects.count() == 0
    assert CaseFact.objects.count() == 0
    assert Application.objects.count() == 0


def test_the_overview_for_anyone_goes_by_the_kind(client: Client) -> None:
    assert client.get(reverse("programmes:eligibility")).context["answers"] == []
    page = client.get(reverse("programmes:eligibility"), {"kind": "person"})
    found = {one.rules.code: told.decision for one, told in page.context["answers"]}
    assert len(found) == Programme.objects.filter(city="qingdao").count()
    assert found["settling-in-allowance"] == "needs_facts"
    assert found["national-project-team-award"] == "ineligible"


def test_a_city_is_checked_at_a_time_and_money_comes_first(client: Client) -> None:
    client.cookies["django_language"] = "en"
    page = client.get(reverse("programmes:eligibility"), {"kind": "enterprise", "city": "dalian"})
    assert {one.version.programme.city_id for one, _told in page.context["answers"]} == {"dalian"}
    groups = [words for words, _found in page.context["groups"]]
    assert groups[0] == "money"
    shown = [one.rules.code for _words, found in page.context["groups"] for one, _told in found]
    folded = [one.rules.code for one, _told in page.context["unfit"]]
    assert sorted(shown + folded) == sorted(one.rules.code for one, _ in page.context["answers"])
    assert folded != []


def test_the_check_of_all_programmes_asks_the_database_little(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    overview = reverse("programmes:eligibility")
    client.get(overview, {"kind": "enterprise"})
    with django_assert_max_num_queries(4):
        client.get(overview, {"kind": "enterprise"})


def test_a_member_sees_the_chosen_party_and_never_a_strangers(client: Client) -> None:
    user = make_user()
    organisation, person = make_organisation(user), make_person(user)
    stranger = make_organisation(make_user())
    client.force_login(user)
    overview = reverse("programmes:eligibility")
    assert client.get(overview, {"party": person.pk}).context["party"] == person
    assert client.get(overview, {"party": organisation.pk}).context["party"] == organisation
    assert client.get(overview, {"party": stranger.pk}).context["party"] in (organisation, person)


def test_the_profile_answers_and_is_kept(client: Client) -> None:
    user = make_user()
    party = make_organisation(user)
    client.force_login(user)
    profile = reverse("programmes:profile", args=[party.pk])
    page = client.get(profile)
    assert "registered_in_qingdao" in page.context["form"].fields
    saved = client.post(profile, {"fact-registered_in_qingdao": "false"})
    assert saved.status_code == 302
    assert list(ProfileFact.objects.values_list("key", "value")) == [
        ("registered_in_qingdao", "false")
    ]
    found = client.get(reverse("programmes:eligibility"), {"party": party.pk})
    told = {one.rules.code: told for one, told in found.context["answers"]}
    assert told["internet-hq-one-off-subsidy"].decision == "ineligible"


def test_a_wrong_profile_value_is_named_and_the_rest_kept(client: Client) -> None:
    user = make_user()
    party = make_organisation(user)
    client.force_login(user)
    wrong = {"fact-registered_in_qingdao": "true", "fact-registration_date": "sometime"}
    page = client.post(reverse("programmes:profile", args=[party.pk]), wrong)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["registration_date"]
    assert ProfileFact.objects.get().key == "registered_in_qingdao"


def test_a_strangers_profile_does_not_exist(client: Client) -> None:
    party = make_organisation(make_user())
    profile = reverse("programmes:profile", args=[party.pk])
    assert client.get(profile).url == f"/accounts/login/?next={profile}"
    client.force_login(make_user())
    assert client.get(profile).status_code == 404
