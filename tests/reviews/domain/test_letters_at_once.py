"""Letters issued and read by several at once: threads and commits."""

from collections.abc import Callable
from functools import partial
from time import sleep

import pytest
from django.db import IntegrityError
from django.utils import timezone

from applicants.domain.members import add_member
from applicants.models import Event, NumberSeries, User
from reviews.domain import acceptance, letter_numbers, letters, working_days
from reviews.models import Application, Letter
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast
from tests.incentives.domain.threads import at_once

HITECH = "hitech-first-recognition-award"


def waiting(count: int) -> list[tuple[Application, User]]:
    casts = [Cast(HITECH) for _ in range(count)]
    cases = [factories.submitted(cast) for cast in casts]
    people = [cast.of(cast.handling, Role.PREPARER) for cast in casts]
    return list(zip(cases, people, strict=True))


def accepted_at_once(count: int) -> list[object]:
    return at_once(
        [partial(acceptance.accept, case_id=case.pk, user=who) for case, who in waiting(count)]
    )


def test_numbers_given_out_at_once_are_all_different_and_without_gaps(committed_db: None) -> None:
    outcomes = accepted_at_once(4)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    year = working_days.today().year
    numbers = sorted(Letter.objects.values_list("number", flat=True))
    assert numbers == [f"青科受字〔{year}〕{serial}号" for serial in range(1, 5)]


def test_without_the_lock_two_would_bear_one_number(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: read, then write, as numbers must not be given out."""

    def unlocked(*, city: object, series: str, year: int) -> int:
        row = NumberSeries.objects.get_or_create(city=city, series=series, year=year)[0]
        sleep(0.3)
        NumberSeries.objects.filter(pk=row.pk).update(last=row.last + 1)
        return row.last + 1

    waiting(1)
    monkeypatch.setattr(letter_numbers, "next_number", unlocked)
    outcomes = accepted_at_once(3)
    assert IntegrityError in [type(one) for one in outcomes]


def opened_at_once() -> list[object]:
    cast = Cast(HITECH)
    letter = factories.accepted(cast).letters.get()
    readers = [cast.clerk, *(factories.make_user() for _ in range(3))]
    for reader in readers[1:]:
        add_member(party=cast.party, email=reader.email, role="clerk", user=cast.clerk)
    jobs: list[Callable[[], object]] = [
        partial(letters.open_letter, letter_id=letter.pk, user=reader) for reader in readers
    ]
    return at_once(jobs)


def test_of_readers_at_once_one_is_the_first(committed_db: None) -> None:
    outcomes = opened_at_once()
    assert [one for one in outcomes if not isinstance(one, Letter)] == []
    letter = Letter.objects.get()
    assert Event.objects.get(kind="letter.read").actor == letter.read_by


def test_the_database_refuses_a_second_first_reading(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: whoever writes without looking is stopped by the trigger."""

    def unlooked(letter_id: int, user: User) -> bool:
        now = timezone.now()
        return bool(Letter.objects.filter(pk=letter_id).update(read_at=now, read_by=user))

    monkeypatch.setattr(letters, "_mark_read", unlooked)
    outcomes = opened_at_once()
    assert sum(isinstance(one, Letter) for one in outcomes) == 1
    assert Event.objects.filter(kind="letter.read").count() == 1
