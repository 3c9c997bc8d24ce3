"""A deputy acts with lent roles, for days, as the person that he or she is."""

from datetime import date, timedelta

import pytest
import time_machine

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Event, Notice
from reviews.demo import walk
from reviews.domain import acceptance, determinations, opinions
from reviews.domain.actions import Action, available
from reviews.domain.cases import subject_of
from reviews.domain.delegations import delegate, delegations_for, end_delegation
from reviews.domain.queries import cases_for_staff
from reviews.domain.queues import desk_of
from reviews.domain.roles import has_role, own_roles_of
from reviews.domain.working_days import today
from reviews.models import Delegation
from reviews.models.staff import Role
from reviews.models.task import Position
from tests import factories
from tests.factories import Cast, bureau, give_role, make_staff, make_user
from tests.incentives.domain.threads import at_once

PROGRAMME = "hitech-first-recognition-award"  # 市科技局 handles it; miit and finance give opinions


@pytest.fixture
def cast(db):
    return Cast(PROGRAMME)


def lend(absent, deputy, *, by=None, code="sti", starts=0, ends=7):
    return delegate(
        absent=absent,
        deputy=deputy,
        bureau=bureau(code),
        starts_on=today() + timedelta(days=starts),
        ends_on=today() + timedelta(days=ends),
        user=by or absent,
    )


def latest(case):
    return Event.objects.filter(subject=subject_of(case)).latest("id")


def test_the_deputy_approves_and_the_event_says_for_whom(cast):
    case = factories.proposed(cast)
    absent, deputy = cast.of("sti", Role.APPROVER), cast.of("sti", Role.LEADER)
    assert Action("approve") not in available(case, deputy)
    lend(absent, deputy)
    assert Action("approve") in available(case, deputy)
    determinations.approve(case_id=case.pk, user=deputy)
    event = latest(case)
    assert event.actor == deputy
    assert event.data["for"] == {"id": absent.pk, "name": str(absent)}
    assert case.determinations.get().approved_by == deputy


def test_whoever_acts_in_person_acts_for_nobody(cast):
    case = factories.submitted(cast)
    absent, deputy = cast.of("sti", Role.PREPARER), cast.free(make_staff(Role.PREPARER, "sti"))
    lend(absent, deputy)
    acceptance.accept(case_id=case.pk, user=deputy)
    assert "for" not in latest(case).data


def test_two_hands_stay_two_people(cast):
    """The preparer who stands in for the approver approves nothing of his own."""
    case = factories.accepted(cast)
    preparer = cast.of("miit", Role.PREPARER)
    opinions.prepare_opinion(
        case_id=case.pk, bureau=bureau("miit"), position=Position.AGREE, text="", user=preparer
    )
    lend(cast.of("miit", Role.APPROVER), preparer, code="miit")
    assert Action("approve_opinion", bureau("miit")) not in available(case, preparer)
    with pytest.raises(NotAllowed):
        opinions.approve_opinion(case_id=case.pk, bureau=bureau("miit"), user=preparer)


def test_nor_is_the_own_proposal_approved_as_a_deputy(cast):
    case = factories.proposed(cast)
    preparer = cast.of("sti", Role.PREPARER)
    lend(cast.of("sti", Role.APPROVER), preparer)
    assert Action("approve") not in available(case, preparer)
    with pytest.raises(NotAllowed):
        determinations.approve(case_id=case.pk, user=preparer)


def test_the_deputy_declares_in_person(cast):
    case = factories.proposed(cast)
    deputy = make_staff(Role.LEADER, "sti")
    lend(cast.of("sti", Role.APPROVER), deputy)
    assert available(case, deputy) == [Action("declare")]
    with pytest.raises(NotAllowed):
        determinations.approve(case_id=case.pk, user=deputy)


@pytest.mark.parametrize(("shift", "acts"), [(0, False), (1, True), (3, True), (4, False)])
def test_from_the_first_day_to_the_last(db, shift, acts):
    absent, deputy = make_staff(Role.APPROVER, "sti"), make_staff(Role.PREPARER, "sti")
    lend(absent, deputy, starts=1, ends=3)
    with time_machine.travel(date.today() + timedelta(days=shift), tick=False):
        assert has_role(deputy, Role.APPROVER, bureau=bureau("sti")) is acts


@pytest.mark.parametrize("who", ["absent", "deputy", "leader"])
def test_either_ends_it_early(db, who):
    people = {
        "absent": make_staff(Role.APPROVER, "sti"),
        "deputy": make_staff(Role.PREPARER, "sti"),
        "leader": make_staff(Role.LEADER, "sti"),
    }
    delegation = lend(people["absent"], people["deputy"])
    end_delegation(delegation_id=delegation.pk, user=people[who])
    assert not has_role(people["deputy"], Role.APPROVER)
    with pytest.raises(Conflict):
        end_delegation(delegation_id=delegation.pk, user=people[who])


def test_strangers_neither_see_nor_end_it(db):
    delegation = lend(make_staff(Role.APPROVER, "sti"), make_staff(Role.PREPARER, "sti"))
    for stranger in (make_staff(Role.LEADER, "drc"), make_staff(Role.PREPARER, "sti")):
        assert list(delegations_for(stranger)) == []
        with pytest.raises(NotAllowed):
            end_delegation(delegation_id=delegation.pk, user=stranger)
    auditor = make_staff(Role.AUDITOR)
    assert list(delegations_for(auditor)) == [delegation]
    with pytest.raises(NotAllowed):
        end_delegation(delegation_id=delegation.pk, user=auditor)


