"""The outbox: every notice to be e-mailed by itself, sent at least once, or given up visibly."""

import time
from contextlib import closing
from urllib.parse import urljoin, urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from applicants.domain import claiming
from applicants.domain.claiming import ATTEMPTS, FAILURES_IN_A_ROW, SWEEP_SECONDS
from applicants.domain.events import record
from applicants.domain.wording import render, with_own_words
from applicants.models import Notice

log = structlog.get_logger(__name__)

CLAIM = claiming.CLAIM.format(
    table="applicants_notice",
    queue="""applicants_notice q JOIN applicants_user u ON u.id = q.user_id
     WHERE q.emailed_at IS NULL AND q.email_mode = 'each' AND u.is_active""",
)


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
    claimed = claiming.claim(CLAIM)
    if claimed is None:
        return None
    notices = with_own_words(Notice.objects.select_related("user"))
    return notices.get(pk=claimed)


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
