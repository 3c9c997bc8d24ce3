from typing import Any

import pytest

from applicants.models import Party
from reviews.demo import walk
from tests import factories
from tests.api.client import Api, errors
from tests.applicants.files import PDF, upload


@pytest.fixture
def owner(db: None) -> Api:
    return Api(factories.make_user("owner"))


@pytest.fixture
def party(owner: Api) -> int:
    return int(owner.post("parties/organisations/", organisation(), 201)["id"])


def organisation(**other: Any) -> dict[str, Any]:
    return {"uscc": factories.valid_uscc(), "kind": "enterprise", "name": "甲公司"} | other


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"uscc": "913702000000000000"}, "uscc"),
        ({"kind": "person"}, "kind"),
        ({"name": " "}, "name"),
        ({"name": "甲" * 161}, "name"),
        ({"district": "atlantis"}, "district"),
        ({"district": 5}, "district"),
        ({"owner": "me"}, "owner"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(
    owner: Api, wrong: dict[str, Any], field: str
) -> None:
    answer = owner.post("parties/organisations/", organisation(**wrong), 400)
    assert list(errors(answer)) == [field]
    assert Party.objects.count() == 0


def test_a_code_is_registered_once(owner: Api, party: int) -> None:
    taken = Party.objects.get(pk=party).uscc
    answer = owner.post("parties/organisations/", organisation(uscc=taken), 400)
    assert list(errors(answer)) == ["uscc"]


def test_details_change_and_numbers_stay(owner: Api, party: int) -> None:
    shown = owner.patch(f"parties/{party}/", {"phone": "0532", "district": "laoshan"})
    assert (shown["phone"], shown["district"], shown["name"]) == ("0532", "laoshan", "甲公司")
    for field in ("uscc", "kind", "id", "number"):
        answer = owner.patch(f"parties/{party}/", {field: "x"}, 400)
        assert list(errors(answer)) == [field]


def test_a_clerk_may_apply_and_not_decide(owner: Api, party: int) -> None:
    user = factories.make_user("clerk")
    member = {"email": user.email, "role": "clerk"}
    made = owner.post(f"parties/{party}/members/", member, 201)
    clerk = Api(user)
    assert clerk.get(f"parties/{party}/")["name"] == "甲公司"
    clerk.patch(f"parties/{party}/", {"phone": "1"}, 403)
    clerk.post(f"parties/{party}/account/", account(), 403)
    clerk.post(f"parties/{party}/members/", member, 403)
    owner.delete(f"parties/{party}/members/{made['id']}/")
    clerk.get(f"parties/{party}/", 404)


def account(**other: str) -> dict[str, str]:
    return {"holder": "甲公司", "bank": "测试银行", "number": "6217000000000000777"} | other


def test_an_account_is_shown_masked(owner: Api, party: int) -> None:
    owner.get(f"parties/{party}/account/", 404)
    owner.post(f"parties/{party}/account/", account(), 201)
    response = owner.send("GET", f"parties/{party}/account/")
    assert "6217000000000000777" not in response.content.decode()
    assert response.json()["number"] == "**** **** **** 0777"
    answer = owner.post(f"parties/{party}/account/", account(number="12 34"), 400)
    assert list(errors(answer)) == ["number"]


def test_a_person_is_shown_masked(owner: Api) -> None:
    number = walk.identity()
    shown = owner.post("parties/persons/", {"name": "测试人员", "id_number": number}, 201)
    assert shown["number"] == f"{'*' * 14}{number[-4:]}"


def test_papers_are_checked_and_given_back_as_they_came(owner: Api, party: int) -> None:
    path = f"parties/{party}/documents/"
    made = owner.upload(path, upload("证明.pdf", PDF))
    assert owner.download(f"documents/{made['id']}/") == PDF
    assert [row["id"] for row in owner.get(path)["results"]] == [made["id"]]
    answer = owner.upload(path, upload("证明.pdf", b"<html>"), 400)
    assert list(errors(answer)) == ["file"]
    assert list(errors(owner.upload(path, "no file", 400))) == ["file"]
    assert errors(owner.post(path, {}, 415)) is not None


def test_profile_facts_are_reused(owner: Api, party: int) -> None:
    path = f"parties/{party}/facts/"
    asked = {line["key"]: line for line in owner.get(path)}
    key = next(key for key, line in asked.items() if line["type"] == "boolean")
    assert asked[key]["value"] is None
    kept = {line["key"]: line["value"] for line in owner.patch(path, {"facts": {key: True}})}
    assert kept[key] == "true"
    both = {"facts": {key: False, "colour": "red"}}
    assert list(errors(owner.patch(path, both, 400))) == ["colour"]
    assert list(errors(owner.patch(path, {"facts": {key: "maybe"}}, 400))) == [key]
    assert {line["key"]: line["value"] for line in owner.get(path)}[key] == "true"
