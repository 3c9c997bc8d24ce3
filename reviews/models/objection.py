import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.document import Document
from reviews.models.application import Application
from reviews.models.publicity import PublicityItem
from reviews.models.task import Opinion


class ResolutionKind(models.TextChoices):
    REASON = "reason", _("by a written reason")
    MEETING = "meeting", _("by a joint meeting")


class Resolution(models.Model):
    """How a bureau's objection was resolved: by a reason, or by a joint meeting (联席会议)."""

    application_may = "SELECT, INSERT"

    opinion = models.OneToOneField(Opinion, models.RESTRICT, related_name="resolution")
    kind = models.CharField(_("resolved"), max_length=10, choices=ResolutionKind.choices)
    text = models.TextField(_("reason or minutes"))
    held_on = models.DateField(_("meeting held on"), null=True)
    present = models.TextField(_("bureaus and persons present"), blank=True)
    document = models.ForeignKey(Document, models.RESTRICT, null=True, verbose_name=_("minutes"))
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("resolved by"), related_name="+"
    )
    resolved_at = models.DateTimeField(_("resolved at"), auto_now_add=True)

    class Meta:
        verbose_name = _("resolution of an objection")
        verbose_name_plural = _("resolutions of objections")
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="resolution_gives_its_reason",
                violation_error_message=_("Write the reason, or what the meeting decided."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="meeting") | (Q(held_on__isnull=False) & ~Q(present="")),
                name="meeting_has_day_and_people",
                violation_error_message=_("Write the day of the meeting and who was present."),
            ),
        ]
        triggers = append_only("resolution")

    def __str__(self) -> str:
        return f"{self.opinion} · {self.get_kind_display()}"


class ObjectionState(models.TextChoices):
    FILED = "filed", _("filed")
    UPHELD = "upheld", _("upheld")
    REJECTED = "rejected", _("not upheld")


class Objection(models.Model):
    """What someone held against a published case (异议), by name or under a seal."""

    application_may = "SELECT, INSERT, UPDATE"

    item = models.ForeignKey(
        PublicityItem, models.RESTRICT, related_name="objections", verbose_name=_("published case")
    )
    number = models.CharField(_("objection number"), max_length=40, unique=True)
    name = models.CharField(_("name, or organisation under its seal"), max_length=160)
    contact = models.CharField(_("telephone or e-mail"), max_length=160)
    text = models.TextField(_("objection"))
    document = models.ForeignKey(
        Document, models.RESTRICT, null=True, verbose_name=_("attachment"), related_name="+"
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, related_name="+"
    )
    filed_at = models.DateTimeField(_("filed at"), auto_now_add=True)
    due_on = models.DateField(_("decide by"), null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ObjectionState.choices, default=ObjectionState.FILED
    )
    answer = models.TextField(_("answer"), blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        verbose_name=_("handled by"),
        related_name="+",
    )
    handled_at = models.DateTimeField(_("handled at"), null=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(contact="") & ~Q(text=""),
                name="objection_is_signed",
                violation_error_message=_("An objection gives a name, a contact and its grounds."),
            ),
            models.CheckConstraint(
                condition=Q(state="filed") | (~Q(answer="") & Q(handled_by__isnull=False)),
                name="objection_is_answered",
                violation_error_message=_("Give the reason of the decision."),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="objection_steps",
                field="state",
                transitions=[("filed", "upheld"), ("filed", "rejected")],
            ),
            pgtrigger.ReadOnly(
                name="objection_content",
                fields=["item", "number", "name", "contact", "text", "document", "filed_by"],
            ),
            pgtrigger.Protect(name="objection_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number


class ReconsiderationState(models.TextChoices):
    FILED = "filed", _("filed")
    CHANGED = "changed", _("decision taken anew")
    UPHELD = "upheld", _("decision stands")


class Reconsideration(models.Model):
    """A request to look at a decision again (复核), by others than those who decided."""

    application_may = "SELECT, INSERT, UPDATE"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="reconsiderations", verbose_name=_("case")
    )
    text = models.TextField(_("grounds"))
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("filed by"), related_name="+"
    )
    filed_at = models.DateTimeField(_("filed at"), auto_now_add=True)
    due_on = models.DateField(_("decide by"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ReconsiderationState.choices,
        default=ReconsiderationState.FILED,
    )
    answer = models.TextField(_("answer"), blank=True)
    document = models.ForeignKey(
        Document, models.RESTRICT, null=True, verbose_name=_("attachment"), related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        verbose_name=_("decided by"),
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("reconsideration")
        verbose_name_plural = _("reconsiderations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "application", condition=Q(state="filed"), name="one_open_reconsideration"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("filed_by")),
                name="reconsidered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="filed") | (~Q(answer="") & Q(decided_by__isnull=False)),
                name="reconsideration_is_answered",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="reconsideration_steps",
                field="state",
                transitions=[("filed", "changed"), ("filed", "upheld")],
            ),
            pgtrigger.Protect(name="reconsideration_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.get_state_display()}"
