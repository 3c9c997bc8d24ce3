"""Notices on their way through a city's endpoints: text messages and webhooks.

At least once each: an endpoint that takes a message and is not heard in time gets it again, with
the same idempotency key.
"""

import json
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from applicants.domain import claiming, signing
from applicants.domain.claiming import ATTEMPTS, FAILURES_IN_A_ROW, SWEEP_SECONDS
from applicants.domain.crypto import decrypt
from applicants.domain.events import record
from applicants.domain.notice_words import WORDS
from applicants.domain.outgoing import NotDelivered, post
from applicants.domain.wording import render
from applicants.models import Delivery, Notice, NoticePreference
from applicants.models.notice import Channel

log = structlog.get_logger(__name__)
SECRET = "endpoint secret"  # noqa: S105  # what the key is derived for, not a secret
LONGEST_TEXT = 70  # characters: one text message in Chinese

# Over freshly written notices (`told`): a text message only where the reader asked for some.
PASS_ON = """
INSERT INTO applicants_delivery (notice_id, endpoint_id, created_at, attempts, last_error)
SELECT t.id, e.id, %(now)s, 0, ''
  FROM told t JOIN applicants_endpoint e ON e.city_id = t.city_id AND e.is_active
 WHERE (e.kinds = '[]' OR e.kinds ? t.kind)
   AND (e.channel = 'webhook' OR EXISTS (
        SELECT 1 FROM applicants_noticepreference n WHERE n.user_id = t.user_id AND n.sms))
ON CONFLICT DO NOTHING
"""  # noqa: S105

CLAIM = claiming.CLAIM.format(
    table="applicants_delivery",
    queue="""applicants_delivery q JOIN applicants_endpoint e ON e.id = q.endpoint_id
     WHERE q.sent_at IS NULL AND e.is_active AND q.endpoint_id <> ALL(%(tired)s)""",
)


def send_waiting(*, seconds: float = SWEEP_SECONDS) -> int:
    """Send what waits, for at most some seconds; returns how many were taken.

    An endpoint that fails three times in a row is left alone until the next sweep.
    """
    until, sent = time.monotonic() + seconds, 0
    failures: dict[int, int] = {}
    while time.monotonic() < until:
        tired = [pk for pk, count in failures.items() if count >= FAILURES_IN_A_ROW]
        claimed = claiming.claim(CLAIM, tired=tired)
        if claimed is None:
            break
        delivery = Delivery.objects.select_related("endpoint", "notice__user").get(pk=claimed)
        delivered = deliver(delivery)
        sent += delivered
        failures[delivery.endpoint_id] = (
            0 if delivered else failures.get(delivery.endpoint_id, 0) + 1
        )
    return sent


def deliver(delivery: Delivery) -> bool:
    endpoint = delivery.endpoint
    try:
        body = json.dumps(message(delivery), ensure_ascii=False).encode()
        secret = decrypt(endpoint.secret_encrypted, purpose=SECRET).decode()
        post(endpoint.url, body, _headers(delivery, secret, body))
    except NotDelivered as error:
        _failed(delivery, str(error))
        return False
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=timezone.now(), last_error="")
    return True


def _headers(delivery: Delivery, secret: str, body: bytes) -> dict[str, str]:
    """Signed anew at each attempt, under the same key."""
    once = f"{urlsplit(settings.SITE_URL).hostname}-{delivery.pk}"
    return signing.headers(secret, body, at=int(time.time()), once=once)


def message(delivery: Delivery) -> dict[str, Any]:
    if delivery.endpoint.channel == Channel.SMS:
        wish = NoticePreference.objects.filter(user=delivery.notice.user_id, sms=True).first()
        if wish is None:
            raise NotDelivered("the reader no longer wants text messages")
        return {"to": wish.phone, "text": short_text(delivery.notice)}
    return _for_a_program(delivery.notice)


def short_text(notice: Notice) -> str:
    """Its title in our own Chinese words, which name nobody; the rest is read after signing in."""
    with override("zh-hans"):
        plain = Notice(kind=notice.kind, data=notice.data)  # of no city: without its own words
        known = notice.kind in WORDS
        title = render(plain, "zh-hans")[0] if known else _("You have a new notice")
        head, tail = _("[Huiqi] "), _(". Sign in to read it.")
    room = LONGEST_TEXT - len(head) - len(tail)
    return head + (title if len(title) <= room else title[: room - 1] + "…") + tail


def _for_a_program(notice: Notice) -> dict[str, Any]:
    title, text = render(notice, notice.user.language)
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "city": notice.city_id,
        "created_at": notice.created_at.isoformat(),
        "recipient": {"id": notice.user_id, "language": notice.user.language},
        "title": title,
        "text": text,
        "data": notice.data,
        "url": urljoin(settings.SITE_URL, notice.url),
    }


def _failed(delivery: Delivery, error: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(last_error=error[:1000])
    log.warning("delivery.failed", delivery=delivery.pk, attempt=delivery.attempts, error=error)
    if delivery.attempts >= ATTEMPTS:
        record(
            kind="notice.undeliverable",
            subject=f"delivery:{delivery.pk}",
            actor=None,
            city=delivery.endpoint.city,
            reason=error,
        )
