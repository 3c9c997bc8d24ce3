"""Working days (工作日) counted from the calendar table, never from a rule of thumb."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from reviews.models import CalendarDay

SHANGHAI = ZoneInfo("Asia/Shanghai")


class CalendarTooShort(Refused):
    """The calendar table does not reach far enough; `seed_calendar` extends it."""


def today() -> date:
    return timezone.now().astimezone(SHANGHAI).date()


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def add_working_days(start: date, days: int) -> date:
    """The last day of a period of `days` working days; the day of `start` itself does not count."""
    if days < 1:
        raise ValueError("a period has at least one working day")
    later = CalendarDay.objects.filter(date__gt=start, is_working=True).order_by("date")
    found = list(later.values_list("date", flat=True)[days - 1 : days])
    if not found:
        told = {"days": days, "start": start.isoformat()}
        raise CalendarTooShort(
            _(
                "The working-day calendar ends before %(days)s working days after %(start)s. "
                "Have an administrator extend it, or the period shortened."
            )
            % told
        )
    return found[0]


def working_days_before(end: date, days: int) -> date:
    """The day that lies `days` working days ahead of a deadline."""
    earlier = CalendarDay.objects.filter(date__lt=end, is_working=True).order_by("-date")
    found = list(earlier.values_list("date", flat=True)[days - 1 : days])
    return found[0] if found else end - timedelta(days=days)


def provisional_years() -> set[int]:
    """Years, from this one on, whose holidays are not published yet: days in them may move."""
    days = CalendarDay.objects.filter(provisional=True, date__gte=today())
    return set(days.values_list("date__year", flat=True).distinct().order_by())


def is_provisional(deadline: date | None) -> bool:
    return deadline is not None and deadline.year in provisional_years()


def count_between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; 0 when the end has passed."""
    days = CalendarDay.objects.filter(date__gt=start, date__lte=end, is_working=True)
    return days.count()
