import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviews.models.application import Application


class DefectKind(models.TextChoices):
    FACT = "fact", _("a fact")
    PAPER = "paper", _("a paper")
    OTHER = "other", _("something else")


class Defect(models.Model):
    """One thing to supplement, told together with all others of its return (一次性告知)."""

    application_may = "SELECT, INSERT, UPDATE"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="defects", verbose_name=_("case")
    )
    round = models.PositiveSmallIntegerField(_("return"))
    kind = models.CharField(_("kind"), max_length=10, choices=DefectKind.choices)
    fact_key = models.CharField(_("fact"), max_length=80, blank=True)
    reason = models.CharField(_("what is wrong and what to bring"), max_length=1000)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    told_by = models.ForeignKey(  # null: by the calendar, when a promise was not kept
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        verbose_name=_("told by"),
        related_name="+",
    )
    told_at = models.DateTimeField(_("told at"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)

    class Meta:
        verbose_name = _("defect")
        verbose_name_plural = _("defects")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "application",
                "round",
                "kind",
                "fact_key",
                condition=~Q(kind="other"),
                name="defect_once_per_return",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="defect_gives_its_reason",
                violation_error_message=_("Say what is wrong and what to bring."),
            ),
            models.CheckConstraint(
                condition=Q(kind="other") | ~Q(fact_key=""), name="defect_names_its_fact"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="defect_kept",
                operation=pgtrigger.Delete,
            ),
            pgtrigger.ReadOnly(
                name="defect_content",
                fields=["application", "round", "kind", "fact_key", "reason", "before", "told_by"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.fact_key or self.kind}"


class CommitmentState(models.TextChoices):
    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    BROKEN = "broken", _("broken")


class Commitment(models.Model):
    """A non-key paper that the applicant promised in writing to bring by a day (容缺受理)."""

    application_may = "SELECT, INSERT, UPDATE"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="commitments", verbose_name=_("case")
    )
    fact_key = models.CharField(_("paper beside the fact"), max_length=80)
    text = models.CharField(_("what is promised"), max_length=1000)
    due_on = models.DateField(_("by"))
    state = models.CharField(
        _("state"), max_length=10, choices=CommitmentState.choices, default=CommitmentState.OPEN
    )
    promised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("promised by"), related_name="+"
    )
    promised_at = models.DateTimeField(_("promised at"), auto_now_add=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        verbose_name=_("accepted by"),
        related_name="+",
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "application",
                "fact_key",
                condition=Q(state="open"),
                name="one_open_commitment_per_paper",
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="commitment_steps",
                field="state",
                transitions=[("open", "kept"), ("open", "broken")],
            ),
            pgtrigger.Protect(name="commitment_kept_row", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.fact_key}"
