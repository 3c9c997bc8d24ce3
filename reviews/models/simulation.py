from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from incentives.models.draft import ProgrammeDraft
from incentives.models.programme import ProgrammeVersion


class Simulation(models.Model):
    """What a draft would have cost and who would gain or lose by it, beside the version in force.

    `draft_rules` and `told` are kept as text: what was simulated and what came out, to the byte.
    """

    application_may = "SELECT, INSERT"

    draft = models.ForeignKey(ProgrammeDraft, models.RESTRICT, related_name="simulations")
    against = models.ForeignKey(ProgrammeVersion, models.RESTRICT, related_name="+")
    draft_rules = models.TextField()
    cases = models.CharField(_("cases"), max_length=300, help_text=_("Past cases, or a file."))
    count = models.PositiveIntegerField(_("number of cases"))
    told = models.TextField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("started by"), related_name="+"
    )
    started_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        ordering = ["-id"]
        triggers = append_only("simulation")

    def __str__(self) -> str:
        return f"{self.draft} · {self.cases}"
