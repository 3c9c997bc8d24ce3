from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from reviews.models.application import Application


class Declaration(models.Model):
    """What one of the staff declared before a case opened (回避声明); the newest counts."""

    application_may = "SELECT, INSERT"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="declarations", verbose_name=_("case")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("declared by"), related_name="+"
    )
    conflict = models.BooleanField(_("conflict of interest"))
    reason = models.CharField(_("kind of conflict"), max_length=300, blank=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("declaration of interest")
        verbose_name_plural = _("declarations of interest")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(conflict=False) | ~Q(reason=""),
                name="conflict_says_its_kind",
                violation_error_message=_("Say what kind of conflict it is."),
            )
        ]
        indexes = [models.Index(fields=["application", "user", "-id"], name="declaration_newest")]
        triggers = append_only("declaration")

    def __str__(self) -> str:
        return f"{self.application} · {self.user}"


class CaseReading(models.Model):
    """Who of the staff opened a case, when, and through which door. Append-only."""

    application_may = "SELECT, INSERT"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="readings", verbose_name=_("case")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("read by"), related_name="+"
    )
    door = models.CharField(_("through"), max_length=20)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("reading of a case")
        verbose_name_plural = _("readings of cases")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["application", "-id"], name="reading_by_case"),
            models.Index(fields=["user", "-id"], name="reading_by_person"),
        ]
        triggers = append_only("reading")

    def __str__(self) -> str:
        return f"{self.user} · {self.application}"
