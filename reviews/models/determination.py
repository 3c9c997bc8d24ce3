import json
from functools import reduce
from operator import or_
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.figure import Figure
from incentives.models.award import Award
from reviews.models.application import Application


class Outcome(models.TextChoices):
    AWARD = "award", _("grant")
    REFUSE = "refuse", _("refuse")


class DeterminationState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    SENT_BACK = "sent_back", _("sent back")
    VOID = "void", _("void")


PROPOSED = [
    "application", "number", "outcome", "reason", "facts", "choices", "readings", "history",
    "digest", "assessment", "assessed", "terms", "ends_on", "proposed_by", "proposed_at",
]  # fmt: skip
APPROVED = ["approved_by", "approved_at", "granted", "cuts", "award", "explanation"]


def changed(*fields: str) -> pgtrigger.Q:
    pairs = [pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in fields]
    return reduce(or_, pairs)


CHECKED_BY_ANOTHER = """
    IF EXISTS (
        SELECT FROM reviews_opinion o JOIN reviews_reviewtask t ON t.id = o.task_id
         WHERE t.application_id = NEW.application_id
           AND NEW.checked_by_id IN (o.prepared_by_id, o.approved_by_id)
    ) OR EXISTS (
        SELECT FROM reviews_determination d
          LEFT JOIN reviews_signature s ON s.determination_id = d.id
         WHERE d.application_id = NEW.application_id
           AND NEW.checked_by_id IN (d.proposed_by_id, d.approved_by_id, s.signed_by_id)
    ) THEN
        RAISE EXCEPTION 'the finance check is made by someone who neither gave an opinion on the '
            'case nor determined it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class Determination(models.Model):
    """The handling bureau's decision (审定), with all it was taken on, so that it can be replayed.

    `facts`, `choices`, `readings` (the settings in force), `history` (what was granted before,
    where the rules ask) and the version's digest are what the assessment was computed from;
    `assessment` is what it said, to the byte. Amounts in yuan. Where nothing is paid `terms` say
    what is given, and `assessed` is a figure for the register.
    """

    application_may = "SELECT, INSERT, UPDATE"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="determinations", verbose_name=_("case")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DeterminationState.choices,
        default=DeterminationState.PROPOSED,
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.TextField(_("reason"))
    facts = models.JSONField()
    choices = models.JSONField()
    readings = models.JSONField()
    history = models.JSONField(default=dict)
    digest = models.CharField("SHA-256", max_length=64)
    assessment = models.TextField()
    assessed = Figure(_("assessed"), max_digits=16, decimal_places=2)
    signatures_needed = models.PositiveSmallIntegerField(_("signatures needed"), default=1)
    terms = models.TextField(_("terms"), blank=True)
    ends_on = models.DateField(_("valid to and including"), null=True)
    granted = Figure(_("granted"), max_digits=16, decimal_places=2, null=True)
    cuts = models.JSONField(_("cuts"), default=list)
    award = models.ForeignKey(Award, models.RESTRICT, null=True, related_name="+")
    explanation = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        related_name="+",
        null=True,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        related_name="+",
        null=True,
        verbose_name=_("checked by"),
    )
    checked_at = models.DateTimeField(_("checked at"), null=True)
    check_note = models.TextField(_("finance's note"), blank=True)

    class Meta:
        verbose_name = _("determination")
        verbose_name_plural = _("determinations")
        ordering = ["application_id", "number"]
        constraints = [
            models.UniqueConstraint("application", "number", name="determination_once"),
            models.UniqueConstraint(
                "application",
                condition=Q(state__in=["proposed", "approved"]),
                name="one_living_determination",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="determination_approved_by_another",
                violation_error_message=_(
                    "A determination is approved by someone who did not propose it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None)
                | (~Q(checked_by=F("proposed_by")) & ~Q(checked_by=F("approved_by"))),
                name="determination_checked_by_a_third",
                violation_error_message=_(
                    "The finance check is made by someone who neither proposed nor approved."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_by__isnull=False),
                name="approval_names_its_approver",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="determination_gives_its_reason",
                violation_error_message=_("A determination states its reason."),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="determination_steps",
                field="state",
                transitions=[
                    ("proposed", "approved"),
                    ("proposed", "sent_back"),
                    ("approved", "void"),
                ],
            ),
            pgtrigger.Protect(
                name="determination_begins_proposed",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="proposed", new__approved_by=None),
            ),
            pgtrigger.ReadOnly(name="determination_content", fields=PROPOSED),
            pgtrigger.Protect(
                name="determination_approval",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__approved_by__isnull=False) & changed(*APPROVED),
            ),
            pgtrigger.Trigger(
                name="finance_check_apart",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__checked_by__isnull=False)
                & pgtrigger.Q(old__checked_by__df=pgtrigger.F("new__checked_by")),
                func=CHECKED_BY_ANOTHER,
            ),
            pgtrigger.Protect(name="determination_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.application} #{self.number}"

    @property
    def told(self) -> dict[str, Any]:
        """What the assessment said, as data."""
        said: dict[str, Any] = json.loads(self.assessment)
        return said
