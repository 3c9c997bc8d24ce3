"""Reminders: planned in working days, sent when their window is open, and only while wanted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from applicants.domain import notices
from applicants.models import Event, Membership, Notice
from incentives.domain.settings import change_setting
from reviews.demo import walk
from reviews.domain import acceptance, reminders
from reviews.models import Application, Reminder, ReviewTask
from reviews.models.staff import Role
from reviews.models.task import TaskKind
from tests import factories
from tests.factories import Cast, give_role

pytestmark = pytest.mark.django_db
AUTUMN = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai
DUE = date(2026, 9, 25)  # a Friday; three working days before is Tuesday the 22nd


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AUTUMN, tick=True) as traveller:
        yield traveller


@pytest.fixture
def cast() -> Cast:
    cast = Cast("enterprise-tech-centre-award")
    for role in (Role.PREPARER, Role.APPROVER):
        cast.of(cast.handling, role)
        cast.of("finance", role)
    return cast


@pytest.fixture
def case(cast: Cast) -> Application:
    """Filed, its acceptance due on DUE; the notices of the way there are put aside."""
    case = factories.submitted(cast)
    set_due(case, DUE)
    return case


def set_due(case: Application, due_on: date) -> None:
    ReviewTask.objects.filter(application=case, state="open").update(due_on=due_on)
    Application.objects.filter(pk=case.pk).update(due_on=due_on)


def set_for_city(key: str, value: object) -> None:
    change_setting(
        city=factories.qingdao(),
        programme=None,
        key=key,
        value=value,
        basis="a test",
        actor=factories.make_user(),
    )


def at(day: date, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC))


def planned() -> list[tuple[str, date]]:
    rows = Reminder.objects.order_by("remind_on", "key").values_list("key", "remind_on")
    return [(key.split(":")[0], remind_on) for key, remind_on in rows]


def told(kind: str = "reminder.") -> list[tuple[str, int]]:
    rows = Notice.objects.filter(kind__startswith=kind).order_by("kind", "user")
    return list(rows.values_list("kind", "user"))


@pytest.mark.parametrize(
    ("due_on", "remind_on"),
    [
        (date(2026, 9, 25), date(2026, 9, 22)),
        (date(2026, 10, 8), date(2026, 9, 28)),  # over the National Day week
        (date(2026, 10, 12), date(2026, 10, 8)),  # Saturday the 10th is worked
        (date(2027, 1, 5), date(2026, 12, 30)),  # over New Year
    ],
)
def test_three_working_days_ahead_and_once_when_overdue(
    case: Application, due_on: date, remind_on: date
) -> None:
    set_due(case, due_on)
    assert reminders.plan() == 4
    assert planned()[:2] == [
        ("review_due", remind_on),
        ("review_due.past", due_on + timedelta(days=1)),
    ]


def test_the_city_says_how_far_ahead(case: Application) -> None:
    set_for_city("reminder_days", 0)
    reminders.plan()
    assert planned()[0] == ("review_due", DUE)


def test_planning_again_adds_nothing(case: Application) -> None:
    assert [reminders.plan(), reminders.plan()] == [4, 0]


def test_the_bureau_is_told_once_and_nobody_else(
    case: Application, cast: Cast, clock: time_machine.Traveller
) -> None:
    reminders.plan()
    at(date(2026, 9, 21), clock)
    assert reminders.send_due() == 0
    at(date(2026, 9, 22), clock)
    assert [reminders.send_due(), reminders.send_due()] == [1, 0]
    staff = [cast.of(cast.handling, role).pk for role in (Role.PREPARER, Role.APPROVER)]
    assert told() == [("reminder.review_due", user) for user in sorted(staff)]
    notice = Notice.objects.filter(kind="reminder.review_due")[0]
    assert notice.url == f"/admin/reviews/application/{case.pk}/change/"
    assert (notice.data["number"], notice.data["due_on"]) == (case.number, "2026-09-25")


def test_days_without_a_worker_lose_nothing_and_say_overdue_once(
    case: Application, clock: time_machine.Traveller
) -> None:
    reminders.plan()
    at(date(2026, 9, 29), clock)  # a working day after it, before anything is escalated
    assert reminders.send_due() == 1
    assert {kind for kind, _user in told()} == {"reminder.review_overdue"}
    assert not Reminder.objects.filter(
        stage__in=["ahead", "past"], stopped_at=None, sent_at=None
    ).exists()


def test_a_task_that_is_done_reminds_nobody(
    case: Application, cast: Cast, clock: time_machine.Traveller
) -> None:
    reminders.plan()
    walk.accept(case, cast.of)
    at(date(2026, 9, 22), clock)
    reminders.send_due()
    assert told() == []
    assert Reminder.objects.exclude(stopped_at=None).count() == 1


def test_a_deadline_that_moved_is_reminded_of_at_its_new_day(
    case: Application, clock: time_machine.Traveller
) -> None:
    reminders.plan()
    set_due(case, date(2026, 10, 12))
    reminders.plan()
    at(date(2026, 9, 23), clock)
    assert reminders.send_due() == 0
    at(date(2026, 10, 8), clock)
    assert reminders.send_due() == 1


def test_the_finance_check_reminds_the_finance_preparer(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    finance = cast.of("finance", Role.FINANCE_PREPARER)
    cast.of("finance", Role.FINANCE_APPROVER)
    case = factories.determined(cast)
    task = case.tasks.get(kind=TaskKind.FINANCE_CHECK)
    reminders.plan()
    at(task.due_on, clock)
    reminders.send_due()
    assert told() == [("reminder.review_due", finance.pk)]


def test_staff_who_belong_to_the_applicant_are_not_told(
    case: Application, cast: Cast, clock: time_machine.Traveller
) -> None:
    approver = cast.of(cast.handling, Role.APPROVER)
    Membership.objects.create(party=cast.party, user=approver, role="clerk")
    reminders.plan()
    at(DUE, clock)
    reminders.send_due()
    assert told() == [("reminder.review_due", cast.of(cast.handling, Role.PREPARER).pk)]


def test_who_lost_the_role_is_not_told_and_nobody_left_leaves_an_event(
    case: Application, cast: Cast, clock: time_machine.Traveller
) -> None:
    for role in (Role.PREPARER, Role.APPROVER):
        cast.of(cast.handling, role).staffrole_set.update(is_active=False)
    reminders.plan()
    at(DUE, clock)
    reminders.send_due()
    assert told() == []
    event = Event.objects.get(kind="reminder.unaddressed")
    assert event.subject == f"case:{case.pk}"


def test_one_person_in_two_roles_is_told_once(
    case: Application, cast: Cast, clock: time_machine.Traveller
) -> None:
    cast.of(cast.handling, Role.PREPARER).staffrole_set.update(is_active=False)
    give_role(cast.of(cast.handling, Role.APPROVER), Role.PREPARER, cast.handling)
    reminders.plan()
    at(DUE, clock)
    reminders.send_due()
    assert told() == [("reminder.review_due", cast.of(cast.handling, Role.APPROVER).pk)]


def returned(case: Application, cast: Cast) -> None:
    preparer = cast.of(cast.handling, Role.PREPARER)
    acceptance.return_case(case_id=case.pk, user=preparer, reason="The seal is missing.")
    set_due(case, DUE)


def test_the_applicant_is_reminded_of_a_supplement(
    case: Application, cast: Cast, clock: time_machine.Traveller
) -> None:
    returned(case, cast)
    assert reminders.plan() == 2
    at(date(2026, 9, 22), clock)
    reminders.send_due()
    assert told() == [("reminder.supplement_due", cast.clerk.pk)]
    notice = Notice.objects.get(kind="reminder.supplement_due")
    assert notice.data["reason"] == "The seal is missing."


def test_a_supplement_that_came_reminds_nobody(
    case: Application, cast: Cast, clock: time_machine.Traveller
) -> None:
    returned(case, cast)
    reminders.plan()
    walk.submit(case, cast.clerk)
    at(date(2026, 9, 22), clock)
    reminders.send_due()
    assert told() == []


def test_a_draft_is_reminded_before_its_window_closes(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    factories.draft(cast)
    set_for_city("window_closes", "2026-09-25")
    reminders.plan()
    assert planned() == [("window_closing", date(2026, 9, 22))]
    at(date(2026, 9, 24), clock)
    reminders.send_due()
    assert told() == [("reminder.window_closing", cast.clerk.pk)]


@pytest.mark.parametrize("late", [False, True])
def test_a_window_that_closed_or_moved_reminds_nobody(
    cast: Cast, clock: time_machine.Traveller, late: bool
) -> None:
    factories.draft(cast)
    set_for_city("window_closes", "2026-09-25")
    reminders.plan()
    if not late:
        set_for_city("window_closes", "2026-12-31")
    at(date(2026, 9, 26) if late else date(2026, 9, 24), clock)
    assert (reminders.send_due(), told()) == (0, [])


def test_a_draft_that_was_submitted_is_not_reminded(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    case = factories.draft(cast)
    set_for_city("window_closes", "2026-09-25")
    reminders.plan()
    walk.submit(case, cast.clerk)
    at(date(2026, 9, 22), clock)
    reminders.send_due()
    assert told("reminder.window") == []


def test_a_worker_lost_between_claim_and_commit_has_done_nothing(
    case: Application, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminders.plan()
    at(DUE, clock)
    with monkeypatch.context() as lost:
        lost.setattr(notices, "ring_for_all", _die)
        with pytest.raises(KeyboardInterrupt):
            reminders.send_due()
    assert (Reminder.objects.exclude(sent_at=None).count(), told()) == (0, [])
    assert reminders.send_due() == 1
    assert len(told()) == 2


def _die() -> None:
    raise KeyboardInterrupt
