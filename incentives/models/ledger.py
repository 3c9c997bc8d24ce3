from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.composite import CompositeForeignKey
from applicants.models.party import Party
from applicants.models.place import City, District
from incentives.models.award import Award
from incentives.models.budget import Budget
from incentives.models.bureau import Bureau
from incentives.models.programme import Programme


class Stage(models.TextChoices):
    RESERVED = "reserved", _("reserved")
    COMMITTED = "committed", _("committed")
    PAID = "paid", _("paid")
    RELEASED = "released", _("released")
    RETURNED = "returned", _("returned")
    RECOVERED = "recovered", _("recovered")
    WRITTEN_OFF = "written_off", _("written off")
    OPENING = "opening", _("given before")  # entered from a list; no money of this house's years
    REVERSED = "reversed", _("given before, reversed")  # such an entry taken back


class LedgerEntry(models.Model):
    """One movement of money of one award (台账). Append-only, written by the money functions."""

    application_may = "SELECT"

    # Every line is written under a hot budget. db_index=False: an index below begins with it.
    # db_constraint=False: the city of the bureau, in a composite key below.
    city = models.ForeignKey(
        City, models.RESTRICT, verbose_name=_("city"), db_index=False, db_constraint=False
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices)
    amount = models.DecimalField(_("amount in yuan"), max_digits=16, decimal_places=2)
    posted_at = models.DateTimeField(_("posted at"))
    year = models.PositiveSmallIntegerField(_("year of posting"))
    approval_year = models.PositiveSmallIntegerField(_("year of approval"))
    # whose budgets and pools bear it: of what a late settlement added, the year of that
    budget_year = models.PositiveSmallIntegerField(_("year of the budget"))
    award = models.ForeignKey(Award, models.RESTRICT, related_name="entries", db_index=False)
    line = models.ForeignKey(
        "incentives.PayoutLine", models.RESTRICT, null=True, related_name="entries",
        db_index=False,
    )  # fmt: skip
    budget = models.ForeignKey(
        Budget, models.RESTRICT, null=True, verbose_name=_("budget"), related_name="entries",
        db_index=False,
    )  # fmt: skip
    case_number = models.CharField(_("case number"), max_length=40)
    programme = models.ForeignKey(
        Programme, models.RESTRICT, verbose_name=_("programme"), db_index=False
    )
    verb = models.CharField(_("printed verb"), max_length=20)
    payer = models.CharField(_("payer"), max_length=20, default="city")
    bureau = models.ForeignKey(
        Bureau, models.RESTRICT, verbose_name=_("handling bureau"), db_index=False,
        db_constraint=False,
    )  # fmt: skip
    district = models.ForeignKey(District, models.RESTRICT, null=True, verbose_name=_("district"))
    applicant = models.ForeignKey(
        Party, models.RESTRICT, verbose_name=_("applicant"), related_name="ledger_entries",
        db_index=False,
    )  # fmt: skip
    payee = models.ForeignKey(
        Party, models.RESTRICT, null=True, verbose_name=_("payee"), related_name="+",
        db_index=False,
    )  # fmt: skip
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("who"))
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0)
                | models.Q(stage__in=["recovered", "written_off"], amount__lt=0),
                name="ledger_below_zero_is_taken_back",
            ),
            models.UniqueConstraint(fields=["award", "id"], name="ledger_by_award"),
            CompositeForeignKey(fields=("bureau", "city"), name="ledger_bureau_fk"),
        ]
        indexes = [
            models.Index(fields=["city", "stage", "year", "-id"], name="ledger_by_year"),
            models.Index(fields=["city", "year", "-id"], name="ledger_by_year_posted"),
            models.Index(fields=["city", "approval_year", "-id"], name="ledger_by_year_approved"),
            models.Index(fields=["programme", "-id"], name="ledger_by_programme"),
            models.Index(fields=["bureau", "-id"], name="ledger_by_bureau"),
            models.Index(fields=["applicant", "-id"], name="ledger_by_applicant"),
            models.Index(fields=["case_number", "id"], name="ledger_by_case"),
            models.Index(fields=["budget", "stage"], name="ledger_by_budget"),
            # what most entries have not
            models.Index("line", name="ledger_by_line", condition=models.Q(line__isnull=False)),
            models.Index("payee", name="ledger_by_payee", condition=models.Q(payee__isnull=False)),
        ]
        triggers = append_only("ledger")

    def __str__(self) -> str:
        return f"{self.case_number} {self.stage} {self.amount}"
