"""A party's pages exist for its members; what only owners may do is refused to clerks."""

import pytest
from django.test import Client
from django.urls import reverse

from applicants.domain.members import add_member
from applicants.models import BankAccount, Membership, Notice, Party, User
from tests.factories import make_user

FOR_MEMBERS = ("party", "documents")
FOR_OWNERS = ("party_edit", "bank_account", "member_add")


@pytest.fixture
def clerk(owner: User, organisation: Party) -> User:
    user = make_user("clerk")
    add_member(party=organisation, email=user.email, role="clerk", user=owner)
    return user


def status(client: Client, user: User | None, page: str, party: Party, method: str = "get") -> int:
    if user:
        client.force_login(user)
    return getattr(client, method)(reverse(f"applicants:{page}", args=[party.pk])).status_code


@pytest.mark.parametrize("page", FOR_MEMBERS + FOR_OWNERS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_meets_which_page(
    client: Client, owner: User, clerk: User, organisation: Party, page: str, method: str
) -> None:
    asking = (None, make_user("stranger"), clerk, owner)
    found = [status(client, user, page, organisation, method) for user in asking]
    assert found == [302, 404, 403 if page in FOR_OWNERS else 200, 200]


def test_a_former_member_finds_nothing(client: Client, clerk: User, organisation: Party) -> None:
    Membership.objects.filter(user=clerk).update(is_active=False)
    assert status(client, clerk, "party", organisation) == 404


def test_a_clerk_changes_no_bank_account(client: Client, clerk: User, organisation: Party) -> None:
    before = list(BankAccount.objects.values())
    client.force_login(clerk)
    given = {"holder": "我", "bank": "某银行", "number": "6217000011112222333"}
    answer = client.post(reverse("applicants:bank_account", args=[organisation.pk]), given)
    assert (answer.status_code, list(BankAccount.objects.values())) == (403, before)


def test_a_clerk_does_not_end_the_owners_membership(
    client: Client, clerk: User, owner: User, organisation: Party
) -> None:
    member = Membership.objects.get(party=organisation, user=owner)
    client.force_login(clerk)
    url = reverse("applicants:member_end", args=[organisation.pk, member.pk])
    assert client.post(url).status_code == 403
    assert Membership.objects.get(pk=member.pk).is_active


def test_a_membership_of_another_organisation_is_not_found(
    client: Client, owner: User, organisation: Party
) -> None:
    client.force_login(owner)
    url = reverse("applicants:member_end", args=[organisation.pk, 0])
    assert client.post(url).status_code == 404


def test_a_notice_is_its_readers_alone(client: Client, owner: User) -> None:
    notice = Notice.objects.create(user=make_user(), kind="case.accepted", key="a", data={})
    client.force_login(owner)
    assert client.get(reverse("applicants:notice", args=[notice.pk])).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


@pytest.mark.parametrize(
    "page", ["me", "inbox", "parties", "register_organisation", "register_person"]
)
def test_own_pages_ask_to_sign_in(client: Client, db: None, page: str) -> None:
    url = reverse(f"applicants:{page}")
    answer = client.get(url)
    assert (answer.status_code, answer.url) == (302, f"{reverse('account_login')}?next={url}")


def test_posts_without_a_token_are_refused(owner: User, organisation: Party) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    pages = ["party_edit", "bank_account", "member_add", "documents"]
    urls = [reverse(f"applicants:{page}", args=[organisation.pk]) for page in pages]
    assert [client.post(url).status_code for url in urls] == [403] * 4
