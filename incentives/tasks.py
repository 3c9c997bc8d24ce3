"""What Celery calls. Each task finds its own work in the database."""

from celery import shared_task

from applicants.domain import anchors
from incentives.domain import background, kept_files, sealing


@shared_task(name="incentives.seal_history")
def seal_history() -> None:
    sealing.seal_all()


@shared_task(name="incentives.run_exports")
def run_exports() -> None:
    background.run()


@shared_task(name="incentives.delete_old_exports")
def delete_old_exports() -> None:
    kept_files.delete_old()


@shared_task(name="incentives.write_digest")
def write_digest() -> None:
    """After midnight, for the day that is over."""
    try:
        sealing.seal_all()
    finally:
        anchors.anchor()
