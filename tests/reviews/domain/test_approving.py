"""Many determinations approved together: as one by one, one refused alone, at once to the fen."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from itertools import count
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import Event, User
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, ProRata
from reviews.demo import walk
from reviews.domain import approving, determinations, interests, reserving
from reviews.domain.cases import locked_many, subject_of
from reviews.models import Application, Determination, Letter, ReviewTask
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, fresh, make_organisation, make_staff
from tests.incentives.domain.test_money_threads import deadlocks
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import make_budget, make_fund
from tests.reviews.domain import test_history_at_once

CODE = "hitech-first-recognition-award"
_serial = count(1)
Approve = Callable[[Sequence[Application]], object]


def proposed(cast: Cast) -> Application:
    """For another organisation each time."""
    cast.party = make_organisation(cast.clerk)
    facts = walk.example_facts(cast.programme)[0]
    own = {"certificate_number": f"GR2020371{next(_serial):05d}"}
    return factories.proposed(cast, facts | own)


def make_proposed(cast: Cast, number: int) -> list[Application]:
    return [proposed(cast) for _ in range(number)]


def approver(cast: Cast, cases: Sequence[Application]) -> User:
    user = make_staff(Role.APPROVER, cast.handling)
    for case in cases:
        interests.declare(case_id=case.pk, user=user, conflict=False)
    return user


def budget(cast: Cast, planned: Decimal) -> None:
    make_budget(str(planned), year=timezone.localdate().year, fund=make_fund(cast.programme))


def written(cases: Sequence[Application]) -> list[object]:
    """All that an approval leaves behind, but for ids and moments."""
    found: list[object] = []
    for case in map(fresh, cases):
        one = case.determinations.get()
        kept = [one.state, one.granted, one.cuts, one.explanation, one.approved_by_id]
        award = Award.objects.filter(case_number=case.number)
        events = Event.objects.filter(subject=subject_of(case)).order_by("id")
        found += [
            (case.state, case.due_on, kept),
            list(award.values("amount", "assessed", "cuts", "state", "budget")),
            list(case.tasks.order_by("id").values("kind", "state", "due_on", "days", "bureau")),
            [(e.kind, e.actor_id, e.reason, e.data | {"letter": None}) for e in events],
            list(Letter.objects.filter(application=case).values("kind", "title")),
        ]
    return found


def undone(cases: Sequence[Application], approve: Approve) -> list[object]:
    with transaction.atomic():
        approve(cases)
        found = written(cases)
        transaction.set_rollback(True)
    return found


def test_together_leaves_what_one_by_one_leaves(db: None) -> None:
    """Three whole, one cut by the budget, one left nothing and refused."""
    cast = Cast(CODE)
    cases = make_proposed(cast, 5)
    whole = Determination.objects.get(application=cases[0]).assessed
    budget(cast, whole * 3 + 1)
    user = approver(cast, cases)

    def one_by_one(chosen: Sequence[Application]) -> None:
        for case in chosen:
            determinations.approve(case_id=case.pk, user=user)

    expected = undone(cases, one_by_one)
    assert undone(cases, partial(_together, user)) == expected
    _together(user, cases)
    granted = [case.determinations.get().granted for case in cases]
    assert granted == [whole, whole, whole, 1, 0]
    assert differences(city_code="qingdao") == []


def _together(user: User, cases: Sequence[Application]) -> None:
    assert approving.approve_many(cases=cases, user=user) == dict.fromkeys(
        [case.pk for case in cases]
    )


def test_they_are_reserved_in_the_order_given(db: None) -> None:
    cast = Cast(CODE)
    cases = make_proposed(cast, 3)
    budget(cast, cases[0].determinations.get().assessed)
    _together(approver(cast, cases), cases[::-1])
    assert [fresh(case).state for case in cases] == ["refused", "refused", "determined"]


def test_one_refused_is_left_as_it_was_and_keeps_no_other_back(db: None) -> None:
    cast = Cast(CODE)
    cases = make_proposed(cast, 3)
    stranger = approver(cast, [cases[0], cases[2]])
    before = written([cases[1]])
    found = approving.approve_many(cases=cases, user=stranger)
    assert [type(found[case.pk]) for case in cases] == [type(None), NotAllowed, type(None)]
    assert written([cases[1]]) == before
    assert cases[1].determinations.get().signatures.count() == 0
    assert Award.objects.count() == 2


def test_where_the_money_of_one_is_refused_each_tries_by_itself(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = Cast(CODE)
    cases = make_proposed(cast, 2)
    called = []

    def refusing(*_args: object, **_more: object) -> None:
        called.append(Award.objects.count())
        raise Conflict("no")

    monkeypatch.setattr(reserving, "reserve_many", refusing)
    _together(approver(cast, cases), cases)
    assert (called, Award.objects.count()) == ([0], 2)
    for case in cases:
        assert case.determinations.get().signatures.count() == 1


def test_what_depends_on_those_before_it_is_decided_alone_in_its_place(db: None) -> None:
    """One centre twice, where what it was granted before is taken off: it gets nothing more."""
    test_history_at_once.change(test_history_at_once.CENTRES, test_history_at_once.less_granted)
    cast, first = test_history_at_once.proposed()
    _cast, second = test_history_at_once.proposed()
    user = approver(cast, [first, second])
    _together(user, [second, first])
    granted = [case.determinations.get().granted for case in (second, first)]
    assert granted[0] == second.determinations.get().assessed > granted[1] == 0


def test_the_limits_are_held_for_a_fixed_number_of_queries(db: None) -> None:
    cast = Cast(CODE)
    costs = []
    for number in (2, 4):
        cases = make_proposed(cast, number)
        user = approver(cast, cases)
        with CaptureQueriesContext(connection) as seen:
            _together(user, cases)
        last = max(n for n, one in enumerate(seen) if '"reviews_signature" (' in one["sql"])
        costs.append(len(seen) - last)
    assert costs[0] == costs[1]


def test_a_second_signature_and_one_waiting_are_no_awards(db: None) -> None:
    cast = Cast(CODE)
    cases = make_proposed(cast, 2)
    Determination.objects.filter(application=cases[0]).update(signatures_needed=2)
    _together(approver(cast, cases), cases)
    assert [fresh(case).state for case in cases] == ["proposed", "determined"]
    assert Award.objects.count() == 1


def test_a_budget_given_pro_rata_meanwhile_serves_nobody_before_its_turn(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was opened after the last look: the database has the last word."""
    cast = Cast(CODE)
    cases = make_proposed(cast, 2)
    year = timezone.localdate().year
    make_budget("100.00", year=year, fund=make_fund(cast.programme), allotment="pro_rata")
    monkeypatch.setattr(determinations, "waits", lambda _case, _at: False)
    before = written(cases)
    found = approving.approve_many(cases=cases, user=approver(cast, cases))
    assert [type(found[case.pk]) for case in cases] == [Conflict, Conflict]
    assert (Award.objects.count(), ProRata.objects.count()) == (0, 0)
    declared = [case.determinations.get().signatures.count() for case in cases]
    assert (declared, [one[0] for one in written(cases)[::5]]) == (
        [0, 0],
        [one[0] for one in before[::5]],
    )


