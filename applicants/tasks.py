"""What Celery calls. Each task finds its own work in the database."""

from celery import shared_task
from django.core.management import call_command

from applicants.domain import deliveries, digests, outbox


@shared_task(name="applicants.send_outbox")
def send_outbox() -> None:
    outbox.send_waiting()


@shared_task(name="applicants.send_digests")
def send_digests() -> None:
    digests.gather()
    digests.send_waiting()


@shared_task(name="applicants.send_deliveries")
def send_deliveries() -> None:
    deliveries.send_waiting()


@shared_task(name="applicants.clear_sessions")
def clear_sessions() -> None:
    call_command("clearsessions")
