import threading

import pytest
from django.db import connection

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.members import add_member, end_membership, parties_of, role_in
from applicants.models import Membership, Party, User
from tests.factories import make_organisation, make_person, make_user


def membership(party: Party, user: User) -> Membership:
    return Membership.objects.get(party=party, user=user)


def test_a_clerk_is_added_by_address_and_acts_from_then_on(
    owner: User, organisation: Party
) -> None:
    clerk = make_user("clerk")
    add_member(party=organisation, email=f" {clerk.email.upper()} ", role="clerk", user=owner)
    assert role_in(party=organisation, user=clerk) == "clerk"
    assert list(parties_of(clerk)) == [organisation]


@pytest.mark.parametrize(
    ("email", "role", "field"),
    [("nobody@example.test", "clerk", "email"), ("", "clerk", "email"), ("known", "boss", "role")],
)
def test_who_cannot_be_added(
    owner: User, organisation: Party, email: str, role: str, field: str
) -> None:
    email = make_user().email if email == "known" else email
    with pytest.raises(Refused) as refusal:
        add_member(party=organisation, email=email, role=role, user=owner)
    assert list(refusal.value.message_dict) == [field]


def test_a_member_is_not_added_twice_but_comes_back(owner: User, organisation: Party) -> None:
    clerk = make_user("clerk")
    given = {"party": organisation, "email": clerk.email, "user": owner}
    member = add_member(**given, role="clerk")
    with pytest.raises(Refused):
        add_member(**given, role="owner")
    end_membership(party=organisation, membership_id=member.pk, user=owner)
    assert role_in(party=organisation, user=clerk) is None
    assert add_member(**given, role="owner") == member
    assert role_in(party=organisation, user=clerk) == "owner"


def test_clerks_and_strangers_change_no_members(owner: User, organisation: Party) -> None:
    clerk, stranger = make_user("clerk"), make_user("stranger")
    add_member(party=organisation, email=clerk.email, role="clerk", user=owner)
    for user in (clerk, stranger):
        with pytest.raises(NotAllowed):
            add_member(party=organisation, email=stranger.email, role="owner", user=user)
        with pytest.raises(NotAllowed):
            end_membership(
                party=organisation, membership_id=membership(organisation, owner).pk, user=user
            )


def test_a_clerk_may_leave_and_the_last_owner_may_not(owner: User, organisation: Party) -> None:
    clerk = make_user("clerk")
    member = add_member(party=organisation, email=clerk.email, role="clerk", user=owner)
    end_membership(party=organisation, membership_id=member.pk, user=clerk)
    with pytest.raises(Conflict):
        end_membership(party=organisation, membership_id=member.pk, user=owner)
    with pytest.raises(Refused):
        end_membership(
            party=organisation, membership_id=membership(organisation, owner).pk, user=owner
        )
    assert role_in(party=organisation, user=owner) == "owner"


def test_a_person_has_no_other_members(owner: User) -> None:
    with pytest.raises(Refused):
        add_member(party=make_person(owner), email=make_user().email, role="clerk", user=owner)


def test_two_owners_who_end_each_other_at_once_leave_one(committed_db: None) -> None:
    first, second = make_user("first"), make_user("second")
    party = make_organisation(first)
    add_member(party=party, email=second.email, role="owner", user=first)
    start, refused = threading.Barrier(2), []

    def end(user: User, other: User) -> None:
        start.wait()
        try:
            end_membership(party=party, membership_id=membership(party, other).pk, user=user)
        except (Refused, NotAllowed) as refusal:
            refused.append(type(refusal))
        connection.close()

    threads = [
        threading.Thread(target=end, args=pair) for pair in ((first, second), (second, first))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), Membership.objects.filter(party=party, is_active=True).count()) == (1, 1)
