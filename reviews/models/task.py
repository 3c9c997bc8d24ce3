import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.document import Document
from incentives.models.bureau import Bureau
from reviews.models.application import Application


class TaskKind(models.TextChoices):
    ACCEPTANCE = "acceptance", _("acceptance")
    AUDIT = "audit", _("third-party audit")
    OPINION = "opinion", _("opinion")
    SCORING = "scoring", _("scoring")
    DETERMINATION = "determination", _("determination")
    FINANCE_CHECK = "finance_check", _("finance check")
    PUBLICITY = "publicity", _("publicity")
    AWARD = "award", _("award")
    CONCLUSION = "conclusion", _("conclusion")


class TaskState(models.TextChoices):
    OPEN = "open", _("open")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    SUPERSEDED = "superseded", _("asked again")


class ReviewTask(models.Model):
    """What one bureau has to do in a case by a date, in working days from its opening."""

    application_may = "SELECT, INSERT, UPDATE"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="tasks", verbose_name=_("case")
    )
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    kind = models.CharField(_("task"), max_length=20, choices=TaskKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=TaskState.choices, default=TaskState.OPEN
    )
    opened_at = models.DateTimeField(_("opened at"))
    due_on = models.DateField(_("due on"))
    counted_from = models.DateField(_("counted from"), null=True)  # none: a day that was named
    days = models.PositiveSmallIntegerField(_("period in working days"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    days_left = models.PositiveSmallIntegerField(_("working days left"), null=True)
    part_of = models.ForeignKey(
        "self", models.RESTRICT, null=True, verbose_name=_("asked for"), related_name="parts"
    )
    question = models.TextField(_("question"), blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("assigned to"),
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("review task")
        verbose_name_plural = _("review tasks")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                "application",
                "bureau",
                "kind",
                condition=Q(state__in=["open", "paused"]),
                name="one_open_task_of_a_kind",
            )
        ]
        indexes = [
            models.Index(
                fields=["bureau", "due_on", "id"],
                condition=Q(state="open"),
                name="task_by_deadline",
            ),
            models.Index(
                fields=["assignee", "due_on", "id"],
                condition=Q(state="open"),
                name="task_by_assignee",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="task_steps",
                field="state",
                transitions=[
                    ("open", "done"),
                    ("open", "cancelled"),
                    ("open", "paused"),
                    ("paused", "open"),
                    ("paused", "cancelled"),
                    ("done", "superseded"),
                ],
            ),
            pgtrigger.Protect(name="task_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.bureau} · {self.get_kind_display()}"


class Position(models.TextChoices):
    AGREE = "agree", _("agrees")
    OBJECT = "object", _("objects")
    ASK = "ask", _("asks")
    NOT_CONCERNED = "not_concerned", _("not concerned")


class Opinion(models.Model):
    """A bureau's opinion (会审意见): prepared by one person, given by another."""

    application_may = "SELECT, INSERT, UPDATE"

    task = models.OneToOneField(ReviewTask, models.RESTRICT, related_name="opinion")
    position = models.CharField(_("position"), max_length=20, choices=Position.choices)
    text = models.TextField(_("opinion"), blank=True)
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

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")),
                name="opinion_approved_by_another",
                violation_error_message=_(
                    "An opinion is approved by someone who did not prepare it."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(position__in=["object", "ask"]) | ~Q(text=""),
                name="objection_gives_its_reason",
                violation_error_message=_("An opinion that objects or asks says so in words."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="opinion_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__approved_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} · {self.get_position_display()}"


class OpinionPaper(models.Model):
    """An attachment of an opinion; reviewers of the case read it, the applicant does not."""

    application_may = "SELECT, INSERT"

    opinion = models.ForeignKey(Opinion, models.RESTRICT, related_name="papers")
    document = models.ForeignKey(Document, models.RESTRICT, verbose_name=_("attachment"))

    class Meta:
        verbose_name = _("attachment of an opinion")
        verbose_name_plural = _("attachments of opinions")
        ordering = ["id"]
        constraints = [models.UniqueConstraint("opinion", "document", name="opinion_paper_once")]
        triggers = append_only("opinion paper")

    def __str__(self) -> str:
        return str(self.document)