def test_a_leader_sets_it_and_both_are_told(db):
    leader, absent = make_staff(Role.LEADER, "sti"), make_staff(Role.APPROVER, "sti")
    deputy = make_staff(Role.PREPARER, "sti")
    lend(absent, deputy, by=leader)
    told = Notice.objects.filter(kind="delegation.made").values_list("user", flat=True)
    assert set(told) == {absent.pk, deputy.pk}
    assert Event.objects.get(kind="delegation.made").actor == leader


def test_others_do_not_set_it(db):
    absent, deputy = make_staff(Role.APPROVER, "sti"), make_staff(Role.PREPARER, "sti")
    for other in (deputy, make_staff(Role.LEADER, "drc"), make_staff(Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            lend(absent, deputy, by=other)


def test_what_is_lent_is_not_lent_on(db):
    """The leader's deputy is no leader when it comes to delegations, nor passes roles on."""
    leader, deputy = make_staff(Role.LEADER, "sti"), make_staff(Role.PREPARER, "sti")
    third = make_staff(Role.PREPARER, "sti")
    lend(leader, deputy)
    assert has_role(deputy, Role.LEADER, bureau=bureau("sti"))
    with pytest.raises(NotAllowed):
        lend(make_staff(Role.APPROVER, "sti"), third, by=deputy)
    lend(deputy, third)
    assert not has_role(third, Role.LEADER)


@pytest.mark.parametrize(
    ("days", "field"), [((-1, 3), "starts_on"), ((3, 2), "ends_on")], ids=["past", "backwards"]
)
def test_days_in_order(db, days, field):
    absent, deputy = make_staff(Role.APPROVER, "sti"), make_staff(Role.PREPARER, "sti")
    with pytest.raises(Refused) as refused:
        lend(absent, deputy, starts=days[0], ends=days[1])
    assert list(refused.value.message_dict) == [field]


def test_only_a_colleague_who_is_there(db):
    absent = make_staff(Role.APPROVER, "sti")
    away = make_staff(Role.PREPARER, "sti")
    lend(away, make_staff(Role.PREPARER, "sti"))
    for nobody in (absent, make_staff(Role.PREPARER, "drc"), make_user("clerk"), away):
        with pytest.raises(Refused) as refused:
            lend(absent, nobody)
        assert list(refused.value.message_dict) == ["deputy"]


def test_one_deputy_at_a_time(db):
    absent = make_staff(Role.APPROVER, "sti")
    first, second = make_staff(Role.PREPARER, "sti"), make_staff(Role.PREPARER, "sti")
    lend(absent, first, ends=3)
    with pytest.raises(Refused):
        lend(absent, second, starts=3, ends=5)
    lend(absent, second, starts=4, ends=5)


def test_two_delegations_at_once_are_one(committed_db):
    absent, leader = make_staff(Role.APPROVER, "sti"), make_staff(Role.LEADER, "sti")
    deputies = [make_staff(Role.PREPARER, "sti") for _ in range(4)]
    at_once([lambda one=one: lend(absent, one, by=leader) for one in deputies])
    assert Delegation.objects.count() == 1


def test_without_the_lock_there_would_be_several(committed_db, monkeypatch):
    from time import sleep

    from reviews.domain import delegations

    monkeypatch.setattr(delegations, "_lock_roles", lambda *_: None)
    checked = delegations._require_free
    slowly = lambda *args: (checked(*args), sleep(0.5))  # noqa: E731
    monkeypatch.setattr(delegations, "_require_free", slowly)
    absent, leader = make_staff(Role.APPROVER, "sti"), make_staff(Role.LEADER, "sti")
    deputies = [make_staff(Role.PREPARER, "sti") for _ in range(3)]
    at_once([lambda one=one: lend(absent, one, by=leader) for one in deputies])
    assert Delegation.objects.count() == 3


@pytest.mark.parametrize("leaves", ["absent", "deputy"])
def test_whoever_leaves_the_bureau_ends_it_too(db, leaves):
    people = {
        "absent": make_staff(Role.APPROVER, "sti"),
        "deputy": make_staff(Role.PREPARER, "sti"),
    }
    lend(people["absent"], people["deputy"])
    own_roles_of(people[leaves]).update(is_active=False)
    give_role(people["deputy"], Role.PREPARER, "drc")
    assert not has_role(people["deputy"], Role.APPROVER)


def test_only_the_roles_of_that_bureau_are_lent(db):
    absent, deputy = make_staff(Role.APPROVER, "sti"), make_staff(Role.PREPARER, "sti")
    give_role(absent, Role.APPROVER, "drc")
    give_role(absent, Role.POLICY_EDITOR)
    lend(absent, deputy)
    assert has_role(deputy, Role.APPROVER, bureau=bureau("sti"))
    assert not has_role(deputy, Role.APPROVER, bureau=bureau("drc"))
    assert not has_role(deputy, Role.POLICY_EDITOR)


def test_a_deputy_sees_what_the_absent_sees_but_never_the_own_organisation(cast):
    case = factories.accepted(cast)
    deputy = make_staff(Role.FINANCE_PREPARER, "finance")
    assert list(cases_for_staff(deputy)) == []
    absent = make_staff(Role.PREPARER, "finance")
    lend(absent, deputy, code="finance")
    assert list(cases_for_staff(deputy)) == [case]
    assert desk_of(deputy).people == {deputy.pk, absent.pk}
    cast.party.membership_set.create(user=deputy, role="clerk")
    assert list(cases_for_staff(deputy)) == []
    walk.declared(case, cast.of("finance", Role.PREPARER))
