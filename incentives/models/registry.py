from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.party import Party
from applicants.models.place import City, District
from incentives.models.bureau import Bureau


class RegistryRecord(models.Model):
    """One party as a sweep reads it: newest facts and what the registers say, in one row.

    A read model: rebuilt from profile facts and register entries, never edited.
    `facts` are as the programme language keeps them in JSON, money as text in yuan; `recognitions`
    is a list of {title, level, from, until}.
    """

    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("organisation"))
    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=30)
    district = models.ForeignKey(District, models.RESTRICT, null=True, related_name="+")
    facts = models.JSONField(_("facts"), default=dict)
    recognitions = models.JSONField(_("recognitions"), default=list)
    refreshed_at = models.DateTimeField(_("refreshed at"))

    class Meta:
        verbose_name = _("registry record")
        verbose_name_plural = _("registry")
        ordering = ["party_id"]
        constraints = [models.UniqueConstraint("city", "party", name="registry_once_per_city")]

    def __str__(self) -> str:
        return str(self.party)


class ImportKind(models.TextChoices):
    FACTS = "facts", _("organisations and facts")
    RECOGNITIONS = "recognitions", _("recognitions")
    AWARDS = "awards", _("awards of earlier years")
    BALANCES = "balances", _("opening balances of caps")
    CREDIT = "credit", _("parties with a bad credit record")


class ImportState(models.TextChoices):
    PREVIEWED = "previewed", _("previewed")
    APPLIED = "applied", _("applied")
    DISCARDED = "discarded", _("discarded")


class RegistryImport(models.Model):
    """A bureau's list (XLSX or CSV): looked through row by row, taken in whole or not at all."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    kind = models.CharField(_("what the list holds"), max_length=12, choices=ImportKind.choices)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    source = models.CharField(
        _("source"),
        max_length=300,
        help_text=_("Document or list it comes from, such as a number."),
    )
    as_of = models.DateField(_("as of"))
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState.choices, default=ImportState.PREVIEWED
    )
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    fault_count = models.PositiveIntegerField(_("rows with faults"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("uploaded by"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        verbose_name=_("applied by"),
        related_name="+",
    )
    applied_at = models.DateTimeField(_("applied at"), null=True)

    class Meta:
        verbose_name = _("registry import")
        verbose_name_plural = _("registry imports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "city",
                "kind",
                "sha256",
                condition=Q(state="applied"),
                name="registry_file_applied_once",
                violation_error_message=_("This file has been applied already."),
            ),
            models.CheckConstraint(
                condition=Q(applied_by=None) | ~Q(applied_by=F("uploaded_by")),
                name="import_takes_two_people",
                violation_error_message=_(
                    "Another person than the one who uploaded the list applies it."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state="applied")
                | Q(fault_count=0, applied_by__isnull=False, applied_at__isnull=False),
                name="import_applied_without_faults",
                violation_error_message=_("A list with faults is not applied."),
            ),
        ]
        indexes = [models.Index(fields=["city", "-id"], name="import_by_city")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"


class ImportRow(models.Model):
    """One row of a list as read, with what is wrong with it by column; empty when nothing is."""

    application_may = "SELECT, INSERT"

    of = models.ForeignKey(RegistryImport, models.RESTRICT, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    values = models.JSONField(_("values"))
    problems = models.JSONField(_("problems"), default=dict)

    class Meta:
        verbose_name = _("import row")
        verbose_name_plural = _("import rows")
        ordering = ["of", "number"]
        constraints = [models.UniqueConstraint("of", "number", name="import_row_once")]

    def __str__(self) -> str:
        return f"{self.of_id}/{self.number}"
