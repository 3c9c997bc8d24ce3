from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """Whether a day is a working day (工作日). Provisional until the year's notice is published."""

    date = models.DateField(_("date"), primary_key=True)
    is_working = models.BooleanField(_("working day"))
    provisional = models.BooleanField(_("provisional"), default=False)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("working-day calendar")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date}"
