"""The public registers and what an applicant holds: who is shown, who is not, and the CSV."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incentives.domain import register_lists
from incentives.models import RegisterEntry
from tests.factories import make_organisation, make_person, make_user
from tests.reviews import unpaid
from tests.reviews.domain.test_entries import entry
from tests.reviews.unpaid import TITLE

pytestmark = pytest.mark.django_db
LIST = "/registers/qingdao/some-title/"


def shown(client, **query):
    rows = client.get(LIST, query).context["rows"]
    return {found.number: name for found, name, _level in rows}


def test_what_is_in_force_is_shown_with_its_organisation(client: Client) -> None:
    one, ended, last_day = entry(), entry(), entry(days=0)
    RegisterEntry.objects.filter(pk=ended.pk).update(state="ended")
    assert shown(client) == {one.number: one.party.name, last_day.number: last_day.party.name}
    tomorrow = register_lists.public_entries(timezone.localdate() + timedelta(days=1))
    assert list(tomorrow) == [one]  # whether the night's task has run or not
    assert one.party.uscc in client.get(LIST).content.decode()
    context = client.get("/registers/").context
    assert [row["count"] for group in context["groups"] for row in group["lists"]] == [2]


@pytest.mark.parametrize("kind", ["status", "voucher", "filing", "in_kind", "agreement", "waiver"])
def test_of_persons_only_what_was_made_public_is_shown(client: Client, kind: str) -> None:
    person = make_person(make_user())
    hidden, title = entry(kind, party=person), entry("title", party=person)
    assert shown(client) == {title.number: "测***"}
    text = client.get(LIST).content.decode()
    assert (hidden.number in text, person.name in text, person.identity_last4 in text) == (
        False,
        False,
        False,
    )


def test_a_masked_name_is_not_found_by_searching_for_it(client: Client) -> None:
    person = make_person(make_user())
    entry("title", party=person)
    own = entry()
    assert shown(client, words=person.name) == {}
    assert shown(client, words=own.party.name) == {own.number: own.party.name}
    assert shown(client, words=own.party.uscc.lower()) == {own.number: own.party.name}


def test_terms_and_figures_are_nobodys_to_read(client: Client) -> None:
    entry("agreement", terms="地价按七折", figure="5000000.00")
    text = client.get(LIST).content.decode()
    assert ("七折" in text, "5,000,000" in text) == (False, False)


def test_the_download_holds_what_the_page_shows(client: Client) -> None:
    client.cookies["django_language"] = "en"
    risky = make_organisation(make_user())
    type(risky).objects.filter(pk=risky.pk).update(name="=1+1")
    entry(party=risky)
    answer = client.get(f"{LIST[:-1]}.csv")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(body)))
    assert rows[0][:3] == ["Number", "Holder", "Unified social credit code"]
    assert [row[1] for row in rows[1:]] == ["'=1+1"]
    assert client.get("/registers/qingdao/nothing.csv").status_code == 404


def test_lists_are_narrowed_and_strange_ones_not_found(client: Client) -> None:
    entry()
    unpaid.concluded(TITLE)
    groups = client.get("/registers/", {"city": "dalian"}).context["groups"]
    assert [row["title"] for group in groups for row in group["lists"]] == [TITLE]
    assert client.get("/registers/", {"kind": "waiver"}).context["groups"] == []
    assert client.get("/registers/qingdao/nothing/").status_code == 404
    assert client.get(f"/registers/qingdao/{TITLE}/").status_code == 404


def test_the_pages_cost_the_same_however_long(
    client: Client, django_assert_max_num_queries
) -> None:
    made = [entry() for _one in range(22)]
    with django_assert_max_num_queries(8):
        assert len(client.get(LIST).context["rows"]) == 20
    older = client.get(LIST).context["next_url"]
    rows = client.get(f"{LIST}{older}").context["rows"]
    assert [found.pk for found, _name, _level in rows] == [made[1].pk, made[0].pk]
    with django_assert_max_num_queries(5):
        client.get("/registers/")


@pytest.mark.parametrize("name", ["held", "held_entry", "certificate"])
def test_what_one_holds_is_for_its_members(client: Client, name: str) -> None:
    one = entry("agreement", terms="地价按七折", figure="5000000.00")
    keys = [one.party_id] if name == "held" else [one.party_id, one.pk]
    page = reverse(f"programmes:{name}", args=keys)
    assert client.get(page).status_code == 302
    client.force_login(make_user())
    assert client.get(page).status_code == 404
    client.force_login(one.entered_by)
    text = client.get(page).content.decode()
    assert one.number in text
    assert ("七折" in text) is (name != "held")


def test_an_entry_is_found_under_its_holder_alone(client: Client) -> None:
    one, other = entry(), entry()
    client.force_login(one.entered_by)
    strange = reverse("programmes:held_entry", args=[one.party_id, other.pk])
    assert client.get(strange).status_code == 404
