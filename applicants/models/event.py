from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.place import City


class Event(models.Model):
    """What happened, who did it, when and why. Append-only; every state is explained from here."""

    application_may = "SELECT, INSERT"

    city = models.ForeignKey(City, models.RESTRICT, null=True, verbose_name=_("city"))
    kind = models.CharField(_("what"), max_length=60)
    subject = models.CharField(_("about"), max_length=120, help_text=_("A case number or a key."))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    reason = models.TextField(_("why"), blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        indexes = [models.Index(fields=["subject", "id"], name="event_subject")]
        triggers = append_only("event")

    def __str__(self) -> str:
        return f"{self.kind} · {self.subject}"
