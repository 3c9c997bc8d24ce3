"""Notices: a row in the inbox, and the outbox of its e-mail (applicants.domain.outbox sends it)."""

from collections.abc import Iterable
from typing import Any

from applicants.domain.doorbell import ring
from applicants.models import Notice, User

SEND = "applicants.send_outbox"


def notify(*, user: User, kind: str, key: str, data: dict[str, Any], url: str = "") -> None:
    """Write a notice, once per `key` however often its cause is seen. E-mail follows the commit."""
    write([Notice(user=user, kind=kind, key=key, data=data, url=url)])


def write(notices: Iterable[Notice]) -> None:
    """Many notices in one statement, and one bell for them all."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1000)
    ring(SEND)
