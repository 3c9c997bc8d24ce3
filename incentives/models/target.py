from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.figure import Figure
from applicants.models.place import City
from incentives.models.bureau import Bureau
from incentives.models.document import PolicyDocument


class Operator(models.TextChoices):
    """How a value is held against the target; without one there is no number to reach."""

    REACHES = "=", _("reaches")
    ABOVE = ">", _("above")
    AT_LEAST = "≥", _("at least")
    AT_MOST = "≤", _("at most")
    ABOUT = "≈", _("approximately")
    WITHIN = "–", _("from … to …")


class Target(models.Model):
    """An indicator that a document sets itself for a year, as printed (目标).

    A range runs from `value` to `value_to`. `counts` says which entries of the registers or which
    awards the reached value is counted from; an empty one is entered by the bureau.
    """

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    code = models.SlugField(_("code"), max_length=80)
    document = models.ForeignKey(PolicyDocument, models.RESTRICT, verbose_name=_("document"))
    section = models.CharField(_("section"), max_length=60)
    quote = models.TextField(_("printed text"))
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=300)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    baseline = Figure(_("baseline"), max_digits=18, decimal_places=4, null=True)
    baseline_year = models.PositiveSmallIntegerField(_("baseline year"), null=True)
    operator = models.CharField(
        _("compared by"), max_length=4, blank=True, choices=Operator.choices
    )
    value = Figure(_("target"), max_digits=18, decimal_places=4, null=True)
    value_to = Figure(_("end of the range"), max_digits=18, decimal_places=4, null=True)
    wording = models.CharField(_("target as printed"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(_("target year"), null=True)
    attribute = models.CharField(_("kind of target"), max_length=40, blank=True)
    bureau = models.ForeignKey(
        Bureau, models.RESTRICT, null=True, blank=True, verbose_name=_("responsible bureau")
    )
    counts = models.JSONField(_("counted from"), default=dict, blank=True)
    note_zh = models.TextField(_("Chinese note"), blank=True)
    note_en = models.TextField(_("English note"), blank=True)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["document_id", "id"]
        constraints = [
            models.UniqueConstraint("city", "code", name="target_once_per_city"),
            models.CheckConstraint(
                condition=Q(operator="") | Q(value__isnull=False), name="target_compares_a_value"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    @property
    def note(self) -> str:
        return self.note_en if (get_language() or "").startswith("en") else self.note_zh


class TargetActual(models.Model):
    """What was reached by a day, as the bureau entered it; the newest of a year counts."""

    application_may = "SELECT, INSERT"

    target = models.ForeignKey(Target, models.RESTRICT, related_name="actuals")
    year = models.PositiveSmallIntegerField(_("year"))
    value = Figure(_("reached"), max_digits=18, decimal_places=4)
    as_of = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=300)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("entered by"), related_name="+"
    )
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)

    class Meta:
        verbose_name = _("actual value")
        verbose_name_plural = _("actual values")
        ordering = ["target", "year", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=""),
                name="actual_names_its_source",
                violation_error_message=_("Name the source of the value."),
            )
        ]
        indexes = [models.Index(fields=["target", "year", "-id"], name="actual_newest")]
        triggers = append_only("actual value")

    def __str__(self) -> str:
        return f"{self.target} {self.year}: {self.value}"
