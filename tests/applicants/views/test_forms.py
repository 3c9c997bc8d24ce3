"""A wrong form comes back as it was typed, with each problem named, linked and beside its field."""

from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from applicants.models import BankAccount, Document, Membership, Party, User
from tests.applicants.files import PDF, upload
from tests.applicants.numbers import valid_identity
from tests.factories import make_user, valid_uscc

IN_ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


class Page(HTMLParser):
    """The values of the form's controls, the title, and where the error summary links to."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.title = self.select = ""
        self.in_title = False
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        attributes = dict(found)
        self.in_title = tag == "title"
        self.ids.add(attributes.get("id") or "")
        if tag == "input" and "name" in attributes:
            self.values[attributes["name"] or ""] = attributes.get("value") or ""
        if tag == "select":
            self.select = attributes["name"] or ""
        if tag == "option" and "selected" in attributes:
            self.values[self.select] = attributes.get("value") or ""
        if tag == "a" and (attributes.get("href") or "").startswith("#id_"):
            self.links.append((attributes["href"] or "").removeprefix("#"))

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title, self.in_title = data, False


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    client.defaults |= IN_ENGLISH
    return client


def test_a_half_filled_registration_comes_back_as_typed(signed_in: Client) -> None:
    typed = {"uscc": "9111000060003734", "kind": "fund", "name": "某基金", "address": "某路1号"}
    answer = signed_in.post(reverse("applicants:register_organisation"), typed)
    page = Page(answer)
    assert {key: page.values[key] for key in typed} == typed
    assert (page.links, page.links[0] in page.ids) == (["id_uscc"], True)
    assert page.title.startswith("Error: ")
    assert "This has 16 characters; write all 18, without spaces." in answer.content.decode()
    assert not Party.objects.filter(name="某基金").exists()


def test_every_missing_field_is_named_at_once(signed_in: Client) -> None:
    page = Page(signed_in.post(reverse("applicants:register_organisation"), {}))
    assert page.links == ["id_uscc", "id_kind", "id_name"]
    assert set(page.links) - page.ids == set()


def test_a_mistyped_number_is_told_together_with_what_is_missing(signed_in: Client) -> None:
    wrong = {
        "register_organisation": ({"uscc": "91"}, ["id_uscc", "id_kind", "id_name"]),
        "register_person": ({"id_number": "37"}, ["id_name", "id_id_number"]),
    }
    for page, (typed, links) in wrong.items():
        assert Page(signed_in.post(reverse(f"applicants:{page}"), typed)).links == links


def test_a_good_registration_leads_to_the_organisation(signed_in: Client, owner: User) -> None:
    typed = {"uscc": valid_uscc().lower(), "kind": "university", "name": "某大学"}
    answer = signed_in.post(reverse("applicants:register_organisation"), typed)
    party = Party.objects.get(name="某大学")
    assert answer.url == reverse("applicants:party", args=[party.pk])
    assert Membership.objects.get(party=party).user == owner


def test_the_number_of_a_person_is_shown_by_its_last_four_alone(signed_in: Client) -> None:
    number = valid_identity()
    typed = {"name": "测试人员", "id_number": number}
    answer = signed_in.post(reverse("applicants:register_person"), typed, follow=True)
    shown = answer.content.decode()
    assert (answer.status_code, number in shown, f"*{number[-4:]}" in shown) == (200, False, True)


def test_an_account_number_is_shown_by_its_last_four_alone(
    signed_in: Client, organisation: Party
) -> None:
    number = "6217000099998888777"
    typed = {"holder": "甲", "bank": "某银行", "number": number}
    url = reverse("applicants:bank_account", args=[organisation.pk])
    answer = signed_in.post(url, typed, follow=True)
    pages = answer.content.decode() + signed_in.get(url).content.decode()
    assert (number in pages, "**** 8777" in pages) == (False, True)
    assert BankAccount.objects.get(party=organisation, is_current=True).holder == "甲"


def test_every_problem_of_an_account_is_told_at_once(
    signed_in: Client, organisation: Party
) -> None:
    url = reverse("applicants:bank_account", args=[organisation.pk])
    answer = signed_in.post(url, {"holder": "甲", "number": "12345"})
    assert Page(answer).links == ["id_bank", "id_number"]


def test_a_member_who_has_no_account_is_explained(signed_in: Client, organisation: Party) -> None:
    url = reverse("applicants:member_add", args=[organisation.pk])
    answer = signed_in.post(url, {"email": "nobody@example.test", "role": "clerk"})
    assert Page(answer).links == ["id_email"]
    added = make_user("added")
    signed_in.post(url, {"email": added.email, "role": "owner"})
    assert Membership.objects.get(party=organisation, user=added).role == "owner"


def test_the_last_owner_is_told_why_he_stays(
    signed_in: Client, owner: User, organisation: Party
) -> None:
    member = Membership.objects.get(party=organisation, user=owner)
    url = reverse("applicants:member_end", args=[organisation.pk, member.pk])
    answer = signed_in.post(url, follow=True)
    assert "This is the only owner; add another owner first." in answer.content.decode()


def test_a_refused_upload_says_what_to_do_and_a_good_one_is_listed(
    signed_in: Client, organisation: Party
) -> None:
    url = reverse("applicants:documents", args=[organisation.pk])
    refused = signed_in.post(url, {"file": upload("macro.docm", PDF)})
    assert (Page(refused).links, Document.objects.count()) == (["id_file"], 0)
    assert Page(signed_in.post(url)).links == ["id_file"]
    listed = signed_in.post(url, {"file": upload("证明.pdf", PDF)}, follow=True)
    assert "证明.pdf" in listed.content.decode()


def test_own_details_are_saved(signed_in: Client, owner: User) -> None:
    assert Page(signed_in.post(reverse("applicants:me"), {"name": "x" * 81})).links != []
    signed_in.post(reverse("applicants:me"), {"name": "经办人", "language": "en"})
    owner.refresh_from_db()
    assert (owner.name, owner.language) == ("经办人", "en")
