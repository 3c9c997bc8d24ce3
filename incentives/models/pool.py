from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.figure import Figure
from applicants.models.place import City
from incentives.models.programme import Programme


class Pool(models.Model):
    """A yearly ceiling that several programmes share (none named: all of the city's programmes)."""

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    code = models.SlugField(_("code"), max_length=40)
    year = models.PositiveSmallIntegerField(_("year of approval"))
    title = models.CharField(_("title"), max_length=160)
    limit = Figure(_("limit in yuan"), max_digits=16, decimal_places=2)
    programmes = models.ManyToManyField(
        Programme, blank=True, verbose_name=_("programmes"), help_text=_("None: all programmes.")
    )
    basis = models.CharField(_("basis"), max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set by"))
    set_at = models.DateTimeField(_("set at"), auto_now=True)

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        ordering = ["-year", "code"]
        constraints = [
            models.UniqueConstraint(
                "city",
                "code",
                "year",
                name="pool_once_a_year",
                violation_error_message=_("This pool is set for that year already."),
            ),
            models.CheckConstraint(
                condition=models.Q(limit__gte=0),
                name="pool_limit_not_negative",
                violation_error_message=_("A limit is 0 yuan or more."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.year}"

    @property
    def key(self) -> str:
        return f"pool:{self.code}:{self.year}"
