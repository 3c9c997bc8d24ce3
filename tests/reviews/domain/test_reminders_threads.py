"""Eight workers sweep the same reminders; the control shows what the claim's lock is worth."""

from functools import partial

import pytest

from applicants.models import Notice
from reviews.domain import reminders, working_days
from reviews.models import Reminder
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast
from tests.incentives.domain.threads import at_once, at_once_before

COUNT = 240
sweep = partial(reminders.send_due, most=10)


def due_now() -> None:
    """Many reminders of one open task, all due: its bureau has two to tell."""
    cast = Cast("enterprise-tech-centre-award")
    for role in (Role.PREPARER, Role.APPROVER):
        cast.of(cast.handling, role)
    task = factories.submitted(cast).tasks.get()
    Reminder.objects.bulk_create(
        Reminder(
            kind="review_due",
            city_id="qingdao",
            of_id=task.pk,
            key=f"test:{number}",
            application=task.application,
            task=task,
            due_on=task.due_on,
            remind_on=working_days.today(),
        )
        for number in range(COUNT)
    )


def test_each_is_written_exactly_once(committed_db: None) -> None:
    due_now()
    assert sum(at_once([sweep] * 8)) == COUNT
    assert Notice.objects.filter(kind="reminder.review_due").count() == 2 * COUNT
    assert Reminder.objects.filter(sent_at=None).count() == 0


def test_control_without_the_lock_work_is_done_twice(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = reminders.FIND.replace("FOR UPDATE SKIP LOCKED", "")
    assert unlocked != reminders.FIND
    monkeypatch.setattr(reminders, "FIND", unlocked)
    due_now()
    sent = at_once_before(Reminder.objects.earliest("remind_on", "id"), [sweep] * 8)
    assert sum(done for done in sent if isinstance(done, int)) > COUNT
    # Even so nobody reads a thing twice: the notice's key is the second guard.
    assert Notice.objects.filter(kind="reminder.review_due").count() == 2 * COUNT
