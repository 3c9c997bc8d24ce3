from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.place import City
from incentives.models.programme import Programme


class Setting(models.Model):
    """What the documents leave unprinted, as the city decided. The newest row of a key counts."""

    application_may = "SELECT, INSERT"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    programme = models.ForeignKey(
        Programme, models.RESTRICT, null=True, blank=True, verbose_name=_("programme")
    )
    key = models.CharField(_("setting"), max_length=80)
    value = models.JSONField(_("value"))
    basis = models.CharField(
        _("basis"), max_length=300, help_text=_("The implementing rule or decision behind it.")
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        ordering = ["-id"]
        indexes = [models.Index(fields=["city", "programme", "key", "-id"], name="setting_newest")]
        triggers = append_only("setting")

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"
