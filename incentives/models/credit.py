from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.place import City
from incentives.models.registry import RegistryImport


class CreditListing(models.Model):
    """A party's place on an official list of bad credit (严重失信主体, 失信被执行人).

    `whose` is a credit code, or the fingerprint of a person's identity number: most on such lists
    never apply here. Of the same place on a list the row of the newest day (`as_of`) counts.
    """

    application_may = "SELECT, INSERT"

    of = models.ForeignKey(RegistryImport, models.RESTRICT, related_name="listings")
    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"), db_index=False)
    whose = models.CharField(_("credit code, or fingerprint"), max_length=64)
    name = models.CharField(_("name"), max_length=160)
    list_name = models.CharField(_("list"), max_length=120)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to and including"), null=True)
    document = models.CharField(_("deciding document"), max_length=300)
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("listing for bad credit")
        verbose_name_plural = _("listings for bad credit")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="listing_ends_after_it_starts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "whose", "list_name", "starts_on", "-as_of", "-id"],
                name="credit_listing_newest",
            ),
        ]
        triggers = append_only("credit listing")

    def __str__(self) -> str:
        until = self.ends_on.isoformat() if self.ends_on else "…"
        days = f"{self.starts_on.isoformat()} – {until}"
        return f"{self.name} · {self.list_name} · {days} · {self.document}"
