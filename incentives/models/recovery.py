import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.figure import Figure
from applicants.models.party import Party
from applicants.models.place import City
from incentives.models.award import Award
from incentives.models.ledger import LedgerEntry
from incentives.models.payout import PayoutLine
from incentives.models.reversal import Reversal, reversal_triggers, reversed_by_two


class RecoveryState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    DEMANDED = "demanded", _("demanded")
    SETTLED = "settled", _("settled")
    CANCELLED = "cancelled", _("cancelled")


class Recovery(models.Model):
    """Money of an award asked back (追缴): prepared by one, demanded by another."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    number = models.CharField(_("recovery number"), max_length=40, unique=True)
    award = models.ForeignKey(
        Award, models.RESTRICT, verbose_name=_("award"), related_name="recoveries"
    )
    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("owed by"))
    amount = Figure(_("amount in yuan"), max_digits=16, decimal_places=2)
    reason = models.TextField(_("reason"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(
        _("state"), max_length=10, choices=RecoveryState.choices, default=RecoveryState.PREPARED
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    demanded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("demanded by"),
        related_name="+",
    )  # fmt: skip
    demanded_at = models.DateTimeField(_("demanded at"), null=True)
    write_off_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True,
        verbose_name=_("write-off asked by"), related_name="+",
    )  # fmt: skip
    write_off_reason = models.TextField(_("reason of the write-off"), blank=True)

    class Meta:
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="recovery_positive"),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="recovery_gives_its_reason",
                violation_error_message=_("State why the money is asked back."),
            ),
            models.CheckConstraint(
                condition=Q(demanded_by=None) | ~Q(demanded_by=F("prepared_by")),
                name="recovery_demanded_by_another",
                violation_error_message=_(
                    "A recovery is demanded by someone who did not prepare it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "cancelled"]) | Q(demanded_by__isnull=False),
                name="recovery_names_who_demanded_it",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="recovery_steps",
                field="state",
                transitions=[
                    ("prepared", "demanded"),
                    ("prepared", "cancelled"),
                    ("demanded", "settled"),
                    ("settled", "demanded"),
                ],
            ),
            pgtrigger.Protect(
                name="recovery_begins_prepared",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(
                    new__state="prepared", new__demanded_by=None, new__write_off_asked_by=None
                ),
            ),
            pgtrigger.Protect(
                name="recovery_signature_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__demanded_by__isnull=False)
                & pgtrigger.Q(old__demanded_by__df=pgtrigger.F("new__demanded_by")),
            ),
            pgtrigger.ReadOnly(
                name="recovery_content",
                fields=["city", "number", "award", "party", "amount", "reason", "prepared_by"],
            ),
            pgtrigger.Protect(name="recovery_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number


class RecoveryKind(models.TextChoices):
    PAID = "paid", _("paid back")
    NETTED = "netted", _("netted against a payment")
    WRITTEN_OFF = "written_off", _("written off")


class RecoveryEntry(models.Model):
    """What came back of a recovery, or was given up by two. Append-only.

    Below 0 where money came after a write-off, as much of which is taken back, and where a receipt
    was reversed. `again` is how often the same receipt was reversed before.
    """

    application_may = "SELECT"

    recovery = models.ForeignKey(Recovery, models.RESTRICT, related_name="entries")
    kind = models.CharField(_("kind"), max_length=12, choices=RecoveryKind.choices)
    amount = Figure(_("amount in yuan"), max_digits=16, decimal_places=2)
    received_on = models.DateField(_("received on"))
    reference = models.CharField(_("reference"), max_length=120)
    line = models.ForeignKey(PayoutLine, models.RESTRICT, null=True, related_name="+")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("recorded by"), related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    reverses = models.OneToOneField(
        "self", models.RESTRICT, null=True, verbose_name=_("reverses"), related_name="reversed_by"
    )
    again = models.PositiveSmallIntegerField(db_default=0)
    first_entry = models.ForeignKey(LedgerEntry, models.RESTRICT, null=True, related_name="+")
    last_entry = models.ForeignKey(LedgerEntry, models.RESTRICT, null=True, related_name="+")

    class Meta:
        verbose_name = _("recovery entry")
        verbose_name_plural = _("recovery entries")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                | Q(kind="written_off", amount__lt=0)
                | Q(kind="paid", amount__lt=0, reverses__isnull=False),
                name="below_zero_is_taken_back",
            ),
            models.UniqueConstraint(
                "recovery",
                "received_on",
                "reference",
                "again",
                condition=Q(kind="paid", amount__gt=0),
                name="receipt_entered_once",
                violation_error_message=_("This receipt was entered already."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="written_off", amount__gt=0) | ~Q(recorded_by=F("prepared_by")),
                name="written_off_by_two",
                violation_error_message=_("A write-off is signed by two different people."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="netted") | Q(line__isnull=False), name="netting_names_its_line"
            ),
        ]
        triggers = append_only("recovery entry")

    def __str__(self) -> str:
        return f"{self.recovery} {self.amount}"


class ReceiptReversal(Reversal):
    """A receipt that was entered wrongly, reversed whole (冲销到账) by `huiqi_reverse_receipt`."""

    receipt = models.ForeignKey(
        RecoveryEntry, models.RESTRICT, verbose_name=_("receipt"), related_name="reversals"
    )

    class Meta(Reversal.Meta):
        verbose_name = _("reversal of a receipt")
        verbose_name_plural = _("reversals of receipts")
        constraints = reversed_by_two("receipt", "receipt_")
        triggers = reversal_triggers("receipt")

    def __str__(self) -> str:
        return f"{self.receipt.received_on:%Y-%m-%d} {self.receipt.reference}"
