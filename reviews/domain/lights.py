"""Deadlines as traffic lights, in words first: overdue, due within three working days, in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reviews.domain import working_days

SOON = 3  # working days


@dataclass(frozen=True, slots=True)
class Light:
    tone: str
    words: str | Promise


OVERDUE = Light("bad", _("overdue"))
NEAR = Light("warn", _("within 3 working days"))
IN_TIME = Light("ok", _("in time"))


def light(deadline: date, *, today: date, soon: date) -> Light:
    if deadline < today:
        return OVERDUE
    return NEAR if deadline <= soon else IN_TIME


def soon_from(today: date) -> date:
    """The last day that counts as near; five days on where the calendar does not reach that far."""
    try:
        return working_days.add_working_days(today, SOON)
    except working_days.CalendarTooShort:
        return today + timedelta(days=5)


def of_open(rows: Iterable[Any]) -> list[Light | None]:
    """Of each objection or reconsideration: none once it is decided."""
    today = working_days.today()
    soon = soon_from(today)
    return [
        light(row.due_on, today=today, soon=soon) if row.state == "filed" and row.due_on else None
        for row in rows
    ]
