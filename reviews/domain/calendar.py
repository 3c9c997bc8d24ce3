"""Fill the working-day calendar: from the State Council's yearly notices where they are published.

A year that nobody knows yet is filled with Monday to Friday less the fixed holidays and marked
provisional; filling it again once its notice is in the library replaces those days.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar

from reviews.models import CalendarDay

PUBLISHED = "chinesecalendar: 国务院办公厅节假日安排通知"
PROVISIONAL = "暂按周一至周五及固定节假日推算"
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def fill(*, first: int, last: int) -> int:
    """Write the days of the years `first` to `last`; days an editor changed stay as they are."""
    days = [_day(day) for year in range(first, last + 1) for day in _days_of(year)]
    kept = set(
        CalendarDay.objects.exclude(source__in=[PUBLISHED, PROVISIONAL]).values_list(
            "date", flat=True
        )
    )
    CalendarDay.objects.bulk_create(
        [day for day in days if day.date not in kept],
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["is_working", "provisional", "source"],
    )
    return len(days)


def _days_of(year: int) -> Iterator[date]:
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
