from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.place import City


class ExportState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class ExportKind(models.TextChoices):
    LEDGER = "ledger", _("ledger")
    STATEMENT = "statement", _("statement of the ledger")
    BUDGET_EXECUTION = "budget_execution", _("budget execution")


class Export(models.Model):
    """A file asked for, claimed by an UPDATE, made, and kept with its hash for a time.

    `told` is the filter in the words of whoever asked. The row stays when the file is deleted.
    """

    application_may = "SELECT, INSERT, UPDATE"

    cities = models.ManyToManyField(City, verbose_name=_("cities"))
    kind = models.CharField(_("kind"), max_length=40, choices=ExportKind.choices)
    wanted = models.JSONField(_("filter"), default=dict)
    told = models.JSONField(_("filter in words"), default=list)
    form = models.CharField(_("format"), max_length=4)
    language = models.CharField(max_length=10)
    state = models.CharField(
        _("state"), max_length=10, choices=ExportState.choices, default=ExportState.WAITING
    )
    rows = models.PositiveIntegerField(_("rows"))
    done = models.PositiveIntegerField(_("rows written"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("asked by"), related_name="+"
    )
    requested_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    name = models.CharField(_("file name"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    file_deleted_at = models.DateTimeField(_("file deleted at"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state__in=["waiting", "running"]), name="export_waiting"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(file_deleted_at=None) | Q(state="done"),
                name="export_deleted_once_done",
                violation_error_message=_("Only a file that was made can be deleted."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class ExportFetch(models.Model):
    """Who fetched an export, and when."""

    application_may = "SELECT, INSERT"

    export = models.ForeignKey(Export, models.RESTRICT, related_name="fetches")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("who"), related_name="+"
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("fetch of an export")
        verbose_name_plural = _("fetches of exports")
        ordering = ["-id"]
        triggers = append_only("fetch of an export")

    def __str__(self) -> str:
        return f"{self.export} → {self.user}"
