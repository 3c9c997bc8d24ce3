from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.party import Party


class FactSource(models.TextChoices):
    DECLARED = "declared", _("declared by the applicant")
    IMPORTED = "imported", _("imported from a bureau's list")
    CONFIRMED = "confirmed", _("confirmed by a reviewer")


class ProfileFact(models.Model):
    """A value of the party's profile, reused by every application; the newest of a key counts."""

    application_may = "SELECT, INSERT"

    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("applicant"))
    key = models.CharField(_("fact"), max_length=80)
    value = models.JSONField(_("value"))
    source = models.CharField(_("source"), max_length=10, choices=FactSource.choices)
    as_of = models.DateField(_("as of"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("profile fact")
        verbose_name_plural = _("profile facts")
        indexes = [models.Index(fields=["party", "key", "-id"], name="fact_newest")]
        triggers = append_only("fact")

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
