import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from incentives.models.bureau import Bureau
from reviews.models.application import Application
from reviews.models.task import ReviewTask


class Delegation(models.Model):
    """A colleague of the same bureau who acts for someone absent, from a day to a day."""

    application_may = "SELECT, INSERT, UPDATE"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("absent"), related_name="+"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("deputy"), related_name="+"
    )
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to and including"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set up by"), related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(user=F("deputy")),
                name="deputy_is_another",
                violation_error_message=_("Choose another person as deputy."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="delegation_ends_after_start",
                violation_error_message=_("The last day is not before the first."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="delegation_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.user} → {self.deputy}"


class Handover(models.Model):
    """Open work of one person that passed to another, and why (moved, left, absent, conflict)."""

    application_may = "SELECT, INSERT"

    task = models.ForeignKey(
        ReviewTask, models.RESTRICT, related_name="handovers", verbose_name=_("review task")
    )
    handed_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("from"),
        related_name="+",
    )  # fmt: skip
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("to"),
        related_name="+",
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=300)
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("handed over by"),
        related_name="+",
    )  # fmt: skip
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["id"]
        triggers = append_only("handover")

    def __str__(self) -> str:
        return f"{self.task} → {self.handed_to}"


class CaseNote(models.Model):
    """A note between reviewers on a case; whom it mentions is told. The applicant never sees it."""

    application_may = "SELECT, INSERT"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="notes", verbose_name=_("case")
    )
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    text = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("written by"), related_name="+"
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)
    mentions = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("mentions"), related_name="+", blank=True
    )

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_says_something")]
        triggers = append_only("note")

    def __str__(self) -> str:
        return f"{self.application} · {self.author}"


class SavedView(models.Model):
    """A filter of the case list that someone kept under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filter"), max_length=1000)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name"]
        constraints = [models.UniqueConstraint("user", "name", name="view_once_per_user")]

    def __str__(self) -> str:
        return self.name
