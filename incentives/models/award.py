import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.composite import CompositeForeignKey
from applicants.models.document import Document
from applicants.models.figure import Figure
from applicants.models.party import Party
from applicants.models.place import City, District
from incentives.models.budget import Budget
from incentives.models.bureau import Bureau
from incentives.models.programme import Programme, ProgrammeVersion


class AwardState(models.TextChoices):
    RESERVED = "reserved", _("reserved")
    COMMITTED = "committed", _("committed")
    RELEASED = "released", _("released")


class Award(models.Model):
    """Money promised to one case. Written and moved on only by the money functions."""

    application_may = "SELECT"

    # db_constraint=False: a composite key below, with the city of the bureau and the programme of
    # the version. db_index=False: an index below begins with it, or nobody looks by it.
    city = models.ForeignKey(
        City, models.RESTRICT, verbose_name=_("city"), db_index=False, db_constraint=False
    )
    case_number = models.CharField(_("case number"), max_length=40)
    programme = models.ForeignKey(
        Programme, models.RESTRICT, verbose_name=_("programme"), db_constraint=False
    )
    version = models.ForeignKey(
        ProgrammeVersion, models.RESTRICT, related_name="+", db_index=False, db_constraint=False
    )
    applicant = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("applicant"))
    bureau = models.ForeignKey(
        Bureau, models.RESTRICT, verbose_name=_("handling bureau"), db_constraint=False
    )
    district = models.ForeignKey(District, models.RESTRICT, null=True, verbose_name=_("district"))
    verb = models.CharField(_("printed verb"), max_length=20)
    payer = models.CharField(_("payer"), max_length=20, default="city")
    budget = models.ForeignKey(
        Budget, models.RESTRICT, null=True, verbose_name=_("budget"), related_name="awards"
    )
    state = models.CharField(_("state"), max_length=10, choices=AwardState.choices)
    assessed = models.DecimalField(_("assessed"), max_digits=16, decimal_places=2)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    cuts = models.JSONField(_("cuts"), default=list)
    approval_year = models.PositiveSmallIntegerField(_("year of approval"))
    approved_at = models.DateTimeField(_("approved at"))
    opening = models.OneToOneField(
        "incentives.ImportRow", models.RESTRICT, null=True, verbose_name=_("row of the list"),
        related_name="award",
    )  # given before the city used this house, and entered from a list  # fmt: skip
    committed_at = models.DateTimeField(_("awarded at"), null=True)
    # Where the year of approval was closed already: whose budgets bear what the settlement added.
    settlement_year = models.PositiveSmallIntegerField(_("year of settlement"), null=True)
    settlement_budget = models.ForeignKey(
        Budget, models.RESTRICT, null=True, verbose_name=_("budget of settlement"),
        related_name="+", db_index=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "city",
                "case_number",
                condition=~Q(state="released"),
                name="one_living_award_per_case",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(amount__lte=models.F("assessed")),
                name="award_within_assessed",
            ),
            models.CheckConstraint(
                condition=Q(settlement_year=None, settlement_budget=None)
                | Q(settlement_year__gt=F("approval_year")),
                name="settlement_of_a_later_year",
            ),
            CompositeForeignKey(fields=("version", "programme"), name="award_version_fk"),
            CompositeForeignKey(fields=("bureau", "city"), name="award_bureau_fk"),
        ]
        indexes = [models.Index(fields=["city", "approval_year", "-id"], name="award_by_year")]

    def __str__(self) -> str:
        return f"{self.case_number} · {self.amount}"


