"""The working-day calendar (工作日): filled from the State Council's yearly notices, and mended.

A year that nobody knows yet is filled with Monday to Friday less the fixed holidays and marked
provisional; once its notice is published it is entered here, or comes with the library, and the
deadlines that fall in it are counted again (see recounting).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import chinese_calendar
from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain.doorbell import ring
from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import User
from reviews.models import CalendarDay

PUBLISHED = "chinesecalendar: 国务院办公厅节假日安排通知"
PROVISIONAL = "暂按周一至周五及固定节假日推算"
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
RECOUNT = "reviews.recount_deadlines"
RANGE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:至|到|–|—|~|\.\.)\s*(\d{4}-\d{1,2}-\d{1,2}))?")
LONGEST_HOLIDAY = 15  # days


def fill(*, first: int, last: int) -> int:
    """Write the days of the years `first` to `last`; days an editor changed stay as they are."""
    days = [_day(day) for year in range(first, last + 1) for day in days_of(year)]
    kept = set(
        CalendarDay.objects.exclude(source__in=[PUBLISHED, PROVISIONAL]).values_list(
            "date", flat=True
        )
    )
    _write([day for day in days if day.date not in kept])
    return len(days)


def _write(days: Iterable[CalendarDay]) -> None:
    CalendarDay.objects.bulk_create(
        days,
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["is_working", "provisional", "source"],
    )


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _day(day: date) -> CalendarDay:
    try:
        working = chinese_calendar.is_workday(day)
    except NotImplementedError:
        working = day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS
        return CalendarDay(date=day, is_working=working, provisional=True, source=PROVISIONAL)
    return CalendarDay(date=day, is_working=working, provisional=False, source=PUBLISHED)


@transaction.atomic
def change_day(
    *, day: date, is_working: bool, provisional: bool, source: str, user: User
) -> CalendarDay:
    """Correct one day, or add one; the deadlines are counted again soon after the commit."""
    require_source(source)
    before = CalendarDay.objects.select_for_update().filter(pk=day).first()
    _write([CalendarDay(date=day, is_working=is_working, provisional=provisional, source=source)])
    data = {"working": is_working, "provisional": provisional} | _before(before)
    _note(f"calendar:{day.isoformat()}", source, data, user)
    return CalendarDay.objects.get(pk=day)


def _before(day: CalendarDay | None) -> dict[str, Any]:
    if day is None:
        return {}
    return {
        "before": {
            "working": day.is_working, "provisional": day.provisional, "source": day.source,
        }
    }  # fmt: skip


def require_source(source: str) -> None:
    if source.strip() in ("", PUBLISHED, PROVISIONAL):
        raise Refused({"source": _("Name the notice or decision that says so.")})


@dataclass(frozen=True)
class Notice:
    """The holidays of a year as its notice prints them, and the weekend days worked for them."""

    year: int
    holidays: frozenset[date] = field(default_factory=frozenset)
    worked: frozenset[date] = field(default_factory=frozenset)

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < 5 and day not in self.holidays)


def read_notice(*, year: int, holidays: str, worked: str) -> Notice:
    """Days one a line, a holiday also as `2027-02-05 至 2027-02-11`; raises Refused by field."""
    problems: dict[str, str] = {}
    off, on = _days(year, "holidays", holidays, problems), _days(year, "worked", worked, problems)
    if not problems and not off:
        problems["holidays"] = _("Write the holidays of the notice, one a line.")
    if both := sorted(off & on):
        problems["worked"] = _("%s is among the holidays too.") % both[0].isoformat()
    if weekdays := sorted(day for day in on if day.weekday() < 5):
        problems["worked"] = _("%s is a weekday and worked anyway.") % weekdays[0].isoformat()
    if problems:
        raise Refused(problems)
    return Notice(year, frozenset(off), frozenset(on))


def _days(year: int, name: str, written: str, problems: dict[str, str]) -> set[date]:
    found: set[date] = set()
    for line in filter(None, map(str.strip, written.splitlines())):
        try:
            found |= _range(line)
        except ValueError:
            problems[name] = _("“%s” is no day; write 2027-02-05, or two with ~ between.") % line
    if strange := sorted(day for day in found if day.year != year):
        problems[name] = _("%(day)s is not in %(year)s.") % {
            "day": strange[0].isoformat(), "year": year,
        }  # fmt: skip
    return found


def _range(line: str) -> set[date]:
    match = RANGE.fullmatch(line)
    if match is None:
        raise ValueError(line)
    first, last = (_read(part) for part in (match[1], match[2] or match[1]))
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_HOLIDAY:
        raise ValueError(line)
    return {first + timedelta(days=number) for number in range(length)}


def _read(written: str) -> date:
    year, month, day = map(int, written.split("-"))
    return date(year, month, day)


@transaction.atomic
def publish_year(*, notice: Notice, source: str, user: User) -> int:
    """Write a whole year by its notice, no longer provisional; how many days it changes."""
    require_source(source)
    before = dict(
        CalendarDay.objects.select_for_update()
        .filter(date__year=notice.year)
        .values_list("date", "is_working")
    )
    days = [
        CalendarDay(date=day, is_working=notice.is_working(day), provisional=False, source=source)
        for day in days_of(notice.year)
    ]
    _write(days)
    changed = [day.date for day in days if before.get(day.date) != day.is_working]
    data = {"year": notice.year, "changed": [day.isoformat() for day in changed]}
    _note(f"calendar:{notice.year}", source, data, user)
    return len(changed)


def _note(subject: str, source: str, data: dict[str, Any], user: User) -> None:
    record(kind="calendar.changed", subject=subject, actor=user, reason=source, data=data)
    ring(RECOUNT)