def test_no_other_proposal_is_approved_than_was_shown(db: None) -> None:
    cast = Cast(CODE)
    cases = make_proposed(cast, 3)
    user = approver(cast, cases)
    seen = {case.pk: case.determinations.get().pk for case in cases}
    for case in cases[:2]:
        determinations.send_back(case_id=case.pk, reason="数额不对", user=user)
        walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    for chosen in (cases, cases[:1]):  # together, and alone
        found = approving.approve_many(cases=chosen, user=user, seen=seen)
        assert isinstance(found[cases[0].pk], Conflict)
    assert [fresh(case).state for case in cases] == ["proposed", "proposed", "determined"]


def race(cases: Sequence[Application], users: Sequence[User]) -> list[object]:
    """The same cases by several approvers, each in another order."""
    jobs = [
        partial(approving.approve_many, cases=cases[n:] + cases[:n], user=user)
        for n, user in enumerate(users)
    ]
    return at_once(jobs)


def test_several_approve_the_same_cases_at_once(committed_db: None) -> None:
    cast = Cast(CODE)
    cases = make_proposed(cast, 6)
    whole = cases[0].determinations.get().assessed
    budget(cast, whole * 4 + 1)
    users = [approver(cast, cases) for _ in range(4)]
    outcomes = race(cases, users)
    done = [key for found in outcomes for key, refused in found.items() if refused is None]
    assert sorted(done) == sorted(case.pk for case in cases)
    refused = [one for found in outcomes for one in found.values() if one is not None]
    assert {type(one) for one in refused} <= {Conflict}
    total = Award.objects.aggregate(total=Sum("amount"))["total"]
    assert total == Counter.objects.get(kind="budget").used == whole * 4 + 1
    for case in cases:
        assert case.determinations.get().signatures.count() == 1
    assert ReviewTask.objects.filter(kind="finance_check").count() == Award.objects.count() == 5
    assert differences(city_code="qingdao") == []
    assert deadlocks() == 0


def test_control_locked_in_the_order_of_the_request_they_deadlock(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = Cast(CODE)
    cases = make_proposed(cast, 2)
    both = Barrier(2)

    def by_request(keys: Sequence[int], state: CaseState) -> dict[int, Application]:
        found = locked_many(keys[:1], state)
        both.wait(30)
        return found | locked_many(keys[1:], state)

    monkeypatch.setattr(approving, "locked_many", by_request)
    race(cases, [approver(cast, cases) for _ in range(2)])
    assert deadlocks() == 1
    assert Award.objects.count() == 2  # by themselves, as where any batch is undone
