import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.bank_account import BankAccount
from applicants.models.figure import Figure
from applicants.models.party import Party
from applicants.models.place import City, District
from incentives.models.award import Instalment
from incentives.models.credit import CreditListing

BATCH_STEPS = [
    ("prepared", "approved"),
    ("prepared", "cancelled"),
    ("approved", "cancelled"),
    ("approved", "exported"),
    ("exported", "settled"),
]


class BatchState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    APPROVED = "approved", _("approved")
    EXPORTED = "exported", _("exported")
    SETTLED = "settled", _("settled")
    CANCELLED = "cancelled", _("cancelled")


class Payer(models.TextChoices):
    CITY = "city", _("city level")
    DISTRICT = "district", _("district level")


class PayoutFormat(models.Model):
    """How a bank or treasury wants its file: columns, order, headings. The newest of a code counts.

    `columns` is a list of {source, heading}, `source` one of incentives.domain.payout_columns.
    """

    application_may = "SELECT, INSERT"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    code = models.SlugField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=120)
    form = models.CharField(_("format"), max_length=4, choices=[("xlsx", "XLSX"), ("csv", "CSV")])
    columns = models.JSONField(_("columns"))
    options = models.JSONField(_("options"), default=dict, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    basis = models.CharField(_("basis"), max_length=300)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("payout format")
        verbose_name_plural = _("payout formats")
        ordering = ["city", "code", "-id"]
        triggers = append_only("payout format")

    def __str__(self) -> str:
        return self.title


class PayoutBatch(models.Model):
    """Lines paid together (拨付批次): prepared by one, approved by another, exported once."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    number = models.CharField(_("batch number"), max_length=40, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=BatchState.choices, default=BatchState.PREPARED
    )
    payer = models.CharField(_("payer"), max_length=20, choices=Payer.choices, default=Payer.CITY)
    district = models.ForeignKey(
        District, models.RESTRICT, null=True, blank=True, verbose_name=_("district")
    )  # whose money it is, where it is not the city's
    formats = models.ManyToManyField(PayoutFormat, blank=True, verbose_name=_("formats"))
    line_count = models.PositiveIntegerField(_("lines"))
    total = Figure(_("total in yuan"), max_digits=16, decimal_places=2)
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
            models.CheckConstraint(
                condition=Q(payer="city", district=None)
                | Q(payer="district", district__isnull=False),
                name="batch_of_one_payer",
                violation_error_message=_("A batch is of the city's money or of one district's."),
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="batch_steps", field="state", transitions=BATCH_STEPS),
            pgtrigger.Protect(
                name="batch_begins_prepared",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="prepared", new__approved_by=None),
            ),
            pgtrigger.ReadOnly(
                name="batch_signed", fields=["city", "number", "payer", "district", "prepared_by"]
            ),
            pgtrigger.Protect(
                name="batch_signature_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__approved_by__isnull=False)
                & pgtrigger.Q(old__approved_by__df=pgtrigger.F("new__approved_by")),
            ),
            pgtrigger.Protect(name="batch_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def whose(self) -> str:
        """Whose money it is: the name of the city or of its district."""
        return (self.district or self.city).name


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
    amount = Figure(_("amount in yuan"), max_digits=16, decimal_places=2)
    withheld = Figure(
        _("tax withheld in yuan"), max_digits=16, decimal_places=2, default=0, db_default=0
    )
    withheld_less = models.CharField(
        _("why less tax is withheld than before it came back"),
        max_length=500, blank=True, db_default="",
    )  # fmt: skip
    netted = Figure(
        _("netted against recoveries in yuan"),
        max_digits=16,
        decimal_places=2,
        default=0,
        db_default=0,
    )
    pays = models.GeneratedField(
        expression=F("amount") - F("withheld") - F("netted"),
        output_field=models.DecimalField(max_digits=16, decimal_places=2),
        db_persist=True,
    )
    funding_source = models.CharField(_("funding source"), max_length=80, blank=True)
    subject_code = models.CharField(_("budget subject code"), max_length=20, blank=True)
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
            models.CheckConstraint(
                condition=Q(withheld__gte=0, netted__gte=0)
                & Q(amount__gte=F("withheld") + F("netted")),
                name="line_pays_no_less_than_nothing",
                violation_error_message=_("Tax and netting are together at most the amount."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


class PayoutFile(models.Model):
    """The exported file of a batch, kept encrypted; a second download is the same bytes."""

    application_may = "SELECT, INSERT"

    batch = models.ForeignKey(PayoutBatch, models.RESTRICT, related_name="files")
    layout = models.ForeignKey(
        PayoutFormat, models.RESTRICT, null=True, verbose_name=_("payout format")
    )
    format = models.CharField(_("format"), max_length=4, choices=[("xlsx", "XLSX"), ("csv", "CSV")])
    name = models.CharField(_("file name"), max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    content_encrypted = models.BinaryField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("payout file")
        verbose_name_plural = _("payout files")
        constraints = [
            models.UniqueConstraint(
                "batch", "format", "layout", name="one_file_per_format", nulls_distinct=False
            )
        ]
        triggers = append_only("payout file")

    def __str__(self) -> str:
        return self.name


class BankResult(models.Model):
    """A file in which the bank answers a batch; the same file twice changes nothing."""

    application_may = "SELECT, INSERT"

    batch = models.ForeignKey(PayoutBatch, models.RESTRICT, related_name="results")
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    paid = models.PositiveIntegerField(_("paid"))
    returned = models.PositiveIntegerField(_("returned"))
    content_encrypted = models.BinaryField(editable=False)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("imported by"), related_name="+"
    )
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)

    class Meta:
        verbose_name = _("bank result")
        verbose_name_plural = _("bank results")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint("batch", "sha256", name="bank_result_once")]
        triggers = append_only("bank result")

    def __str__(self) -> str:
        return self.name


class HoldKind(models.TextChoices):
    DUPLICATE = "duplicate", _("payees share an account")
    CHANGED = "changed", _("account changed")
    CREDIT = "credit", _("credit status")
    DIFFERENCE = "difference", _("balance differs from the ledger")


class PayeeHold(models.Model):
    """What keeps an award's payments back until a person has looked."""

    application_may = "SELECT, INSERT, UPDATE"

    award = models.ForeignKey(
        "incentives.Award", models.RESTRICT, related_name="holds", verbose_name=_("award")
    )
    payee = models.ForeignKey(Party, models.RESTRICT, null=True, verbose_name=_("payee"))
    kind = models.CharField(_("kind"), max_length=12, choices=HoldKind.choices)
    account = models.ForeignKey(
        BankAccount, models.RESTRICT, null=True, verbose_name=_("bank account"), related_name="+"
    )  # the one that a duplicate or a change is about
    listing = models.ForeignKey(
        CreditListing, models.RESTRICT, null=True, verbose_name=_("listing"), related_name="+"
    )  # for bad credit
    cause = models.CharField(max_length=64, blank=True)  # of a difference: SHA-256 of what differs
    text = models.TextField(_("what was found"))
    opened_at = models.DateTimeField(_("held since"), auto_now_add=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("released by"),
        related_name="+",
    )  # fmt: skip
    released_at = models.DateTimeField(_("released at"), null=True)
    reason = models.TextField(_("reason of release"), blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "award",
                "payee",
                "kind",
                "account",
                "listing",
                "cause",
                condition=Q(released_at=None),
                name="one_open_hold_of_a_kind",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | (Q(released_by__isnull=False) & ~Q(reason="")),
                name="release_gives_its_reason",
                violation_error_message=_("State why the payment may go on."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="hold_begins_open",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__released_at__isnull=False),
            ),
            pgtrigger.ReadOnly(
                name="hold_content",
                fields=["award", "payee", "kind", "account", "listing", "cause", "text"],
            ),
            pgtrigger.Protect(
                name="hold_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__released_at__isnull=False),
            ),
            pgtrigger.Protect(name="hold_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.award} · {self.get_kind_display()}"
