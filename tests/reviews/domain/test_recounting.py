"""The calendar changes: open deadlines are counted again, over holidays and over a year's end."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from applicants.domain.errors import Refused
from applicants.models import Event
from reviews.demo import walk
from reviews.domain import acceptance, calendar, recounting, reminders, working_days
from reviews.domain.supplements import Told
from reviews.models import Application, CalendarDay, Reminder
from reviews.models.staff import Role
from reviews.models.supplement import DefectKind
from reviews.models.task import TaskKind
from tests import factories
from tests.factories import Cast, make_staff

pytestmark = pytest.mark.django_db
CODE = "hitech-first-recognition-award"
DECEMBER = datetime(2027, 12, 20, 1, 0, tzinfo=UTC)  # a Monday; 2028 is not published
NOTICE_2028 = "国办发明电〔2027〕示例号"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    calendar.fill(first=2027, last=2029)
    with time_machine.travel(DECEMBER, tick=True) as traveller:
        yield traveller


@pytest.fixture
def cast() -> Cast:
    return Cast(CODE)


def publish(holidays: str, worked: str = "", year: int = 2028) -> int:
    notice = calendar.read_notice(year=year, holidays=holidays, worked=worked)
    return calendar.publish_year(
        notice=notice, source=NOTICE_2028, user=make_staff(Role.POLICY_EDITOR)
    )


def deadlines(case: Application) -> dict[str, date]:
    open_ = case.tasks.filter(state="open").exclude(bureau__code="finance")
    return dict(open_.values_list("kind", "due_on"))


def moves(case: Application) -> list[dict]:
    events = Event.objects.filter(subject=f"case:{case.pk}", kind="case.deadlines_recounted")
    return [event.data["deadlines"] for event in events.order_by("id")]


def test_over_a_years_end_the_published_year_moves_what_was_provisional(cast):
    case = factories.accepted(cast)
    # From Monday 20 December: the provisional 2028 has only New Year's Day off, a Saturday.
    assert deadlines(case) == {
        TaskKind.OPINION: date(2028, 1, 3),
        TaskKind.DETERMINATION: date(2028, 1, 17),
    }
    assert working_days.is_provisional(case.due_on) is True
    # The 3rd and the 8th, and four fixed holidays that this notice leaves out.
    assert publish("2028-01-01 至 2028-01-03", "2028-01-08") == 6
    assert working_days.is_provisional(case.due_on) is False
    assert recounting.waiting() == 1
    assert recounting.recount() == 1
    # The 3rd is off now, and Saturday the 8th is worked.
    assert deadlines(case) == {
        TaskKind.OPINION: date(2028, 1, 4),
        TaskKind.DETERMINATION: date(2028, 1, 17),
    }
    assert factories.fresh(case).due_on == date(2028, 1, 17)
    (told,) = moves(case)
    assert {(one["kind"], one["bureau"], one["was"], one["due_on"]) for one in told} == {
        ("opinion", "miit", "2028-01-03", "2028-01-04"),
        ("opinion", "finance", "2028-01-03", "2028-01-04"),
    }


def test_a_second_run_has_nothing_left_to_do(cast):
    case = factories.accepted(cast)
    publish("2028-01-01 至 2028-01-03")
    assert [recounting.recount(), recounting.recount(), recounting.waiting()] == [1, 0, 0]
    assert len(moves(case)) == 1


def test_a_day_that_becomes_a_holiday_moves_the_case_with_its_task(cast):
    case = factories.submitted(cast)
    assert case.due_on == date(2027, 12, 27)
    for working, due in ((False, date(2027, 12, 28)), (True, date(2027, 12, 27))):
        change(date(2027, 12, 22), working=working)
        assert recounting.recount() == 1
        assert (factories.fresh(case).due_on, deadlines(case)) == (
            due,
            {TaskKind.ACCEPTANCE: due},
        )
    assert len(moves(case)) == 2


def test_the_supplement_is_counted_from_the_day_of_the_return(cast, clock):
    case = factories.submitted(cast)
    clock.move_to(datetime(2027, 12, 22, 1, 0, tzinfo=UTC))
    key = next(iter(case.facts.values_list("key", flat=True)))
    acceptance.return_case(
        case_id=case.pk,
        user=walk.preparer(case, cast.of),
        defects=[Told(DefectKind.FACT, "请核对", key)],
    )
    assert factories.fresh(case).due_on == date(2028, 1, 12)
    publish("2028-01-01 至 2028-01-03")
    assert recounting.recount() == 1
    assert factories.fresh(case).due_on == date(2028, 1, 13)
    assert moves(case)[0][0]["kind"] == "supplement"


def test_a_stopped_clock_is_left_alone_and_goes_on_with_its_days(cast, clock):
    case = factories.accepted(cast)
    key = next(iter(case.facts.values_list("key", flat=True)))
    clock.move_to(datetime(2027, 12, 22, 1, 0, tzinfo=UTC))
    acceptance.return_case(
        case_id=case.pk,
        user=walk.preparer(case, cast.of),
        defects=[Told(DefectKind.FACT, "请核对", key)],
    )
    paused = case.tasks.get(kind=TaskKind.DETERMINATION)
    assert (paused.state, paused.days_left, paused.due_on) == ("paused", 18, date(2028, 1, 17))
    publish("2028-01-01 至 2028-01-03")
    recounting.recount()
    paused.refresh_from_db()
    assert paused.due_on == date(2028, 1, 17)
    clock.move_to(datetime(2027, 12, 29, 1, 0, tzinfo=UTC))
    walk.submit(case, cast.clerk)
    # 18 working days from Wednesday 29 December, the 3rd of January off.
    assert factories.fresh(case).due_on == date(2028, 1, 25)
    publish("2028-01-01 至 2028-01-04")
    recounting.recount()
    assert factories.fresh(case).due_on == date(2028, 1, 26)


def test_reminders_are_planned_again_for_the_new_day(cast):
    case = factories.accepted(cast)
    reminders.plan()
    publish("2028-01-01 至 2028-01-03")
    recounting.recount()
    waiting = Reminder.objects.filter(task__application=case, sent_at=None, stage="ahead")
    days = waiting.filter(task__kind=TaskKind.OPINION, task__bureau__code="miit")
    assert sorted(days.values_list("due_on", "remind_on")) == [
        (date(2028, 1, 3), date(2027, 12, 29)),  # stops when its day comes: no task is due then
        (date(2028, 1, 4), date(2027, 12, 29)),
    ]


def test_a_reminder_whose_deadline_stays_is_counted_again(cast):
    """Thursday the 23rd is off and Saturday the 25th worked: five days still end on Monday."""
    case = factories.submitted(cast)
    reminders.plan()
    ahead = Reminder.objects.get(task__application=case, stage="ahead")
    assert (ahead.due_on, ahead.remind_on) == (date(2027, 12, 27), date(2027, 12, 22))
    change(date(2027, 12, 23), working=False)
    change(date(2027, 12, 21), working=False)
    change(date(2027, 12, 25), working=True)
    change(date(2027, 12, 26), working=True)
    assert recounting.recount() == 0
    ahead.refresh_from_db()
    assert (ahead.due_on, ahead.remind_on) == (date(2027, 12, 27), date(2027, 12, 24))


def change(day: date, *, working: bool) -> None:
    calendar.change_day(
        day=day,
        is_working=working,
        provisional=False,
        source="市政府通知",
        user=make_staff(Role.POLICY_EDITOR),
    )


def test_the_spring_festival_does_not_count(cast, clock):
    """A published year: 28 January to 4 February 2025 are off, 26 January and 8 February worked."""
    calendar.fill(first=2025, last=2025)
    clock.move_to(datetime(2025, 1, 24, 1, 0, tzinfo=UTC))
    case = factories.submitted(cast)
    # Sunday 26 and Monday 27 January, then Wednesday 5 to Friday 7 February.
    assert case.due_on == date(2025, 2, 7)
    assert recounting.waiting() == 0


@pytest.mark.parametrize(
    ("holidays", "worked", "field"),
    [
        ("", "", "holidays"),
        ("2028-13-01", "", "holidays"),
        ("next week", "", "holidays"),
        ("2027-01-01", "", "holidays"),
        ("2028-01-03 至 2028-01-01", "", "holidays"),
        ("2028-01-01 至 2028-12-31", "", "holidays"),
        ("2028-01-01", "2028-01-01", "worked"),
        ("2028-01-01", "2028-01-05", "worked"),
    ],
)
def test_a_notice_that_cannot_be_read_is_refused_by_field(holidays, worked, field):
    with pytest.raises(Refused) as refused:
        calendar.read_notice(year=2028, holidays=holidays, worked=worked)
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("source", ["", " ", calendar.PUBLISHED, calendar.PROVISIONAL])
def test_a_change_names_its_source(source):
    with pytest.raises(Refused) as refused:
        calendar.change_day(
            day=date(2028, 1, 3),
            is_working=False,
            provisional=False,
            source=source,
            user=make_staff(Role.POLICY_EDITOR),
        )
    assert list(refused.value.message_dict) == ["source"]


def test_a_year_that_was_entered_is_not_filled_over():
    publish("2028-01-01 至 2028-01-03")
    calendar.fill(first=2028, last=2028)
    day = CalendarDay.objects.get(pk=date(2028, 1, 3))
    assert (day.is_working, day.provisional, day.source) == (False, False, NOTICE_2028)
