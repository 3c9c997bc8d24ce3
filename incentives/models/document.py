from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applicants.models.place import City


class PolicyDocument(models.Model):
    code = models.SlugField(_("code"), max_length=60, unique=True)
    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    title_zh = models.CharField(_("Chinese title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=300)
    number = models.CharField(_("document number"), max_length=60, blank=True)
    issued = models.DateField(_("issued"), null=True, blank=True)

    class Meta:
        verbose_name = _("policy document")
        verbose_name_plural = _("policy documents")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") else self.title_zh
