"""What Celery calls. Each task finds its own work in the database."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from applicants.domain import chains
from incentives.domain import background, sealing


@shared_task(name="incentives.seal_history")
def seal_history() -> None:
    sealing.seal_all()


@shared_task(name="incentives.run_exports")
def run_exports() -> None:
    background.run()


@shared_task(name="incentives.write_digest")
def write_digest() -> None:
    """After midnight, for the day that is over."""
    sealing.seal_all()
    chains.anchor(timezone.localdate() - timedelta(days=1))
