from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """A message to one person: the row is the inbox entry and the outbox of its e-mail at once.

    `kind` names the wording (applicants.domain.wording); `data` fills it, in the reader's language.
    `key` makes it a notice that is written once however often its cause is seen.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("to"))
    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(max_length=160, unique=True)
    data = models.JSONField(default=dict)
    url = models.CharField(_("page"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("e-mailed at"), null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_inbox"),
            models.Index(fields=["id"], condition=Q(emailed_at=None), name="notice_outbox"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"
