"""What is foretold of many cases is what `available` says of each, and costs the same for all."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.models import Membership
from reviews.demo import walk
from reviews.domain.actions import available
from reviews.domain.interests import declare, has_conflict
from reviews.domain.opinions import prepare_opinion
from reviews.domain.prospects import STEPS, prospects
from reviews.domain.queries import REVIEWING
from reviews.models import Application
from reviews.models.staff import Role
from reviews.models.task import Position
from tests import factories
from tests.factories import Cast, bureau, make_organisation, make_staff, make_user
from tests.reviews.domain import test_sharing
from tests.reviews.domain.test_delegations import PROGRAMME
from tests.reviews.domain.test_party_changes import Registry

NAMES = {"give": "approve_opinion"}  # others are called alike
STEPS_OF_ACTIONS = [name for name in STEPS if name not in ("declare", "take", "assign")]
PEOPLE = [
    ("sti", Role.PREPARER), ("sti", Role.APPROVER), ("sti", Role.LEADER),
    ("miit", Role.PREPARER), ("miit", Role.APPROVER), ("finance", Role.FINANCE_PREPARER),
]  # fmt: skip
STAGES = [
    factories.submitted, factories.accepted, factories.reviewed, factories.proposed,
    factories.determined, factories.checked, factories.published,
]  # fmt: skip
BESIDE = ("city", "programme", "version", "applicant", "handling_bureau")


def loaded(*cases):
    rows = Application.objects.filter(pk__in=[case.pk for case in cases]).order_by("pk")
    return list(rows.select_related(*BESIDE))


def agree(case, user):
    (case,) = loaded(case)
    actions = {action.name for action in available(case, user)}
    for step in STEPS_OF_ACTIONS:
        (found,) = prospects(step, [case], user)
        wanted = NAMES.get(step, step) in actions
        assert (not found.why_not) is wanted, (step, case.state, str(user), found.why_not)


@pytest.mark.parametrize("stage", STAGES)
def test_as_available_says(db, stage):
    cast = Cast(PROGRAMME)
    case = stage(cast)
    for code, role in PEOPLE:
        agree(case, cast.of(code, role))
        agree(case, make_staff(role, code))  # has not declared


def test_as_available_says_of_an_opinion_that_waits(db):
    cast = Cast(PROGRAMME)
    case = factories.accepted(cast)
    author = cast.of("miit", Role.PREPARER)
    prepare_opinion(
        case_id=case.pk, bureau=bureau("miit"), position=Position.AGREE, text="", user=author
    )
    for code, role in PEOPLE:
        agree(case, cast.of(code, role))


def test_as_available_says_once_publicity_is_over(db):
    cast = Cast(PROGRAMME)
    case = factories.published(cast)
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        for code, role in PEOPLE:
            agree(case, cast.of(code, role))


def test_as_available_says_of_what_waits_for_a_budget_and_waits_no_more(db):
    cast = Cast(test_sharing.PROGRAMME)
    test_sharing.make_pro_rata(cast, "100.00")
    case = test_sharing.waiting_case(cast)
    people = [cast.of(cast.handling, role) for role in REVIEWING]
    for person in people:
        agree(case, person)
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        for person in people:
            agree(case, person)


def test_a_conflict_closes_every_step(db):
    cast = Cast(PROGRAMME)
    case = factories.submitted(cast)
    person = make_staff(Role.PREPARER, "sti")
    declare(case_id=case.pk, user=person, conflict=True, reason="亲属")
    for step in STEPS:
        (found,) = prospects(step, loaded(case), person)
        assert found.why_not


def test_a_tie_that_a_merger_makes_after_the_declaration_closes_every_step(db):
    cast, other = Cast(PROGRAMME), make_organisation(make_user())
    case, person = factories.submitted(cast), make_staff(Role.PREPARER, "sti")
    Membership.objects.create(party=other, user=person, role="clerk")
    cast.free(person)
    (found,) = prospects("accept", loaded(case), person)
    assert not found.why_not
    Registry().merge(other, cast.party)
    (case,) = loaded(case)
    assert has_conflict(case, person)
    for step in STEPS:
        (found,) = prospects(step, [case], person)
        assert found.why_not


def test_a_fixed_number_of_queries(db):
    casts = [Cast(PROGRAMME) for _ in range(4)]
    cases = [factories.proposed(cast) for cast in casts]
    approver = casts[0].of("sti", Role.APPROVER)
    for case in cases[1:]:
        walk.declared(case, approver)
    for step in STEPS:
        costs = []
        for many in (1, 4):
            chosen = loaded(*cases[:many])
            with CaptureQueriesContext(connection) as seen:
                prospects(step, chosen, approver, to=casts[0].of("sti", Role.PREPARER))
            costs.append(len(seen))
        assert costs[0] == costs[1], step
