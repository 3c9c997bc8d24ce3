from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.party import Party
from applicants.models.place import City, District
from incentives.models.bureau import Bureau
from incentives.models.programme import Programme, ProgrammeVersion


class AwardState(models.TextChoices):
    RESERVED = "reserved", _("reserved")
    COMMITTED = "committed", _("committed")
    RELEASED = "released", _("released")


class Award(models.Model):
    """Money promised to one case. Written and moved on only by the money functions."""

    application_may = "SELECT"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    case_number = models.CharField(_("case number"), max_length=40)
    programme = models.ForeignKey(Programme, models.RESTRICT, verbose_name=_("programme"))
    version = models.ForeignKey(ProgrammeVersion, models.RESTRICT, related_name="+")
    applicant = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("applicant"))
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("handling bureau"))
    district = models.ForeignKey(District, models.RESTRICT, null=True, verbose_name=_("district"))
    verb = models.CharField(_("printed verb"), max_length=20)
    payer = models.CharField(_("payer"), max_length=20, default="city")
    state = models.CharField(_("state"), max_length=10, choices=AwardState.choices)
    assessed = models.DecimalField(_("assessed"), max_digits=16, decimal_places=2)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    cuts = models.JSONField(_("cuts"), default=list)
    approval_year = models.PositiveSmallIntegerField(_("year of approval"))
    approved_at = models.DateTimeField(_("approved at"))
    committed_at = models.DateTimeField(_("awarded at"), null=True)

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
        ]
        indexes = [models.Index(fields=["city", "approval_year", "-id"], name="award_by_year")]

    def __str__(self) -> str:
        return f"{self.case_number} · {self.amount}"


class Instalment(models.Model):
    """A part of an award due to one payee; together they are the award (a trigger checks)."""

    application_may = "SELECT, INSERT"

    award = models.ForeignKey(Award, models.RESTRICT, related_name="instalments")
    number = models.PositiveSmallIntegerField(_("instalment"))
    payee = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("payee"))
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    due_on = models.DateField(_("due on"))

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint("award", "number", name="instalment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_positive"),
        ]
        triggers = append_only("instalment")

    def __str__(self) -> str:
        return f"{self.award_id}/{self.number}"
