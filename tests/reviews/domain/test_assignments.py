"""Who does a task: given out, taken, handed on, always with a row that says why."""

import pytest

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Notice
from reviews.demo import walk
from reviews.domain import assignments, interests
from reviews.domain.assignments import assign, give_back, take
from reviews.domain.queues import cases_in, desk_of, opening
from reviews.models import Handover
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, bureau, make_staff
from tests.incentives.domain.threads import at_once
from tests.reviews.domain.test_delegations import PROGRAMME, lend


@pytest.fixture
def cast(db):
    return Cast(PROGRAMME)


@pytest.fixture
def task(cast):
    return factories.submitted(cast).tasks.get()


def colleague(role=Role.PREPARER, code="sti"):
    return make_staff(role, code)


def rows(task):
    found = Handover.objects.filter(task=task)
    return list(found.values_list("handed_from", "handed_to", "reason", "handed_by"))


def test_a_chief_gives_out_and_reassigns_with_a_reason(cast, task):
    chief, first, second = colleague(Role.APPROVER), colleague(), colleague()
    assign(task_id=task.pk, to=first, user=chief)
    with pytest.raises(Refused) as refused:
        assign(task_id=task.pk, to=second, user=chief)
    assert list(refused.value.message_dict) == ["reason"]
    assign(task_id=task.pk, to=second, user=chief, reason="出差")
    assert rows(task) == [
        (None, first.pk, "", chief.pk),
        (first.pk, second.pk, "出差", chief.pk),
    ]
    told = Notice.objects.filter(kind="task.assigned").order_by("id")
    assert list(told.values_list("user", flat=True)) == [first.pk, second.pk]


@pytest.mark.parametrize("role", [Role.PREPARER, Role.FINANCE_APPROVER])
def test_others_give_nothing_out(cast, task, role):
    code = "finance" if role == Role.FINANCE_APPROVER else "sti"
    with pytest.raises(NotAllowed):
        assign(task_id=task.pk, to=colleague(), user=colleague(role, code))


def test_chiefs_of_other_bureaus_give_nothing_out(cast, task):
    with pytest.raises(NotAllowed):
        assign(task_id=task.pk, to=colleague(), user=colleague(Role.LEADER, "drc"))


def test_only_to_whoever_may_do_it(cast, task):
    chief, conflicted, member = colleague(Role.LEADER), colleague(), colleague()
    interests.declare(
        case_id=task.application_id, user=conflicted, conflict=True, reason="持有股份"
    )
    cast.party.membership_set.create(user=member, role="clerk")
    for person in (colleague(code="drc"), cast.clerk, conflicted, member):
        with pytest.raises(Refused) as refused:
            assign(task_id=task.pk, to=person, user=chief)
        assert list(refused.value.message_dict) == ["to"]


def test_a_chief_with_an_interest_stays_out(cast, task):
    chief = colleague(Role.LEADER)
    interests.declare(case_id=task.application_id, user=chief, conflict=True, reason="亲属")
    with pytest.raises(NotAllowed):
        assign(task_id=task.pk, to=colleague(), user=chief)


def test_taking_what_lies_there(cast, task):
    first, second = colleague(), colleague()
    take(task_id=task.pk, user=first)
    for person in (first, second):
        with pytest.raises(Conflict):
            take(task_id=task.pk, user=person)
    assert rows(task) == [(None, first.pk, "", first.pk)]


def test_two_take_at_once_and_one_gets_it(committed_db):
    task = factories.submitted(Cast(PROGRAMME)).tasks.get()
    people = [colleague() for _ in range(4)]
    found = at_once([lambda one=one: take(task_id=task.pk, user=one) for one in people])
    assert sorted(type(one).__name__ for one in found) == ["Conflict"] * 3 + ["ReviewTask"]
    assert len(rows(task)) == 1


def test_without_the_lock_several_would_have_it(committed_db, monkeypatch):
    from time import sleep

    from reviews.models import Application

    def unlocked(pk, *_states):
        return Application.objects.select_related("city", "programme", "applicant").get(pk=pk)

    checked = assignments.unbiased
    monkeypatch.setattr(assignments, "locked", unlocked)
    monkeypatch.setattr(
        assignments, "unbiased", lambda *args, **more: (checked(*args, **more), sleep(0.5))
    )
    task = factories.submitted(Cast(PROGRAMME)).tasks.get()
    people = [colleague() for _ in range(3)]
    at_once([lambda one=one: take(task_id=task.pk, user=one) for one in people])
    assert len(rows(task)) == 3


def test_given_back_by_the_holder_or_a_chief(cast, task):
    holder, chief = colleague(), colleague(Role.LEADER)
    take(task_id=task.pk, user=holder)
    with pytest.raises(NotAllowed):
        give_back(task_id=task.pk, reason="换我", user=colleague())
    with pytest.raises(Refused):
        give_back(task_id=task.pk, reason=" ", user=holder)
    give_back(task_id=task.pk, reason="工作量大", user=holder)
    take(task_id=task.pk, user=holder)
    give_back(task_id=task.pk, reason="调整分工", user=chief)
    assert [row[:3] for row in rows(task)][1::2] == [
        (holder.pk, None, "工作量大"),
        (holder.pk, None, "调整分工"),
    ]


def test_a_conflict_lays_the_task_back(cast, task):
    holder = colleague()
    take(task_id=task.pk, user=holder)
    interests.declare(case_id=task.application_id, user=holder, conflict=True, reason="师生关系")
    task.refresh_from_db()
    assert task.assignee is None
    assert rows(task)[-1] == (holder.pk, None, "师生关系", holder.pk)


def test_whoever_had_it_goes_on_with_it(cast, task):
    holder = cast.free(colleague())
    take(task_id=task.pk, user=holder)
    walk.accept(task.application, cast.of)
    tasks = task.application.tasks.filter(state="open")
    assert {one.bureau.code: one.assignee for one in tasks} == {
        "sti": holder,
        "miit": None,
        "finance": None,
    }


def test_a_done_task_is_no_longer_given_out(cast, task):
    walk.accept(task.application, cast.of)
    with pytest.raises(Conflict):
        assign(task_id=task.pk, to=colleague(), user=colleague(Role.LEADER))
    with pytest.raises(NotAllowed):
        take(task_id=0, user=colleague())


def found(queue, person):
    return [case.pk for case in cases_in(queue, desk_of(person))]


def test_my_work_is_mine_and_that_of_whom_i_stand_in_for(cast, task):
    holder, deputy = colleague(), colleague()
    case = task.application_id
    assert (found("unassigned", holder), found("mine", holder)) == ([case], [])
    assert opening(desk_of(holder)) == "waiting"
    take(task_id=task.pk, user=holder)
    assert (found("unassigned", holder), found("mine", holder)) == ([], [case])
    assert found("mine", deputy) == []
    lend(holder, deputy)
    assert found("mine", deputy) == [case]
    assert [opening(desk_of(one)) for one in (holder, deputy)] == ["mine", "mine"]


def test_waiting_for_others(cast):
    case = factories.accepted(cast)
    sti, miit = cast.of("sti", Role.PREPARER), cast.of("miit", Role.PREPARER)
    assert (found("others", sti), found("others", miit)) == ([case.pk], [])
    walk.give_opinions(case, cast.of)
    assert (found("others", sti), found("others", miit)) == ([], [case.pk])
    assert bureau("sti") == case.handling_bureau