class AwardShare(models.Model):
    """What one payer bears of an award; together they are the award, to the fen."""

    application_may = "SELECT"

    award = models.ForeignKey(Award, models.RESTRICT, related_name="shares")
    payer = models.CharField(_("payer"), max_length=20)
    share = Figure(_("share"), max_digits=7, decimal_places=6)  # of 1
    amount = Figure(_("amount"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("payer's share")
        verbose_name_plural = _("payers' shares")
        ordering = ["id"]
        constraints = [models.UniqueConstraint("award", "payer", name="payer_once_per_award")]

    def __str__(self) -> str:
        return f"{self.payer} {self.amount}"


class DueKind(models.TextChoices):
    DATE = "date", _("on a date")
    STAGE = "stage", _("when a stage is reached")
    EVALUATION = "evaluation", _("when an evaluation is passed")


class InstalmentKind(models.TextChoices):
    PART = "part", _("part")
    ADVANCE = "advance", _("advance")
    SETTLEMENT = "settlement", _("settlement")


class Instalment(models.Model):
    """A part of an award due to one payee; together they are the award (a trigger checks)."""

    application_may = "SELECT, INSERT"

    award = models.ForeignKey(Award, models.RESTRICT, related_name="instalments")
    number = models.PositiveSmallIntegerField(_("instalment"))
    payee = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("payee"))
    amount = Figure(_("amount"), max_digits=16, decimal_places=2)
    payer = models.CharField(_("payer"), max_length=20, default="city")
    kind = models.CharField(
        _("kind"), max_length=10, choices=InstalmentKind.choices, default=InstalmentKind.PART
    )
    due_kind = models.CharField(
        _("due"), max_length=10, choices=DueKind.choices, default=DueKind.DATE
    )
    label = models.JSONField(_("label"), default=dict)  # {zh, en}; empty: the whole
    due_on = models.DateField(_("due on"), null=True)
    part = models.PositiveSmallIntegerField(
        null=True
    )  # one of a payee; its payers have it in common

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint("award", "number", name="instalment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_positive"),
            models.CheckConstraint(
                condition=~Q(due_kind="date") | Q(due_on__isnull=False),
                name="instalment_has_its_date",
            ),
        ]
        triggers = append_only("instalment")

    def __str__(self) -> str:
        return f"{self.award_id}/{self.number}"

    @property
    def kind_words(self) -> str:
        """Empty for an ordinary part."""
        return "" if self.kind == InstalmentKind.PART else str(self.get_kind_display())

    @property
    def budget(self) -> Budget | None:
        """The budget that it is paid from."""
        if self.kind == InstalmentKind.SETTLEMENT and self.award.settlement_year:
            return self.award.settlement_budget
        return self.award.budget


class Found(models.TextChoices):
    MET = "met", _("reached")
    PARTLY = "partly", _("reached in part")
    NOT_MET = "not_met", _("not reached")
    SETTLED = "settled", _("as settled")  # what a settlement left of a part that waited
    WITHDRAWN = "withdrawn", _("withdrawn")  # not paid any more, whether it waited or was due


ON_A_STAGE = (Found.MET, Found.PARTLY, Found.NOT_MET)  # what somebody may find


class FindingState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    CONFIRMED = "confirmed", _("confirmed")
    DROPPED = "dropped", _("dropped")


