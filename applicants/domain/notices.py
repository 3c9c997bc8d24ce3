"""Notices: a row in the inbox, and the outbox of its e-mail (applicants.domain.outbox sends it)."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from applicants.domain import serving
from applicants.domain.deliveries import PASS_ON
from applicants.domain.doorbell import ring
from applicants.models import City, Notice, User

BELLS = ("applicants.send_outbox", "applicants.send_deliveries")
AT_ONCE = 1000

# Those of these keys that were written now.
WRITTEN = """
WITH told AS (
    SELECT n.id, n.kind, n.city_id, n.user_id FROM applicants_notice n
     WHERE n.key = ANY(%(keys)s) AND n.created_at >= %(now)s
)"""


def notify(
    *,
    user: User,
    kind: str,
    key: str,
    data: dict[str, Any],
    url: str = "",
    city: City | None = None,
) -> None:
    """Write a notice, once per `key` however often its cause is seen. E-mail follows the commit."""
    write([Notice(user=user, kind=kind, key=key, data=data, url=url, city=city)])


@transaction.atomic
def write(notices: Iterable[Notice]) -> None:
    """Many notices in few statements, and one bell for them all."""
    rows, now = serving.address(notices), timezone.now()
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_ONCE)
    if keys := [row.key for row in rows if row.city_id]:
        with connection.cursor() as cursor:
            cursor.execute(WRITTEN + PASS_ON, {"keys": keys, "now": now})
    ring_for_all()


def ring_for_all() -> None:
    """For whoever sends mails, text messages and webhooks."""
    for bell in BELLS:
        ring(bell)
