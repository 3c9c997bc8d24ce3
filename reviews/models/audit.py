from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.document import Document
from reviews.models.task import ReviewTask


class AuditCommission(models.Model):
    """That the handling bureau has asked a firm to audit a case; the newest of a task holds."""

    application_may = "SELECT, INSERT"

    task = models.ForeignKey(
        ReviewTask, models.RESTRICT, related_name="commissions", verbose_name=_("review task")
    )
    auditor = models.CharField(_("audit firm"), max_length=160)
    auditor_uscc = models.CharField(_("unified social credit code"), max_length=18)
    scope = models.TextField(_("what is audited"))
    due_on = models.DateField(_("report due on"))
    commissioned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("commissioned by"),
        related_name="+",
    )  # fmt: skip
    commissioned_at = models.DateTimeField(_("commissioned at"), auto_now_add=True)

    class Meta:
        verbose_name = _("audit commission")
        verbose_name_plural = _("audit commissions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(auditor="") & ~Q(scope=""),
                name="audit_commission_is_whole",
                violation_error_message=_("Name the firm, and say what it audits."),
            )
        ]
        triggers = append_only("audit commission")

    def __str__(self) -> str:
        return f"{self.task} · {self.auditor}"


class AuditReport(models.Model):
    """What a third party (an audit firm) found on a case before the bureaus give opinions."""

    application_may = "SELECT, INSERT"

    task = models.OneToOneField(
        ReviewTask, models.RESTRICT, related_name="audit_report", verbose_name=_("review task")
    )
    auditor = models.CharField(_("audit firm"), max_length=160)
    auditor_uscc = models.CharField(_("unified social credit code"), max_length=18)
    report_number = models.CharField(_("report number"), max_length=80)
    finding = models.TextField(_("finding"))
    facts = models.JSONField(_("audited values"), default=dict)
    document = models.ForeignKey(Document, models.RESTRICT, verbose_name=_("report"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("recorded by"), related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("audit report")
        verbose_name_plural = _("audit reports")
        constraints = [
            models.CheckConstraint(
                condition=~Q(auditor="") & ~Q(report_number="") & ~Q(finding=""),
                name="audit_report_is_whole",
                violation_error_message=_("Name the firm and the report, and write the finding."),
            )
        ]
        triggers = append_only("audit report")

    def __str__(self) -> str:
        return f"{self.task} · {self.report_number}"
