import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.party import Party
from reviews.models.application import Application


class ObligationKind(models.TextChoices):
    STAY = "stay", _("stay in the city")
    INDUSTRIALISE = "industrialise", _("put the results to use in the city")
    REPORT = "report", _("report")
    TARGET = "target", _("reach a target")


class ObligationState(models.TextChoices):
    DUE = "due", _("due")
    MET = "met", _("met")
    BROKEN = "broken", _("broken")
    WAIVED = "waived", _("waived")


class Obligation(models.Model):
    """What a holder owes after a case has ended, by a day; evaluated by the handling bureau."""

    application_may = "SELECT, INSERT, UPDATE"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="obligations", verbose_name=_("case")
    )
    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("owed by"))
    kind = models.CharField(_("kind"), max_length=20, choices=ObligationKind.choices)
    code = models.CharField(
        max_length=40, blank=True
    )  # its id in the programme; empty if set by hand
    text = models.CharField(_("what is owed"), max_length=1000)
    due_on = models.DateField(_("due on"))
    state = models.CharField(
        _("state"), max_length=10, choices=ObligationState.choices, default=ObligationState.DUE
    )
    finding = models.TextField(_("finding"), blank=True)
    recovery = models.CharField(_("recovery number"), max_length=40, blank=True)
    evaluated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        verbose_name=_("evaluated by"),
        related_name="+",
    )
    evaluated_at = models.DateTimeField(_("evaluated at"), null=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set by"), related_name="+"
    )

    class Meta:
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="due") | (~Q(finding="") & Q(evaluated_by__isnull=False)),
                name="obligation_has_its_finding",
                violation_error_message=_("State what was found."),
            )
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"], condition=Q(state="due"), name="obligation_by_deadline"
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="obligation_steps",
                field="state",
                transitions=[("due", "met"), ("due", "broken"), ("due", "waived")],
            ),
            pgtrigger.Protect(name="obligation_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.get_kind_display()}"
