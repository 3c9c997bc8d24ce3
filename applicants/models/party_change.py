import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.document import Document
from applicants.models.party import Party
from applicants.models.place import City


class ChangeKind(models.TextChoices):
    RENAME = "rename", _("change of name")
    MERGER = "merger", _("merger")
    SPLIT = "split", _("split")


class ChangeState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    MADE = "made", _("made")
    CANCELLED = "cancelled", _("cancelled")


class PartyChange(models.Model):
    """A change of an organisation by the registration authority: prepared by one, made by another.

    A merger ends `party`, whose cases, caps and history pass to `successor`. A split keeps `party`
    or ends it; `passes` names what goes over: case numbers, and a share of its history in percent.
    """

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind.choices)
    party = models.ForeignKey(
        Party, models.RESTRICT, verbose_name=_("organisation"), related_name="changes"
    )
    successor = models.ForeignKey(
        Party, models.RESTRICT, null=True, verbose_name=_("successor"), related_name="+"
    )
    name_before = models.CharField(_("name before"), max_length=160)
    name_after = models.CharField(_("name after"), max_length=160, blank=True)
    passes = models.JSONField(_("what passes over"), default=dict)
    effective_on = models.DateField(_("effective on"))
    basis = models.CharField(_("basis"), max_length=300)
    document = models.ForeignKey(Document, models.RESTRICT, null=True, verbose_name=_("document"))
    state = models.CharField(
        _("state"), max_length=10, choices=ChangeState.choices, default=ChangeState.PREPARED
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("made by"),
        related_name="+",
    )  # fmt: skip
    made_at = models.DateTimeField(_("made at"), null=True)

    class Meta:
        verbose_name = _("change of an organisation")
        verbose_name_plural = _("changes of organisations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_by=None) | ~Q(made_by=F("prepared_by")),
                name="party_change_made_by_another",
                violation_error_message=_("A change is made by someone who did not prepare it."),
            ),
            models.CheckConstraint(
                condition=Q(kind="rename", successor=None) & ~Q(name_after="")
                | ~Q(kind="rename") & Q(successor__isnull=False),
                name="party_change_is_whole",
                violation_error_message=_("Name the successor, or the new name."),
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("party")),
                name="successor_is_another",
                violation_error_message=_("Choose another organisation as successor."),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="party_change_steps",
                field="state",
                transitions=[("prepared", "made"), ("prepared", "cancelled")],
            ),
            pgtrigger.ReadOnly(
                name="party_change_content",
                fields=["city", "kind", "party", "successor", "passes", "prepared_by"],
            ),
            pgtrigger.Protect(name="party_change_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.party} · {self.get_kind_display()}"
