from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.figure import Figure
from incentives.models.award import Award
from incentives.models.budget import Budget


class ProRata(models.Model):
    """What waited for a budget that is given pro rata, shared out together: all that an auditor
    needs to compute it again. Written by `huiqi_reserve_many` alone; amounts in yuan.
    """

    application_may = "SELECT"

    budget = models.ForeignKey(
        Budget, models.RESTRICT, verbose_name=_("budget"), related_name="shared_out"
    )
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("shared out by"), related_name="+"
    )
    planned = Figure(_("planned in yuan"), max_digits=16, decimal_places=2)
    used = Figure(_("used before"), max_digits=16, decimal_places=2)
    room = Figure(_("room"), max_digits=16, decimal_places=2)
    asked = Figure(_("asked in all"), max_digits=16, decimal_places=2)
    given = Figure(_("given in all"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("pro rata share-out")
        verbose_name_plural = _("pro rata share-outs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given=Least(F("asked"), F("room")))
                & Q(room=Greatest(F("planned") - F("used"), Decimal(0))),
                name="pro_rata_gives_what_there_is",
            ),
        ]
        triggers = append_only("pro rata share-out")

    def __str__(self) -> str:
        return f"{self.budget} · {self.given}"


class ProRataLine(models.Model):
    """What one case asked of the budget, cut by its own caps before, and its share."""

    application_may = "SELECT"

    prorata = models.ForeignKey(ProRata, models.RESTRICT, related_name="lines")
    case_number = models.CharField(_("case number"), max_length=40)
    award = models.ForeignKey(
        Award, models.RESTRICT, null=True, verbose_name=_("award"), related_name="+"
    )
    asked = Figure(_("asked"), max_digits=16, decimal_places=2)
    share = Figure(_("share"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("pro rata share")
        verbose_name_plural = _("pro rata shares")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("prorata", "case_number", name="one_share_per_case"),
            models.CheckConstraint(
                condition=Q(share__gte=0) & Q(share__lte=F("asked")),
                name="share_within_what_was_asked",
            ),
        ]
        triggers = append_only("pro rata share")

    def __str__(self) -> str:
        return f"{self.case_number} · {self.share}"
