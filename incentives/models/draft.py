import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incentives.models.programme import Programme, ProgrammeVersion


class DraftState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waiting to be published")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ProgrammeDraft(models.Model):
    """A wording of a programme's rules before it is a version: by one, published by another.

    `written` is the file as the editor typed it (YAML), kept even while it is faulty.
    """

    application_may = "SELECT, INSERT, UPDATE"

    programme = models.ForeignKey(
        Programme, models.RESTRICT, verbose_name=_("programme"), related_name="drafts"
    )
    based_on = models.ForeignKey(
        ProgrammeVersion, models.RESTRICT, verbose_name=_("based on"), related_name="+"
    )
    written = models.TextField(_("rules (YAML)"))
    basis = models.CharField(
        _("basis"),
        max_length=300,
        blank=True,
        help_text=_("The implementing rule or decision behind the new version."),
    )
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DraftState.choices, default=DraftState.DRAFT
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("drafted by"), related_name="+"
    )
    drafted_at = models.DateTimeField(_("drafted at"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        blank=True,
        verbose_name=_("published by"),
        related_name="+",
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    version = models.OneToOneField(
        ProgrammeVersion, models.RESTRICT, null=True, blank=True, related_name="draft"
    )

    class Meta:
        verbose_name = _("draft version")
        verbose_name_plural = _("draft versions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=F("drafted_by")),
                name="draft_published_by_another",
                violation_error_message=_(
                    "A version is published by someone who did not draft it."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_by__isnull=False, version__isnull=False, in_force_from__isnull=False),
                name="published_draft_names_its_version",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="draft_steps",
                field="state",
                transitions=[
                    ("draft", "submitted"),
                    ("submitted", "draft"),
                    ("draft", "withdrawn"),
                    ("submitted", "published"),
                ],
            ),
            pgtrigger.Protect(
                name="draft_begins_as_draft",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="draft"),
            ),
            pgtrigger.Protect(
                name="draft_fixed_once_submitted",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="draft")
                & (
                    pgtrigger.Q(old__written__df=pgtrigger.F("new__written"))
                    | pgtrigger.Q(old__drafted_by__df=pgtrigger.F("new__drafted_by"))
                ),
            ),
            pgtrigger.Protect(name="draft_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.programme} · {self.get_state_display()}"
