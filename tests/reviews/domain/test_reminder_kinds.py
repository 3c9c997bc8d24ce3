"""Each kind of reminder: before and after, to whom, once, and no longer when its cause is gone."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from applicants.models import Event, Notice
from incentives.models import Instalment
from reviews.domain import commitments, overdue, reminders, working_days
from reviews.domain.reminder_kinds import KINDS
from reviews.models import (
    Application,
    Commitment,
    Delegation,
    Objection,
    Obligation,
    Reconsideration,
    Reminder,
    ReviewTask,
)
from reviews.models.reminder import ReminderKind
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff, make_user

pytestmark = pytest.mark.django_db
AUTUMN = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
DUE = date(2026, 9, 25)  # a Friday
AHEAD, AFTER = date(2026, 9, 22), date(2026, 9, 26)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AUTUMN, tick=True) as traveller:
        yield traveller


@pytest.fixture
def cast() -> Cast:
    cast = Cast("enterprise-tech-centre-award")
    for role in (Role.PREPARER, Role.APPROVER, Role.LEADER):
        cast.of(cast.handling, role)
    return cast


def remind(day: date, clock: time_machine.Traveller) -> dict[str, set[int]]:
    """What was told by that day's sweep, and to whom; the plan is made before."""
    reminders.plan()
    clock.move_to(datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC))
    before = set(Notice.objects.values_list("pk", flat=True))
    reminders.send_due()
    told: dict[str, set[int]] = {}
    for kind, user in Notice.objects.exclude(pk__in=before).values_list("kind", "user"):
        told.setdefault(kind, set()).add(user)
    return told


def only(told: dict[str, set[int]], word: str) -> dict[str, set[int]]:
    return {kind: people for kind, people in told.items() if word in kind}


Cause = Callable[[Cast], tuple[str, set[int], Callable[[], object]]]


def commitment(cast: Cast) -> tuple[str, set[int], Callable[[], object]]:
    case = factories.submitted(cast)
    row = Commitment.objects.create(
        application=case, fact_key="x", text="the report", due_on=DUE, promised_by=cast.clerk
    )
    return "commitment", {cast.clerk.pk}, lambda: commitments.keep(case, "x", user=row.promised_by)


def obligation(cast: Cast) -> tuple[str, set[int], Callable[[], object]]:
    row = Obligation.objects.create(
        application=factories.submitted(cast), party=cast.party, kind="report",
        text="report", due_on=DUE, set_by=cast.clerk,
    )  # fmt: skip
    met = {"state": "met", "finding": "came", "evaluated_by": make_user()}
    return "obligation", {cast.clerk.pk}, lambda: _update(Obligation, row.pk, **met)


def objection(cast: Cast) -> tuple[str, set[int], Callable[[], object]]:
    item = factories.published(cast).publicityitem_set.get()
    row = Objection.objects.create(
        item=item, number="O-1", name="n", contact="c", text="t", due_on=DUE
    )
    done = {"state": "rejected", "answer": "no", "handled_by": make_user()}
    return "objection", _answering(cast), lambda: _update(Objection, row.pk, **done)


def reconsideration(cast: Cast) -> tuple[str, set[int], Callable[[], object]]:
    row = Reconsideration.objects.create(
        application=factories.submitted(cast), text="t", filed_by=cast.clerk, due_on=DUE
    )
    done = {"state": "upheld", "answer": "no", "decided_by": make_user()}
    return "reconsideration", _answering(cast), lambda: _update(Reconsideration, row.pk, **done)


def _answering(cast: Cast) -> set[int]:
    return {cast.of(cast.handling, role).pk for role in (Role.APPROVER, Role.LEADER)}


def _update(model: type, pk: int, **fields: object) -> None:
    model.objects.filter(pk=pk).update(**fields)  # type: ignore[attr-defined]


CAUSES: list[Cause] = [commitment, obligation, objection, reconsideration]


