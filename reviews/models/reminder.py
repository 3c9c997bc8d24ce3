from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.place import City
from reviews.models.application import Application
from reviews.models.task import ReviewTask


class ReminderKind(models.TextChoices):
    WINDOW_CLOSING = "window_closing", _("application window closing")
    SUPPLEMENT_DUE = "supplement_due", _("supplement due")
    REVIEW_DUE = "review_due", _("review due")
    COMMITMENT_DUE = "commitment_due", _("promised paper due")
    OBLIGATION_DUE = "obligation_due", _("obligation due")
    OBJECTION_DUE = "objection_due", _("answer to an objection due")
    RECONSIDERATION_DUE = "reconsideration_due", _("reconsideration due")
    PUBLICITY_ENDED = "publicity_ended", _("publicity ended")
    PAYMENT_DUE = "payment_due", _("payment due")
    INSTALMENT_DUE = "instalment_due", _("instalment due")
    STATUS_EXPIRING = "status_expiring", _("register entry expiring")


class ReminderStage(models.TextChoices):
    AHEAD = "ahead", _("before the deadline")
    PAST = "past", _("after the deadline")
    LEADER = "leader", _("escalated to the bureau's leader")
    OFFICE = "office", _("escalated to the coordinating office")


class Reminder(models.Model):
    """A reminder to be written when its day has come: claimed by an UPDATE, found by a sweeper.

    `of_id` is the row that it reminds of, in the table that its kind is about; a list of publicity,
    an instalment and a register entry belong to no one case.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=ReminderKind.choices)
    stage = models.CharField(
        _("stage"), max_length=10, choices=ReminderStage.choices, default=ReminderStage.AHEAD
    )
    of_id = models.BigIntegerField()
    key = models.CharField(max_length=160, unique=True)
    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"), db_index=False)
    application = models.ForeignKey(Application, models.RESTRICT, null=True, verbose_name=_("case"))
    task = models.ForeignKey(ReviewTask, models.RESTRICT, null=True)
    due_on = models.DateField(_("deadline"))
    remind_on = models.DateField(_("remind on"))
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["remind_on", "id"]
        indexes = [
            models.Index(
                fields=["kind", "stage", "remind_on", "id"],
                condition=Q(sent_at=None, stopped_at=None),
                name="reminder_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.key
