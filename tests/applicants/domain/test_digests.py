"""One mail a day and person of what is not served at once; lost workers lose nothing."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from applicants.domain import digests, notices, outbox, preferences
from applicants.domain.serving import SERVED, is_served
from applicants.models import Digest, Notice, User
from tests.factories import make_user
from tests.incentives.domain.threads import at_once

MORNING = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)  # five past eight in Shanghai
NIGHT = MORNING - timedelta(hours=6)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def remind(user: User, count: int, kind: str = "reminder.review_due", start: int = 0) -> None:
    data = {"number": "QI-1", "title_en": "Award", "due_on": "2026-11-23"}
    data["task"] = {"en": "opinion", "zh": "会审意见"}  # type: ignore[assignment]
    notices.write(
        Notice(user=user, kind=kind, key=f"{user.pk}:{kind}:{start + n}", data=data)
        for n in range(count)
    )


def staff() -> User:
    return make_user(is_staff=True, language="en")


def modes(user: User) -> Counter[str]:
    return Counter(Notice.objects.filter(user=user).values_list("email_mode", flat=True))


def sweep() -> int:
    outbox.send_waiting()
    digests.gather()
    return digests.send_waiting()


def test_200_deadlines_of_a_reviewer_are_one_mail(db: None, clock: time_machine.Traveller) -> None:
    reviewer = staff()
    remind(reviewer, 200)
    assert sweep() == 0
    clock.move_to(MORNING, tick=False)
    assert [sweep(), sweep()] == [1, 0]
    message = mail.outbox[0]
    assert message.subject == "Your notices of Nov. 20, 2026: 200 notices"
    assert message.body.count("- Case QI-1: opinion due on Nov. 23, 2026") == 20
    assert "and 180 more" in message.body
    digest = Digest.objects.get()
    assert message.extra_headers["Message-ID"] == f"<digest-{digest.pk}@127.0.0.1>"
    assert Notice.objects.filter(user=reviewer, emailed_at=None).count() == 0


def test_what_comes_after_eight_waits_for_tomorrow(db: None, clock: time_machine.Traveller) -> None:
    reviewer = staff()
    clock.move_to(MORNING, tick=False)
    remind(reviewer, 1)
    assert sweep() == 0
    clock.shift(timedelta(days=1))
    remind(reviewer, 1, start=1)
    assert sweep() == 1
    assert Digest.objects.get().notices.count() == 1


def test_a_morning_without_a_worker_is_made_up_for(db: None, clock: time_machine.Traveller) -> None:
    remind(staff(), 3)
    clock.shift(timedelta(days=3))  # in the night again
    assert sweep() == 1


def test_an_applicant_is_told_of_each_unless_they_choose(db: None) -> None:
    applicant = make_user()
    remind(applicant, 2, "reminder.supplement_due")
    preferences.choose(user=applicant, email="digest", phone="", sms=False)
    remind(applicant, 3, "reminder.supplement_due", start=2)
    preferences.choose(user=applicant, email="none", phone="", sms=False)
    remind(applicant, 4, "reminder.supplement_due", start=5)
    assert modes(applicant) == {"each": 2, "digest": 3, "none": 4}


@pytest.mark.parametrize("kind", [*sorted(SERVED), "letter.served", "recovery.demanded"])
def test_what_the_law_has_served_goes_out_at_once(db: None, kind: str) -> None:
    user = staff()
    preferences.choose(user=user, email="none", phone="", sms=False)
    remind(user, 1, kind)
    assert is_served(kind)
    assert modes(user) == {"each": 1}
    assert outbox.send_waiting() == 1


def test_only_the_inbox_means_no_mail_at_all(db: None, clock: time_machine.Traveller) -> None:
    user = make_user()
    preferences.choose(user=user, email="none", phone="", sms=False)
    remind(user, 2)
    clock.move_to(MORNING, tick=False)
    assert (sweep(), mail.outbox) == (0, [])


def test_a_worker_lost_after_its_claim_sends_the_same_mail_later(
    db: None, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    remind(staff(), 3)
    clock.move_to(MORNING, tick=False)
    digests.gather()
    with monkeypatch.context() as lost:
        lost.setattr(digests.transaction, "atomic", _die)
        with pytest.raises(KeyboardInterrupt):
            digests.send_waiting()
    assert digests.send_waiting() == 0  # still claimed
    clock.shift(timedelta(minutes=11))
    assert digests.send_waiting() == 1
    first, second = mail.outbox
    assert (first.extra_headers, first.body) == (second.extra_headers, second.body)


def _die(*_args: object) -> None:
    raise KeyboardInterrupt


def test_eight_at_once_gather_and_send_each_once(
    committed_db: None, clock: time_machine.Traveller
) -> None:
    people = [staff() for _ in range(12)]
    for person in people:
        remind(person, 5)
    clock.move_to(MORNING, tick=False)
    assert sum(n for n in at_once([digests.gather] * 8) if isinstance(n, int)) == 60
    assert sum(n for n in at_once([digests.send_waiting] * 8) if isinstance(n, int)) == 12
    sent = Counter(message.extra_headers["Message-ID"] for message in mail.outbox)
    assert (len(sent), set(sent.values())) == (12, {1})
