"""What Celery beat rings for, and when (Asia/Shanghai). Every task finds its work in the database.

A bell nobody hears in its time is dropped: the next one does the same work.
"""

from typing import Any

from celery.schedules import crontab

MINUTE, HOUR, DAY = 60, 3600, 86400


def _ring(task: str, schedule: crontab, expires: int) -> dict[str, Any]:
    return {"task": task, "schedule": schedule, "options": {"expires": expires}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "send the outbox": _ring("applicants.send_outbox", crontab(), MINUTE),
    "send digests": _ring("applicants.send_digests", crontab(minute="*/10"), 10 * MINUTE),
    "send deliveries": _ring("applicants.send_deliveries", crontab(), MINUTE),
    "send reminders": _ring("reviews.send_reminders", crontab(minute="*/10"), 10 * MINUTE),
    "run sweeps": _ring("reviews.run_sweeps", crontab(), MINUTE),
    "begin outlooks": _ring(
        "reviews.begin_outlooks", crontab(hour="4", minute="0", day_of_week="1"), DAY
    ),
    "run outlooks": _ring("reviews.run_outlooks", crontab(), MINUTE),
    "watch pools": _ring("reviews.watch_pools", crontab(minute="5"), HOUR),
    "watch the nightly check": _ring("reviews.watch_checks", crontab(minute="35"), HOUR),
    "expire register entries": _ring("reviews.expire_entries", crontab(hour="0", minute="15"), DAY),
    "close periods": _ring("reviews.close_periods", crontab(hour="0", minute="5"), DAY),
    "recount deadlines": _ring("reviews.recount_deadlines", crontab(hour="0", minute="2"), DAY),
    "plan reminders": _ring("reviews.plan_reminders", crontab(hour="1", minute="10"), DAY),
    "seal history": _ring("incentives.seal_history", crontab(), MINUTE),
    "run exports": _ring("incentives.run_exports", crontab(), MINUTE),
    "delete old exports": _ring(
        "incentives.delete_old_exports", crontab(hour="3", minute="15"), DAY
    ),
    "write the daily digest": _ring("incentives.write_digest", crontab(hour="0", minute="20"), DAY),
    "check balances": _ring("reviews.nightly_check", crontab(hour="2", minute="0"), DAY),
    "extend the calendar": _ring(
        "reviews.extend_calendar", crontab(hour="3", minute="0", day_of_month="1"), DAY
    ),
    "clear sessions": _ring("applicants.clear_sessions", crontab(hour="3", minute="30"), DAY),
}
AT_START = ("reviews.plan_reminders", "reviews.expire_entries", "reviews.close_periods")
