import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.party import Party


@pghistory.track(exclude=["number_encrypted"])
class BankAccount(models.Model):
    """Where a party is paid. The number is encrypted; a change is a new row, the old one stays."""

    application_may = "SELECT, INSERT, UPDATE"

    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("applicant"))
    holder = models.CharField(_("account holder"), max_length=160)
    bank = models.CharField(_("bank and branch"), max_length=160)
    bank_code = models.CharField(_("bank code"), max_length=14, blank=True)
    number_encrypted = models.BinaryField(editable=False)
    number_hmac = models.CharField(max_length=64, editable=False, db_index=True)
    last4 = models.CharField(_("last four digits"), max_length=4, editable=False)
    is_current = models.BooleanField(_("in use"), default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    created_at = models.DateTimeField(_("entered at"), auto_now_add=True)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "party", condition=Q(is_current=True), name="one_current_account_per_party"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.masked}"

    @property
    def masked(self) -> str:
        return f"**** **** **** {self.last4}"
