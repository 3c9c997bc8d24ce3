"""The daily digest: one mail a person and day, of all that they wish to be told of together.

What is in a digest is fixed in the statement that makes it, and its Message-ID is its number: a
mail sent twice because a worker was lost is the same mail, and can be known as one.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from applicants.domain import claiming
from applicants.domain.claiming import ATTEMPTS, FAILURES_IN_A_ROW, SWEEP_SECONDS
from applicants.domain.events import record
from applicants.domain.wording import render, with_own_words
from applicants.models import Digest, Notice

log = structlog.get_logger(__name__)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 8  # of the morning: what was written before it goes out today
LISTED = 20  # of one kind; the rest is counted

GATHER = """
WITH waiting AS (
    SELECT n.id, n.user_id FROM applicants_notice n JOIN applicants_user u ON u.id = n.user_id
     WHERE n.emailed_at IS NULL AND n.email_mode = 'digest' AND n.part_of_id IS NULL
       AND n.created_at < %(until)s AND u.is_active
), made AS (
    INSERT INTO applicants_digest (user_id, day, created_at, attempts, last_error)
    SELECT DISTINCT user_id, %(day)s::date, %(now)s, 0, '' FROM waiting
    ON CONFLICT DO NOTHING RETURNING id, user_id
)
UPDATE applicants_notice n SET part_of_id = made.id
  FROM waiting JOIN made USING (user_id) WHERE n.id = waiting.id
"""

CLAIM = claiming.CLAIM.format(
    table="applicants_digest",
    queue="""applicants_digest q JOIN applicants_user u ON u.id = q.user_id
     WHERE q.emailed_at IS NULL AND u.is_active""",
)


def gather() -> int:
    """Put what waits into today's digests, once the hour has come; how many notices that were."""
    now = timezone.now().astimezone(SHANGHAI)
    until = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if now < until:
        until -= timedelta(days=1)  # a morning without a worker is made up for
    return _gather(until, now)


def _gather(until: datetime, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(GATHER, {"until": until, "day": until.date(), "now": now})
        return int(cursor.rowcount)


def send_waiting(*, seconds: float = SWEEP_SECONDS) -> int:
    """Send the digests that wait, for at most some seconds; returns how many were sent."""
    until, sent, failures = time.monotonic() + seconds, 0, 0
    with closing(get_connection()) as mail_server:
        while failures < FAILURES_IN_A_ROW and time.monotonic() < until:
            claimed = claiming.claim(CLAIM)
            if claimed is None:
                break
            digest = Digest.objects.select_related("user").get(pk=claimed)
            delivered = deliver(digest, mail_server)
            sent, failures = sent + delivered, 0 if delivered else failures + 1
    return sent


def deliver(digest: Digest, mail_server: BaseEmailBackend) -> bool:
    try:
        message(digest, mail_server).send()
    except (OSError, ValueError) as error:  # every error of smtplib is an OSError
        mail_server.close()
        _failed(digest, f"{type(error).__name__}: {error}")
        return False
    with transaction.atomic():
        now = timezone.now()
        Digest.objects.filter(pk=digest.pk).update(emailed_at=now, last_error="")
        digest.notices.update(emailed_at=now)
    return True


def message(digest: Digest, mail_server: BaseEmailBackend | None = None) -> EmailMessage:
    with override(digest.user.language):
        told = list(with_own_words(digest.notices.all()).order_by("kind", "id"))
        count = ngettext("%(count)s notice", "%(count)s notices", len(told)) % {"count": len(told)}
        subject = _("Your notices of %(day)s: %(count)s") % {
            "day": date_format(digest.day),
            "count": count,
        }
        body = "\n".join([*_lines(told), _page(_("All of them, in your inbox:"), "inbox")])
        body += "\n" + _page(_("How you are told is yours to choose:"), "notice_preferences")
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject=subject,
        body=body + "\n",
        to=[digest.user.email],
        headers={"Message-ID": f"<digest-{digest.pk}@{host}>"},
        connection=mail_server,
    )


def _lines(told: list[Notice]) -> Iterator[str]:
    """Kind after kind, each notice by its title."""
    for _kind, same in groupby(told, key=lambda notice: notice.kind):
        notices = list(same)
        for notice in notices[:LISTED]:
            yield f"- {render(notice)[0]}\n  {urljoin(settings.SITE_URL, notice.url)}"
        if len(notices) > LISTED:
            yield "- " + _("and %(count)s more") % {"count": len(notices) - LISTED}
        yield ""


def _page(words: str, name: str) -> str:
    return f"{words} {urljoin(settings.SITE_URL, reverse(f'applicants:{name}'))}"


def _failed(digest: Digest, error: str) -> None:
    Digest.objects.filter(pk=digest.pk).update(last_error=error[:1000])
    log.warning("digest.failed", digest=digest.pk, attempt=digest.attempts, error=error)
    if digest.attempts >= ATTEMPTS:
        record(kind="notice.undeliverable", subject=f"digest:{digest.pk}", actor=None, reason=error)
