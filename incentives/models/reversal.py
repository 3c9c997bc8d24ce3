import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incentives.models.registry import ImportRow


class ReversalState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    APPROVED = "approved", _("approved")
    DROPPED = "dropped", _("dropped")


class Reversal(models.Model):
    """What was entered wrongly, reversed whole by two: prepared by one, approved by another.

    Ended by the money functions alone: the application's role may change none.
    """

    application_may = "SELECT, INSERT"

    reason = models.TextField(_("reason"))
    evidence = models.TextField(_("evidence"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ReversalState.choices, default=ReversalState.PREPARED
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("approved by"),
        related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        abstract = True
        ordering = ["-id"]


def reversed_by_two(of: str, name: str = "") -> list[models.BaseConstraint]:
    """What holds of every reversal; `of` is the field that names what was entered wrongly."""
    return [
        models.UniqueConstraint(of, condition=~Q(state="dropped"), name=f"one_reversal_per_{of}"),
        models.CheckConstraint(
            condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")),
            name=f"{name}reversal_approved_by_another",
            violation_error_message=_("A reversal is approved by someone who did not prepare it."),
        ),
        models.CheckConstraint(
            condition=~Q(state="approved")
            | Q(approved_by__isnull=False, approved_at__isnull=False),
            name=f"{name}reversal_names_who_approved_it",
        ),
        models.CheckConstraint(condition=~Q(reason=""), name=f"{name}reversal_gives_its_reason"),
    ]


def reversal_triggers(of: str) -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.FSM(
            name="reversal_steps",
            field="state",
            transitions=[("prepared", "approved"), ("prepared", "dropped")],
        ),
        pgtrigger.Protect(
            name="reversal_begins_prepared",
            operation=pgtrigger.Insert,
            condition=~pgtrigger.Q(new__state="prepared", new__approved_by=None),
        ),
        pgtrigger.ReadOnly(
            name="reversal_content",
            fields=[of, "reason", "evidence", "prepared_by", "prepared_at"],
        ),
        pgtrigger.Protect(
            name="reversal_final",
            operation=pgtrigger.Update,
            condition=~pgtrigger.Q(old__state="prepared"),
        ),
        pgtrigger.Protect(name="reversal_kept", operation=pgtrigger.Delete),
    ]


class OpeningReversal(Reversal):
    """An opening balance or award that was entered wrongly, reversed whole (撤销期初), by two.

    The right one comes with another list.
    """

    opening = models.ForeignKey(
        ImportRow, models.RESTRICT, verbose_name=_("row of the list"), related_name="reversals"
    )

    class Meta(Reversal.Meta):
        verbose_name = _("reversal of an opening")
        verbose_name_plural = _("reversals of openings")
        constraints = reversed_by_two("opening")
        triggers = reversal_triggers("opening")

    def __str__(self) -> str:
        return f"{self.opening.of.file_name}#{self.opening.number}"
