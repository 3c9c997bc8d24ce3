from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.place import City, Named


class BureauKind(models.TextChoices):
    MUNICIPAL = "municipal", _("municipal bureau")
    PARTY = "party", _("Party organ")
    VERTICAL = "vertical", _("body under central management")
    AREA = "area", _("area administration or district government")
    QUASI_PUBLIC = "quasi_public", _("quasi-public body")
    COMPANY = "company", _("company")
    COLLECTIVE = "collective", _("several bodies under one name")


class Bureau(Named):
    """A responsible bureau (责任单位). Cities share short names, so the city is part of the key."""

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    code = models.SlugField(_("code"), max_length=40)
    full_name = models.CharField(_("full name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=60, choices=BureauKind.choices)

    class Meta:
        verbose_name = _("responsible bureau")
        verbose_name_plural = _("responsible bureaus")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("city", "code", name="bureau_once_per_city"),
            models.UniqueConstraint(fields=["id", "city"], name="bureau_of_its_city"),
        ]
