"""What Celery calls. Each task finds its own work in the database."""

from celery import shared_task

from reviews.domain import (
    acceptance,
    calendar,
    commitments,
    entries,
    outlooks,
    recounting,
    reminders,
    rounds_setup,
    sweeps_running,
    watch,
    working_days,
)


@shared_task(name="reviews.plan_reminders")
def plan_reminders() -> None:
    reminders.plan()


@shared_task(name="reviews.send_reminders")
def send_reminders() -> None:
    reminders.send_due()


@shared_task(name="reviews.expire_entries")
def expire_entries() -> None:
    entries.expire()


@shared_task(name="reviews.close_periods")
def close_periods() -> None:
    """What happens by itself when a period has run out: acceptance, and promises not kept."""
    today = working_days.today()
    acceptance.deem_accepted(today=today)
    commitments.fall_back(today=today)
    rounds_setup.open_due(today=today)


@shared_task(name="reviews.extend_calendar")
def extend_calendar() -> None:
    this = working_days.today().year
    calendar.fill(first=this, last=this + 2)
    recounting.recount()


@shared_task(name="reviews.recount_deadlines")
def recount_deadlines() -> None:
    recounting.recount()


@shared_task(name="reviews.nightly_check")
def nightly_check() -> None:
    """Each place in a task of its own: one city's rows do not use up the time of another's."""
    for place in watch.places():
        check_place.delay(place)


@shared_task(name="reviews.check_place")
def check_place(place: str) -> None:
    watch.check_place(place)


@shared_task(name="reviews.run_sweeps")
def run_sweeps() -> None:
    sweeps_running.run_sweeps()


@shared_task(name="reviews.watch_pools")
def watch_pools() -> None:
    watch.watch_pools()


@shared_task(name="reviews.watch_checks")
def watch_checks() -> None:
    watch.watch_checks()


@shared_task(name="reviews.begin_outlooks")
def begin_outlooks() -> None:
    outlooks.begin_everywhere()


@shared_task(name="reviews.run_outlooks")
def run_outlooks() -> None:
    outlooks.run_all()
