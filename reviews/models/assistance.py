from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.document import Document
from applicants.models.party import Party
from applicants.models.place import City


class Assistance(models.Model):
    """An applicant who cannot file online lets a window clerk do it (代办), for some days.

    The written authorisation lies beside it; the newest row of a party and clerk counts.
    """

    application_may = "SELECT, INSERT"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("applicant"))
    clerk = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("window clerk"), related_name="+"
    )
    authorised_by = models.CharField(_("authorised by"), max_length=160)
    reason = models.CharField(_("why the applicant cannot file"), max_length=300)
    document = models.ForeignKey(
        Document, models.RESTRICT, null=True, verbose_name=_("authorisation")
    )
    ends_on = models.DateField(_("to and including"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("ended by"),
        related_name="+",
    )  # a row of its own, which ends what the row before began  # fmt: skip
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("assistance at the window")
        verbose_name_plural = _("assistance at the window")
        ordering = ["-id"]
        triggers = append_only("assistance")

    def __str__(self) -> str:
        return f"{self.party} · {self.clerk}"