class InstalmentFinding(models.Model):
    """Whether the stage of an instalment was reached, or that it is withdrawn: found by one,
    confirmed by another.

    Confirmed by `huiqi_confirm_finding`, it takes the instalment's place: what is due becomes an
    instalment with a date (`became`), and the rest lapses and is given back. Amounts in yuan. Where
    several payers share the award, there is one for each payer's instalment of the part.
    """

    application_may = "SELECT, INSERT, UPDATE"

    instalment = models.ForeignKey(Instalment, models.RESTRICT, related_name="findings")
    found = models.CharField(_("finding on the instalment"), max_length=10, choices=Found.choices)
    amount = Figure(_("due in yuan"), max_digits=16, decimal_places=2)
    due_on = models.DateField(_("due on"), null=True)
    reason = models.TextField(_("reason"))
    document = models.ForeignKey(Document, models.RESTRICT, null=True, verbose_name=_("document"))
    state = models.CharField(
        _("state"), max_length=10, choices=FindingState.choices, default=FindingState.PREPARED
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("confirmed by"),
        related_name="+",
    )  # fmt: skip
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    became = models.OneToOneField(
        Instalment, models.RESTRICT, null=True, related_name="came_of", verbose_name=_("became")
    )

    class Meta:
        verbose_name = _("finding on an instalment")
        verbose_name_plural = _("findings on instalments")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "instalment", condition=~Q(state="dropped"), name="one_finding_per_instalment"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("prepared_by")),
                name="finding_confirmed_by_another",
                violation_error_message=_("A finding is confirmed by someone who did not make it."),
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="finding_names_who_confirmed_it",
            ),
            models.CheckConstraint(
                condition=Q(
                    found__in=["partly", "not_met", "settled", "withdrawn"], amount=0, due_on=None
                )
                | Q(found__in=["met", "partly", "settled"], amount__gt=0, due_on__isnull=False),
                name="finding_says_what_is_due",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="finding_gives_its_reason"),
        ]
        indexes = [
            models.Index(
                fields=["instalment"], condition=Q(state="prepared"), name="finding_to_confirm"
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="finding_steps",
                field="state",
                transitions=[("prepared", "confirmed"), ("prepared", "dropped")],
            ),
            pgtrigger.Protect(
                name="finding_begins_prepared",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(
                    new__state="prepared", new__confirmed_by=None, new__became=None
                ),
            ),
            pgtrigger.ReadOnly(
                name="finding_content",
                fields=["instalment", "found", "amount", "due_on", "reason", "document",
                        "prepared_by", "prepared_at"],
            ),
            pgtrigger.Protect(
                name="finding_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__confirmed_at__isnull=False),
            ),
            pgtrigger.Protect(name="finding_kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.instalment} · {self.get_found_display()}"


class SettlementState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    APPROVED = "approved", _("approved")
    DROPPED = "dropped", _("dropped")


class Settlement(models.Model):
    """The settlement (清算) of what was paid in advance, on the audited figures, by two.

    Less than was awarded: what still waits lapses, then what was paid too much is asked back. More:
    an instalment more, as far as caps and budget leave it (`granted`). Amounts in yuan. It ends by
    `huiqi_approve_settlement` or `huiqi_drop_settlement` alone.
    """

    application_may = "SELECT, INSERT, UPDATE"

    award = models.ForeignKey(Award, models.RESTRICT, related_name="settlements")
    facts = models.JSONField(_("audited figures"))
    assessment = models.TextField(_("assessment"))
    entitled = Figure(_("entitled in yuan"), max_digits=16, decimal_places=2)
    awarded = Figure(_("awarded before in yuan"), max_digits=16, decimal_places=2)
    due_on = models.DateField(_("due on"))
    reason = models.TextField(_("reason"))
    state = models.CharField(
        _("state"), max_length=10, choices=SettlementState.choices, default=SettlementState.PREPARED
    )
    granted = Figure(_("granted more in yuan"), max_digits=16, decimal_places=2, null=True)
    recovery = models.CharField(_("recovery number"), max_length=40, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("approved by"),
        related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "award", condition=~Q(state="dropped"), name="one_settlement_per_award"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")),
                name="settlement_approved_by_another",
                violation_error_message=_(
                    "A settlement is approved by someone who did not prepare it."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(approved_by__isnull=False, approved_at__isnull=False, granted__isnull=False),
                name="settlement_names_who_approved_it",
            ),
            models.CheckConstraint(condition=Q(entitled__gte=0), name="settlement_not_negative"),
            models.CheckConstraint(condition=~Q(reason=""), name="settlement_gives_its_reason"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="settlement_steps",
                field="state",
                transitions=[("prepared", "approved"), ("prepared", "dropped")],
            ),
            pgtrigger.Protect(
                name="settlement_begins_prepared",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(
                    new__state="prepared", new__approved_by=None, new__granted=None
                ),
            ),
            pgtrigger.ReadOnly(
                name="settlement_content",
                fields=["award", "facts", "assessment", "entitled", "awarded", "due_on", "reason",
                        "prepared_by", "prepared_at"],
            ),
            pgtrigger.Protect(
                name="settlement_final",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="prepared"),
            ),
            pgtrigger.Protect(name="settlement_kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.award}"
