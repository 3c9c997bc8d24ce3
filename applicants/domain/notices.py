"""Notices: a row in the inbox, and the outbox of its e-mail (applicants.tasks sends what is left)."""

from typing import Any

from applicants.models import Notice, User


def notify(*, user: User, kind: str, key: str, data: dict[str, Any], url: str = "") -> bool:
    """Write a notice once per `key`; True when it is new. E-mail follows after the commit."""
    written = Notice.objects.bulk_create(
        [Notice(user=user, kind=kind, key=key, data=data, url=url)], ignore_conflicts=True
    )
    return bool(written)
