import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.bank_account import BankAccount
from applicants.models.document import Document
from applicants.models.figure import Figure
from applicants.models.party import Party
from applicants.models.place import City
from applicants.models.user import User
from incentives.models.bureau import Bureau
from incentives.models.programme import Programme, ProgrammeVersion
from reviews.models.lifecycle import TRANSITIONS, CaseState


class Origin(models.TextChoices):
    APPLICANT = "applicant", _("applied for")
    SWEEP = "sweep", _("opened by the city")  # 免申即享: the enterprise only confirms


class Application(models.Model):
    """One party's claim under one version of one programme: a case from its draft to its end."""

    application_may = "SELECT, INSERT, UPDATE"
    acting_for: User | None = None  # whose deputy acts, for the length of one verb; not kept

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    number = models.CharField(_("case number"), max_length=40, null=True, unique=True)
    programme = models.ForeignKey(Programme, models.RESTRICT, verbose_name=_("programme"))
    version = models.ForeignKey(ProgrammeVersion, models.RESTRICT, related_name="+")
    applicant = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("applicant"))
    handling_bureau = models.ForeignKey(
        Bureau, models.RESTRICT, verbose_name=_("handling bureau"), related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=20, choices=CaseState.choices, default=CaseState.DRAFT
    )
    origin = models.CharField(
        _("origin"), max_length=10, choices=Origin.choices, default=Origin.APPLICANT
    )
    account = models.ForeignKey(
        BankAccount, models.RESTRICT, null=True, verbose_name=_("bank account")
    )
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, related_name="+"
    )
    assisted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, related_name="+",
        verbose_name=_("filed at the window by"),
    )  # fmt: skip
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    workflow = models.JSONField(_("workflow"), default=dict)  # as it stood at submission
    thresholds = models.JSONField(_("sums from which more sign"), default=list)
    due_on = models.DateField(
        _("next deadline"), null=True, help_text=_("Of the step that the case is waiting in.")
    )
    due_from = models.DateField(_("supplement counted from"), null=True)
    due_days = models.PositiveSmallIntegerField(_("supplement in working days"), null=True)
    returned_reason = models.TextField(_("what to supplement"), blank=True)
    progress_token = models.CharField(max_length=43, unique=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(number__isnull=False, submitted_at__isnull=False, submitted_by__isnull=False),
                name="submitted_case_has_number",
            )
        ]
        indexes = [
            models.Index(fields=["city", "due_on", "id"], name="case_by_deadline"),
            models.Index(fields=["due_on", "id"], name="case_in_order"),  # of all one's bureaus
            models.Index(fields=["state", "due_on", "id"], name="case_by_state"),
            models.Index(fields=["programme", "due_on", "id"], name="case_by_programme"),
            models.Index(fields=["handling_bureau", "due_on", "id"], name="case_by_bureau"),
            models.Index(fields=["applicant", "-id"], name="case_by_applicant"),
        ]
        triggers = [
            pgtrigger.FSM(name="case_steps", field="state", transitions=TRANSITIONS),
            pgtrigger.Protect(
                name="case_begins_as_draft",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="draft"),
            ),
            pgtrigger.Protect(name="case_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.programme} ({self.get_state_display()})"


class CaseFact(models.Model):
    """A value of a case: as the applicant declared it, and beside it as a reviewer confirmed it."""

    application = models.ForeignKey(Application, models.RESTRICT, related_name="facts")
    key = models.CharField(_("fact"), max_length=80)
    declared = models.JSONField(_("declared"), null=True)
    confirmed = models.JSONField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    note = models.CharField(_("reviewer's note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("case fact")
        verbose_name_plural = _("case facts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("application", "key", name="case_fact_once"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(confirmed_at__isnull=False),
                name="confirmation_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.declared}"


class Evidence(models.Model):
    """A paper laid beside a fact of a case."""

    application = models.ForeignKey(Application, models.RESTRICT, related_name="evidence")
    fact_key = models.CharField(_("fact"), max_length=80)
    document = models.ForeignKey(Document, models.RESTRICT)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("application", "fact_key", "document", name="evidence_once")
        ]

    def __str__(self) -> str:
        return str(self.document)


class PayeeShare(models.Model):
    """A person of the team who receives a share of the award, in percent; shares add up to 100."""

    application = models.ForeignKey(Application, models.RESTRICT, related_name="payee_shares")
    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("payee"))
    account = models.ForeignKey(BankAccount, models.RESTRICT, verbose_name=_("bank account"))
    share = Figure(_("share in percent"), max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = _("payee")
        verbose_name_plural = _("payees")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "application",
                "party",
                name="payee_once_per_case",
                violation_error_message=_("This person is a payee of the case already."),
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=100),
                name="share_is_a_percentage",
                violation_error_message=_("A share is above 0 and at most 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.share}%"
