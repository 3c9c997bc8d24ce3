import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.bank_account import BankAccount
from applicants.models.party import Party
from applicants.models.place import City
from incentives.models.award import Instalment

BATCH_STEPS = [
    ("prepared", "approved"),
    ("prepared", "cancelled"),
    ("approved", "exported"),
    ("exported", "settled"),
]


class BatchState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    APPROVED = "approved", _("approved")
    EXPORTED = "exported", _("exported")
    SETTLED = "settled", _("settled")
    CANCELLED = "cancelled", _("cancelled")


class PayoutBatch(models.Model):
    """Lines paid together (拨付批次): prepared by one, approved by another, exported once."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    number = models.CharField(_("batch number"), max_length=40, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=BatchState.choices, default=BatchState.PREPARED
    )
    line_count = models.PositiveIntegerField(_("lines"))
    total = models.DecimalField(_("total in yuan"), max_digits=16, decimal_places=2)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name=_("prepared by")
    )
    prepared_at = models.DateTimeField(_("prepared at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        related_name="+",
        null=True,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    exported_at = models.DateTimeField(_("exported at"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("payout batch")
        verbose_name_plural = _("payout batches")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")),
                name="batch_approved_by_another",
                violation_error_message=_("A batch is approved by someone who did not prepare it."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "cancelled"]) | Q(approved_by__isnull=False),
                name="batch_not_exported_unapproved",
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="batch_steps", field="state", transitions=BATCH_STEPS),
            pgtrigger.Protect(
                name="batch_begins_prepared",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="prepared", new__approved_by=None),
            ),
            pgtrigger.ReadOnly(name="batch_signed", fields=["city", "number", "prepared_by"]),
            pgtrigger.Protect(name="batch_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number


class LineState(models.TextChoices):
    PENDING = "pending", _("pending")
    PAID = "paid", _("paid")
    RETURNED = "returned", _("returned")
    CANCELLED = "cancelled", _("cancelled")


class PayoutLine(models.Model):
    """One payment to one payee's account; its state is moved only by the money functions."""

    application_may = "SELECT, INSERT"

    batch = models.ForeignKey(PayoutBatch, models.RESTRICT, related_name="lines")
    number = models.PositiveIntegerField(_("line"))
    instalment = models.ForeignKey(Instalment, models.RESTRICT, related_name="lines")
    payee = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("payee"))
    account = models.ForeignKey(BankAccount, models.RESTRICT, verbose_name=_("bank account"))
    amount = models.DecimalField(_("amount in yuan"), max_digits=16, decimal_places=2)
    state = models.CharField(
        _("state"), max_length=10, choices=LineState.choices, default=LineState.PENDING
    )
    result_at = models.DateTimeField(_("result at"), null=True)
    result_note = models.CharField(_("bank's note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("payout line")
        verbose_name_plural = _("payout lines")
        ordering = ["batch_id", "number"]
        constraints = [
            models.UniqueConstraint("batch", "number", name="line_once_per_batch"),
            models.UniqueConstraint(
                "instalment",
                condition=Q(state__in=["pending", "paid"]),
                name="instalment_paid_once",
                violation_error_message=_("This instalment is in a batch or paid already."),
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


class PayoutFile(models.Model):
    """The exported file of a batch, kept encrypted; a second download is the same bytes."""

    application_may = "SELECT, INSERT"

    batch = models.ForeignKey(PayoutBatch, models.RESTRICT, related_name="files")
    format = models.CharField(_("format"), max_length=4, choices=[("xlsx", "XLSX"), ("csv", "CSV")])
    name = models.CharField(_("file name"), max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    content_encrypted = models.BinaryField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("payout file")
        verbose_name_plural = _("payout files")
        constraints = [models.UniqueConstraint("batch", "format", name="one_file_per_format")]
        triggers = append_only("payout file")

    def __str__(self) -> str:
        return self.name
