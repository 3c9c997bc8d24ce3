from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from reviews.models.determination import Determination


class Signature(models.Model):
    """One of the signatures that a determination needs above a sum, beyond its approver's."""

    application_may = "SELECT, INSERT"

    determination = models.ForeignKey(
        Determination, models.RESTRICT, related_name="signatures", verbose_name=_("determination")
    )
    level = models.PositiveSmallIntegerField(_("signature"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("signed by"), related_name="+"
    )
    signed_at = models.DateTimeField(_("signed at"), auto_now_add=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["determination", "level"]
        constraints = [
            models.UniqueConstraint("determination", "level", name="signature_once_per_level"),
            models.UniqueConstraint(
                "determination",
                "signed_by",
                name="one_signature_per_person",
                violation_error_message=_("You have signed this determination already."),
            ),
        ]
        triggers = append_only("signature")

    def __str__(self) -> str:
        return f"{self.determination} · {self.level}"
