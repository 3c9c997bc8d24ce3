"""Ring for a task once the transaction is committed. The row is the truth; a bell may get lost."""

import structlog
from celery import signature
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(task: str) -> None:
    """A broker that is down costs nobody the committed work: the sweeper finds the row."""
    transaction.on_commit(lambda: _ring_now(task), robust=True)


def _ring_now(task: str) -> None:
    try:
        signature(task).apply_async(retry=False)
    except OperationalError as error:
        log.warning("doorbell.broken", task=task, error=str(error))
