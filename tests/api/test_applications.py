from typing import Any

import pytest

from reviews.demo import walk
from reviews.models import Application, CaseFact
from tests import factories
from tests.api.client import Api, errors

CODE = "enterprise-tech-centre-award"
TEAM = "national-project-team-award"


@pytest.fixture
def cast(db: None) -> factories.Cast:
    return factories.Cast(CODE)


@pytest.fixture
def clerk(cast: factories.Cast) -> Api:
    return Api(cast.clerk)


def started(api: Api, party: int, code: str = CODE) -> int:
    body = {"party": party, "city": "qingdao", "programme": code}
    return int(api.post("applications/", body, 201)["id"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"party": 0}, "party"),
        ({"party": 10**30}, "party"),
        ({"programme": "none-such"}, "programme"),
        ({"city": "atlantis"}, "programme"),
        ({"programme": "settling-in-allowance"}, "applicant"),
    ],
)
def test_a_start_that_cannot_be_names_its_field(
    cast: factories.Cast, clerk: Api, wrong: dict[str, Any], field: str
) -> None:
    body = {"party": cast.party.pk, "city": "qingdao", "programme": CODE} | wrong
    assert list(errors(clerk.post("applications/", body, 400))) == [field]
    assert Application.objects.count() == 0


def test_facts_are_kept_whole_or_not_at_all(cast: factories.Cast, clerk: Api) -> None:
    case = started(clerk, cast.party.pk)
    body = {"facts": {"centre_name": "甲", "level": "galactic", "colour": "red"}}
    answer = clerk.patch(f"applications/{case}/facts/", body, 400)
    assert sorted(map(str, errors(answer))) == ["colour", "level"]
    assert CaseFact.objects.filter(application=case).count() == 0
    shown = clerk.patch(f"applications/{case}/facts/", {"facts": {"centre_name": "甲"}})
    assert [(fact["key"], fact["declared"]) for fact in shown["facts"]] == [("centre_name", "甲")]
    shown = clerk.patch(f"applications/{case}/facts/", {"facts": {"centre_name": None}})
    assert [fact["declared"] for fact in shown["facts"]] == [None]


def test_submitting_half_a_form_names_what_is_missing(cast: factories.Cast, clerk: Api) -> None:
    case = started(clerk, cast.party.pk)
    told = errors(clerk.post(f"applications/{case}/submit/", {}, 400))
    assert list(told) == ["declaration"]
    told = errors(clerk.post(f"applications/{case}/submit/", {"declaration": True}, 400))
    assert sorted(map(str, told)) == ["approval_date", "centre_name", "level", "recognised"]
    problems = clerk.get(f"applications/{case}/check/")["problems"]
    assert sorted(problems) == sorted(map(str, told))


def test_papers_are_laid_and_taken_away(cast: factories.Cast, clerk: Api) -> None:
    case = started(clerk, cast.party.pk)
    paper = factories.make_document(cast.party, cast.clerk)
    laid = {"fact": "level", "document": str(paper.pk)}
    made = clerk.post(f"applications/{case}/evidence/", laid, 201)
    assert clerk.get(f"applications/{case}/")["evidence"] == [made]
    clerk.delete(f"applications/{case}/evidence/{made['id']}/")
    clerk.delete(f"applications/{case}/evidence/{made['id']}/", 404)
    stranger = factories.make_user()
    other = factories.make_document(factories.make_organisation(stranger), stranger)
    told = clerk.post(f"applications/{case}/evidence/", laid | {"document": str(other.pk)}, 400)
    assert list(errors(told)) == ["document"]
    told = clerk.post(f"applications/{case}/evidence/", laid | {"fact": "colour"}, 400)
    assert list(errors(told)) == ["fact"]


def test_a_team_shares_an_award(cast: factories.Cast, clerk: Api) -> None:
    case = started(clerk, cast.party.pk, TEAM)
    person = {
        "name": "团队成员",
        "id_number": walk.identity(),
        "bank": "测试银行",
        "number": "6222000000000000001",
        "share": "60",
    }
    made = clerk.post(f"applications/{case}/payees/", person, 201)
    assert (made["share"], made["account"]) == ("60.00", "**** **** **** 0001")
    assert person["id_number"] not in clerk.send("GET", f"applications/{case}/").content.decode()
    more = person | {"id_number": walk.identity(), "share": "50"}
    assert list(errors(clerk.post(f"applications/{case}/payees/", more, 400))) == ["share"]
    clerk.delete(f"applications/{case}/payees/{made['id']}/")
    assert clerk.get(f"applications/{case}/")["payees"] == []


def test_a_case_that_moved_on_is_a_conflict(cast: factories.Cast, clerk: Api) -> None:
    case = factories.submitted(cast)
    body = {"facts": {"centre_name": "乙"}}
    answer = clerk.patch(f"applications/{case.pk}/facts/", body, 409)
    assert answer["errors"][0]["code"] == "conflict"
    assert clerk.post(f"applications/{case.pk}/withdraw/", {})["state"] == "withdrawn"
    clerk.post(f"applications/{case.pk}/withdraw/", {}, 409)


def test_an_account_entered_later_is_taken_over(db: None) -> None:
    user = factories.make_user()
    party = factories.make_organisation(user)
    party.bankaccount_set.update(is_current=False)
    api = Api(user)
    case = started(api, party.pk)
    assert list(errors(api.post(f"applications/{case}/use_account/", status=400))) == ["account"]
    factories.add_account(party, user)
    assert api.post(f"applications/{case}/use_account/")["account"].startswith("****")
