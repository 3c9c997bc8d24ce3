"""A request sent twice is carried out once: the first response is kept for a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from applicants.domain.errors import Conflict, Refused
from applicants.models import IdempotencyKey, User

KEPT = timedelta(hours=24)


class OtherRequest(Refused):
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int
    data: Any
    replayed: bool = False


def once(
    *, user: User, key: str, path: str, body_sha256: str, run: Callable[[], Outcome]
) -> Outcome:
    """Run now, or give back what the first request with this key answered.

    What `run` writes and its answer are committed together; when it raises, nothing is kept and the
    key is free again. Raises Conflict while the first request still runs, OtherRequest when the key
    came with another path or body. Call it outside a transaction.
    """
    IdempotencyKey.objects.filter(user=user, created_at__lt=timezone.now() - KEPT).delete()
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(user=user, key=key, path=path, body_sha256=body_sha256)],
        ignore_conflicts=True,
    )
    with transaction.atomic():
        row = _locked(user, key)
        if row.status is not None:
            return _again(row, path, body_sha256)
        outcome = run()
        row.path, row.body_sha256 = path, body_sha256
        row.status, row.response = outcome.status, outcome.data
        row.save(update_fields=["path", "body_sha256", "status", "response"])
        return outcome


def _locked(user: User, key: str) -> IdempotencyKey:
    """The lock says that a request runs; it ends with its process, so none hangs for ever."""
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.select_for_update(nowait=True).get(user=user, key=key)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Conflict(_("The first request with this key is still running; wait.")) from error


def _again(row: IdempotencyKey, path: str, body_sha256: str) -> Outcome:
    if (row.path, row.body_sha256) != (path, body_sha256):
        raise OtherRequest(
            _("This Idempotency-Key was used for another request; use a new key for a new request.")
        )
    return Outcome(row.status or 0, row.response, replayed=True)
