from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only


class ChainLink(models.Model):
    """A row of history sealed into its hash chain: SHA-256 of the link before and of the row.

    Chains are named like `ledger:qingdao` and `events:qingdao`. Written by `huiqi_seal` alone.
    """

    application_may = "SELECT"

    chain = models.CharField(_("chain"), max_length=40)
    number = models.PositiveBigIntegerField(_("number"))
    row = models.PositiveBigIntegerField(_("row"))
    digest = models.BinaryField("SHA-256", max_length=32)
    about = models.PositiveBigIntegerField(null=True)  # of a ledger entry: its award
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("link of a chain")
        verbose_name_plural = _("links of chains")
        ordering = ["chain", "number"]
        constraints = [
            models.UniqueConstraint("chain", "number", name="link_once"),
            models.UniqueConstraint("chain", "row", name="row_sealed_once"),
        ]
        triggers = append_only("link of a chain")

    def __str__(self) -> str:
        return f"{self.chain} #{self.number}"


class ChainHead(models.Model):
    """The end of a chain, which the next link is tied to; every row up to `swept` is sealed."""

    application_may = "SELECT"

    chain = models.CharField(_("chain"), max_length=40, primary_key=True)
    number = models.PositiveBigIntegerField(_("links"))
    digest = models.BinaryField("SHA-256", max_length=32)
    swept = models.PositiveBigIntegerField()
    passing = models.PositiveBigIntegerField()  # becomes `swept` once it has been so for an hour
    looked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("head of a chain")
        verbose_name_plural = _("heads of chains")
        ordering = ["chain"]

    def __str__(self) -> str:
        return f"{self.chain} #{self.number}"


class ChainAnchor(models.Model):
    """Where a chain stood at the end of a day: exported, so that the whole cannot be rewritten.

    Written by `huiqi_anchor` alone, of the heads as they are.
    """

    application_may = "SELECT"

    chain = models.CharField(_("chain"), max_length=40)
    day = models.DateField(_("day"))
    number = models.PositiveBigIntegerField(_("links"))
    digest = models.BinaryField("SHA-256", max_length=32)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        verbose_name = _("daily digest")
        verbose_name_plural = _("daily digests")
        ordering = ["-day", "chain"]
        constraints = [models.UniqueConstraint("chain", "day", name="anchor_once_a_day")]
        triggers = append_only("daily digest")

    def __str__(self) -> str:
        return f"{self.chain} {self.day}"
