from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.figure import Figure
from applicants.models.party import Party
from applicants.models.place import City
from incentives.models.programme import Programme, ProgrammeVersion
from reviews.models.application import Application


class SweepState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Standing(models.TextChoices):
    """Whether anything stands in the way of opening a case for a party that was found."""

    FREE = "free", _("free to open")
    HAS_CASE = "has_case", _("has a case under way")
    RECEIVED = "received", _("has received it already")
    EXHAUSTED = "exhausted", _("limit used up")


class Sweep(models.Model):
    """One search of the registry for everyone who qualifies for a programme (免申即享)."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    programme = models.ForeignKey(Programme, models.RESTRICT, verbose_name=_("programme"))
    version = models.ForeignKey(ProgrammeVersion, models.RESTRICT, related_name="+")
    on = models.DateField(_("assessed as on"))
    readings = models.JSONField(_("settings in force"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=SweepState.choices, default=SweepState.WAITING
    )
    total = models.PositiveIntegerField(_("parties in the registry"), default=0)
    checked = models.PositiveIntegerField(_("looked at"), default=0)
    reached = models.BigIntegerField(default=0)  # the last party looked at: a run goes on from here
    found = models.PositiveIntegerField(_("qualify"), default=0)
    amount = Figure(_("together, in yuan"), max_digits=18, decimal_places=2, default=0)
    counts = models.JSONField(_("by decision"), default=dict)
    failure = models.TextField(_("failure"), blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("started by"), related_name="+"
    )
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.programme} {self.on}"


class SweepRow(models.Model):
    """A party that qualifies, or would after a choice or a missing fact; and the case opened."""

    application_may = "SELECT, INSERT, UPDATE"

    sweep = models.ForeignKey(Sweep, models.RESTRICT, related_name="rows")
    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("organisation"))
    decision = models.CharField(_("decision"), max_length=20)
    minimum = Figure(_("at least"), max_digits=16, decimal_places=2, null=True)
    maximum = Figure(_("at most"), max_digits=16, decimal_places=2, null=True)
    standing = models.CharField(
        _("standing"), max_length=10, choices=Standing.choices, default=Standing.FREE
    )
    application = models.OneToOneField(
        Application, models.RESTRICT, null=True, verbose_name=_("case"), related_name="sweep_row"
    )

    class Meta:
        verbose_name = _("found in a sweep")
        verbose_name_plural = _("found in sweeps")
        ordering = ["sweep", "id"]
        constraints = [models.UniqueConstraint("sweep", "party", name="found_once_per_sweep")]
        indexes = [
            models.Index(
                fields=["sweep", "id"], condition=Q(application=None), name="found_without_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sweep_id}: {self.party}"
