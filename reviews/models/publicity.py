from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.figure import Figure
from applicants.models.place import City
from incentives.models.bureau import Bureau
from reviews.models.application import Application


class PublicityNotice(models.Model):
    """A list of intended awards shown to the public for some working days (公示)."""

    application_may = "SELECT, INSERT"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    number = models.CharField(_("notice number"), max_length=40, unique=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to and including"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published at"))
    count = models.PositiveIntegerField(_("cases"))
    total = Figure(_("total in yuan"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("publicity notice")
        verbose_name_plural = _("publicity notices")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="publicity_ends_after_start"
            )
        ]
        triggers = append_only("publicity notice")

    def __str__(self) -> str:
        return self.number

    def has_ended(self, today: date) -> bool:
        """The last day counts in full; a period of no days is over on the day it was published."""
        return today > self.ends_on or self.ends_on == self.starts_on


class PublicityItem(models.Model):
    application_may = "SELECT, INSERT"

    notice = models.ForeignKey(PublicityNotice, models.RESTRICT, related_name="items")
    application = models.ForeignKey(Application, models.RESTRICT, verbose_name=_("case"))
    amount = Figure(_("amount in yuan"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("publicity item")
        verbose_name_plural = _("publicity items")
        ordering = ["id"]
        constraints = [models.UniqueConstraint("notice", "application", name="publicity_item_once")]
        triggers = append_only("publicity item")

    def __str__(self) -> str:
        return f"{self.notice} · {self.application}"
