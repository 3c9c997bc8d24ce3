from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """A name kept as data in both languages."""

    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class City(Named):
    code = models.SlugField(_("code"), primary_key=True, max_length=30)
    abbreviation = models.CharField(
        _("abbreviation"), max_length=4, help_text=_("Case and batch numbers begin with it.")
    )

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ["code"]


class District(Named):
    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    code = models.SlugField(_("code"), max_length=30)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["id"]
        constraints = [models.UniqueConstraint("city", "code", name="district_once_per_city")]