@pytest.mark.parametrize("cause", CAUSES)
def test_before_and_after_to_those_concerned(
    cause: Cause, cast: Cast, clock: time_machine.Traveller
) -> None:
    word, people, _gone = cause(cast)
    assert only(remind(AHEAD - timedelta(days=1), clock), word) == {}
    assert only(remind(AHEAD, clock), word) == {f"reminder.{word}_due": people}
    past = only(remind(AFTER, clock), word)
    if word == "obligation":  # then the bureau that has to evaluate it is told as well
        people |= {cast.of(cast.handling, role).pk for role in (Role.PREPARER, Role.APPROVER)}
    assert past == {f"reminder.{word}_overdue": people}
    assert only(remind(AFTER + timedelta(days=1), clock), word) == {}


@pytest.mark.parametrize("cause", CAUSES)
def test_it_stops_when_its_cause_is_gone(
    cause: Cause, cast: Cast, clock: time_machine.Traveller
) -> None:
    word, _people, gone = cause(cast)
    reminders.plan()
    gone()
    assert only(remind(AHEAD, clock), word) == {}
    kind = f"{word}_due"
    assert Reminder.objects.filter(kind=kind, stopped_at__isnull=False).count() == 1


def test_the_day_after_publicity_its_approvers_may_decide(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    case = factories.published(cast)
    last = factories.publicity_end(case)
    assert only(remind(last, clock), "publicity") == {}
    told = only(remind(last + timedelta(days=1), clock), "publicity")
    assert told == {"reminder.publicity_ended": {cast.of(cast.handling, Role.APPROVER).pk}}
    notice = Notice.objects.get(kind="reminder.publicity_ended")
    assert (notice.data["count"], notice.url.split("?")[1]) == (1, "queue=award")


def test_finance_pays_by_so_many_working_days_after_the_award(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    finance = cast.of("finance", Role.FINANCE_PREPARER)
    case = factories.published(cast)
    clock.move_to(datetime(2026, 10, 12, 1, tzinfo=UTC))
    factories.decide_award(cast, case)
    last = working_days.add_working_days(working_days.today(), 15)
    ahead = working_days.working_days_before(last, 3)
    assert only(remind(ahead - timedelta(days=1), clock), "payment_") == {}
    assert only(remind(ahead, clock), "payment_") == {"reminder.payment_due": {finance.pk}}
    after = only(remind(last + timedelta(days=1), clock), "payment_")
    assert after == {"reminder.payment_overdue": {finance.pk}}


def test_a_later_instalment_is_told_of_before_it_falls_due(
    cast: Cast, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    finance = cast.of("finance", Role.FINANCE_PREPARER)
    case = factories.published(cast)
    clock.move_to(datetime(2026, 10, 12, 1, tzinfo=UTC))
    made = Instalment.objects.create
    later = date(2026, 12, 25)
    monkeypatch.setattr(
        Instalment.objects, "create", lambda **values: made(**(values | {"due_on": later}))
    )
    factories.decide_award(cast, case)
    day = working_days.working_days_before(later, 3)
    assert only(remind(day, clock), "instalment") == {"reminder.instalment_due": {finance.pk}}


def waiting_task(cast: Cast) -> ReviewTask:
    case = factories.submitted(cast)
    ReviewTask.objects.filter(application=case).update(due_on=DUE)
    Application.objects.filter(pk=case.pk).update(due_on=DUE)
    return ReviewTask.objects.get(application=case)


def test_overdue_work_goes_to_the_leader_and_then_to_the_office_once_each(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    office = make_staff(Role.COORDINATOR)
    task = waiting_task(cast)
    leader = cast.of(cast.handling, Role.LEADER)
    third, tenth = (working_days.add_working_days(DUE, days) for days in (3, 10))
    assert only(remind(third - timedelta(days=1), clock), "escalated") == {}
    told = only(remind(third, clock), "escalated")
    assert told == {"reminder.escalated_to_leader": {leader.pk}}
    told = only(remind(tenth, clock), "escalated")
    assert told == {"reminder.escalated_to_office": {office.pk}}
    # A deadline that moves afterwards does not report the task again.
    ReviewTask.objects.filter(pk=task.pk).update(due_on=DUE + timedelta(days=3))
    assert only(remind(tenth + timedelta(days=30), clock), "escalated") == {}
    events = Event.objects.filter(subject=f"case:{task.application_id}", kind__contains="escalated")
    assert list(events.values_list("kind", flat=True)) == [
        "task.escalated_to_leader",
        "task.escalated_to_office",
    ]
    assert events[0].data["bureau"]["zh"] == task.bureau.name_zh


def test_an_escalation_that_waits_moves_with_its_deadline(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    task = waiting_task(cast)
    reminders.plan()
    later = date(2026, 10, 16)
    ReviewTask.objects.filter(pk=task.pk).update(due_on=later)
    reminders.plan()
    row = Reminder.objects.get(stage="leader", task=task)
    assert (row.due_on, row.remind_on) == (later, working_days.add_working_days(later, 3))


def test_the_one_it_is_assigned_to_is_told_and_the_deputy_meanwhile(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    task = waiting_task(cast)
    preparer = cast.of(cast.handling, Role.PREPARER)
    deputy = make_staff(Role.PREPARER, cast.handling)
    ReviewTask.objects.filter(pk=task.pk).update(assignee=preparer)
    Delegation.objects.create(
        user=preparer, deputy=deputy, bureau=task.bureau, starts_on=AHEAD, ends_on=AHEAD,
        made_by=preparer,
    )  # fmt: skip
    told = only(remind(AHEAD, clock), "review")
    assert told == {"reminder.review_due": {preparer.pk, deputy.pk}}
    assert only(remind(AFTER, clock), "review") == {"reminder.review_overdue": {preparer.pk}}


def test_an_assignee_who_left_leaves_it_to_the_bureau(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    task = waiting_task(cast)
    ReviewTask.objects.filter(pk=task.pk).update(assignee=make_user(is_staff=True))
    people = {cast.of(cast.handling, role).pk for role in (Role.PREPARER, Role.APPROVER)}
    assert only(remind(AHEAD, clock), "review") == {"reminder.review_due": people}


def test_the_office_sees_what_is_overdue_by_bureau(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    office, stranger = make_staff(Role.COORDINATOR), make_staff(Role.COORDINATOR, city="dalian")
    task = waiting_task(cast)
    remind(working_days.add_working_days(DUE, 4), clock)
    (row,) = overdue.by_bureau(office)
    assert (row.bureau, row.tasks, row.cases, row.oldest) == (task.bureau, 1, 1, DUE)
    assert (row.days, row.at_leader, row.at_office) == (4, 1, 0)
    assert [one.pk for one in overdue.of_bureau(office, task.bureau_id)] == [task.pk]
    assert overdue.by_bureau(stranger) == []
    assert overdue.by_bureau(cast.of(cast.handling, Role.LEADER)) == []


def test_nothing_is_planned_where_the_calendar_does_not_reach(cast: Cast) -> None:
    _word, _people, _gone = obligation(cast)
    Obligation.objects.update(due_on=date(2036, 9, 25))
    reminders.plan()
    assert not Reminder.objects.filter(kind="obligation_due").exists()


def test_every_kind_is_planned() -> None:
    assert set(KINDS) == set(ReminderKind)


def test_planning_and_sending_cost_the_same_however_many(
    cast: Cast, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for _ in range(3):
        factories.submitted(Cast("enterprise-tech-centre-award"))
    stages = sum(len(kind.stages) for kind in KINDS.values())
    with django_assert_max_num_queries(stages * 4 + 10):  # type: ignore[attr-defined]
        reminders.plan()
