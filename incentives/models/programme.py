from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.place import City
from incentives.models.bureau import Bureau
from incentives.models.document import PolicyDocument


class Programme(models.Model):
    """A measure one can apply for (政策事项). What it says stands in its versions."""

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    code = models.SlugField(_("code"), max_length=80)
    document = models.ForeignKey(PolicyDocument, models.RESTRICT, verbose_name=_("document"))
    section = models.CharField(_("section"), max_length=40)
    case_type = models.CharField(_("case type"), max_length=40)
    title_zh = models.CharField(_("Chinese title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=300)
    handling_bureau = models.ForeignKey(
        Bureau, models.RESTRICT, verbose_name=_("handling bureau"), related_name="handled"
    )
    is_open = models.BooleanField(_("listed"), default=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["document_id", "id"]
        constraints = [models.UniqueConstraint("city", "code", name="programme_once_per_city")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") else self.title_zh

    @property
    def current(self) -> "ProgrammeVersion":
        """The version in force today; applications keep the one that they were started on.

        Before the first is in force it is that first one: see `is_in_force`.
        """
        return self.version_on(timezone.localdate())

    def version_on(self, day: date) -> "ProgrammeVersion":
        """The newest version in force on a day, or the first that is to come."""
        found = self.versions.filter(in_force_on(day)).order_by("-number").first()
        return found or self.versions.order_by("number")[0]

    def is_in_force(self, day: date) -> bool:
        return self.versions.filter(in_force_on(day)).exists()


def in_force_on(day: date) -> Q:
    return Q(in_force_from=None) | Q(in_force_from__lte=day)


class ProgrammeVersion(models.Model):
    """One wording of a programme's rules, never changed once written."""

    application_may = "SELECT, INSERT"

    programme = models.ForeignKey(Programme, models.RESTRICT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    definition = models.TextField(_("rules"), help_text=_("JSON, in the order of the file."))
    digest = models.CharField("SHA-256", max_length=64)
    in_force_from = models.DateField(_("in force from"), null=True)
    loaded_at = models.DateTimeField(_("loaded at"), auto_now_add=True)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("published by")
    )

    class Meta:
        verbose_name = _("programme version")
        verbose_name_plural = _("programme versions")
        ordering = ["programme_id", "-number"]
        constraints = [
            models.UniqueConstraint("programme", "number", name="programme_version_once"),
            models.UniqueConstraint(fields=["id", "programme"], name="version_of_its_programme"),
        ]
        triggers = append_only("programme version")

    def __str__(self) -> str:
        return f"{self.programme} v{self.number}"
