"""The outbox: every notice that has not been e-mailed yet, sent at least once, or given up visibly.

A row is claimed by one UPDATE, so that any number of workers may sweep at once. A claim runs out:
after ten minutes the worker counts as lost and the row is found again; after each failure the wait
doubles, and the last of eight attempts comes about a day after the first.
"""

import time
from contextlib import closing
from urllib.parse import urljoin, urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from applicants.domain.events import record
from applicants.domain.wording import render
from applicants.models import Notice

log = structlog.get_logger(__name__)
ATTEMPTS = 8
FAILURES_IN_A_ROW = 3
SWEEP_SECONDS = 50

CLAIM = """
WITH waiting AS MATERIALIZED (
    SELECT n.id FROM applicants_notice n JOIN applicants_user u ON u.id = n.user_id
     WHERE n.emailed_at IS NULL AND n.attempts < %(attempts)s AND u.is_active
       AND (n.claimed_at IS NULL
            OR n.claimed_at + interval '10 minutes' * power(2, greatest(n.attempts - 1, 0))
               < %(now)s)
     ORDER BY n.id LIMIT 1 FOR UPDATE OF n SKIP LOCKED
)
UPDATE applicants_notice n SET claimed_at = %(now)s, attempts = n.attempts + 1
  FROM waiting WHERE n.id = waiting.id RETURNING n.id
"""


def send_waiting(*, seconds: float = SWEEP_SECONDS) -> int:
    """Send what is waiting, for at most some seconds; returns how many were sent.

    A mail server that fails three times in a row is left alone until the next sweep.
    """
    until, sent, failures = time.monotonic() + seconds, 0, 0
    with closing(get_connection()) as mail_server:
        while failures < FAILURES_IN_A_ROW and time.monotonic() < until:
            notice = claim()
            if notice is None:
                break
            delivered = deliver(notice, mail_server)
            sent, failures = sent + delivered, 0 if delivered else failures + 1
    return sent


def claim() -> Notice | None:
    """The oldest notice that waits, now this worker's own; nobody else gets it meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"attempts": ATTEMPTS, "now": timezone.now()})
        row = cursor.fetchone()
    return Notice.objects.select_related("user").get(pk=row[0]) if row else None


def deliver(notice: Notice, mail_server: BaseEmailBackend) -> bool:
    try:
        message(notice, mail_server).send()
    except (OSError, ValueError) as error:  # every error of smtplib is an OSError
        mail_server.close()
        _failed(notice, f"{type(error).__name__}: {error}")
        return False
    Notice.objects.filter(pk=notice.pk).update(emailed_at=timezone.now(), last_error="")
    return True


def message(notice: Notice, mail_server: BaseEmailBackend | None = None) -> EmailMessage:
    """The same Message-ID each time, so that a mail sent twice can be known as one."""
    title, text = render(notice, notice.user.language)
    link = urljoin(settings.SITE_URL, notice.url)
    return EmailMessage(
        subject=title,
        body=f"{text}\n\n{link}\n",
        to=[notice.user.email],
        headers={"Message-ID": f"<notice-{notice.pk}@{urlsplit(settings.SITE_URL).hostname}>"},
        connection=mail_server,
    )


def _failed(notice: Notice, error: str) -> None:
    Notice.objects.filter(pk=notice.pk).update(last_error=error[:1000])
    log.warning("outbox.failed", notice=notice.pk, attempt=notice.attempts, error=error)
    if notice.attempts >= ATTEMPTS:
        record(kind="notice.undeliverable", subject=f"notice:{notice.pk}", actor=None, reason=error)
