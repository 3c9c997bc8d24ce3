"""The size of an enterprise, as a bureau's list in the register of titles says it."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from incentives.models import Award, RegisterEntry
from tests.incentives.factories import make_user

_numbers = count(1)


def listed(award: Award, level: str, start: int, end: int | None = None) -> RegisterEntry:
    """By a bureau's list, from so many days after the approval to so many."""
    day = timezone.localdate(award.approved_at)
    entry: RegisterEntry = RegisterEntry.objects.create(
        city=award.city, kind="title", title="enterprise-size", level=level,
        number=f"E-{next(_numbers)}", label_zh="规模", label_en="Size", party=award.applicant,
        bureau=award.programme.handling_bureau, starts_on=day + timedelta(start),
        ends_on=None if end is None else day + timedelta(end), entered_by=make_user(),
    )  # fmt: skip
    return entry
