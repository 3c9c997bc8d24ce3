from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.composite import CompositeForeignKey
from applicants.models.party_change import PartyChange
from applicants.models.place import City


class CounterKind(models.TextChoices):
    CAP = "cap", _("cap")
    EVENT = "event", _("same event")
    POOL = "pool", _("pool")
    BUDGET = "budget", _("budget")
    TALLY = "tally", _("counted only")  # for a reading that is not in force, should it come to be


class Unit(models.TextChoices):
    YUAN = "yuan", _("yuan")
    AWARDS = "awards", _("awards")
    ROWS = "rows", _("rows")


class Counter(models.Model):
    """The running balance of one cap, pool or same-event instance: `used` of `limit`.

    Changed only by the money functions (incentives/migrations), in the transaction that writes the
    ledger. `heat` orders the locks: the row that most transactions want is taken last.
    """

    application_may = "SELECT"

    # Its own index would be half of counter_once, and PostgreSQL could take it for the better one.
    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"), db_index=False)
    key = models.CharField(_("key"), max_length=300)
    kind = models.CharField(_("kind"), max_length=10, choices=CounterKind.choices)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)
    heat = models.PositiveSmallIntegerField()
    limit = models.DecimalField(_("limit"), max_digits=16, decimal_places=2)
    used = models.DecimalField(_("used"), max_digits=16, decimal_places=2, default=0)
    carried = models.DecimalField(
        _("carried over beyond the limit"), max_digits=16, decimal_places=2, db_default=0
    )  # by a merger, a split, an opening or a reversed receipt; then it only shrinks (a trigger)

    class Meta:
        verbose_name = _("cap")
        verbose_name_plural = _("caps")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("city", "key", name="counter_once"),
            models.CheckConstraint(
                condition=Q(
                    LessThanOrEqual(F("used") - F("limit") - F("carried"), 0),  # nor NaN
                    used__gte=0,
                    carried__gte=0,
                ),
                name="counter_within_limit",
                violation_error_message=_("A cap can be neither exceeded nor fall below zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class CounterEntry(models.Model):
    """What one ledger entry took from, or gave back to, one counter. Append-only.

    What a `change` of an organisation moves stays linked to the award that took it; an `opening`
    balance, of which single awards are not known, stands for itself until it is reversed.
    """

    application_may = "SELECT"

    counter = models.ForeignKey(Counter, models.RESTRICT, related_name="entries")
    entry = models.ForeignKey(
        "incentives.LedgerEntry", models.RESTRICT, null=True, related_name="counters",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    award = models.ForeignKey(
        "incentives.Award", models.RESTRICT, null=True, related_name="+",
        db_index=False, db_constraint=False,
    )  # the entry's  # fmt: skip
    change = models.ForeignKey(
        PartyChange, models.RESTRICT, null=True, related_name="+", db_index=False
    )
    opening = models.ForeignKey(
        "incentives.ImportRow", models.RESTRICT, null=True, related_name="counters",
        db_index=False,
    )  # fmt: skip
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    entitled = models.DecimalField(_("entitled"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("cap entry")
        verbose_name_plural = _("cap entries")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=False, award__isnull=False)
                | Q(entry=None, award=None, opening__isnull=False),
                name="cap_entry_has_its_source",
            ),
            models.UniqueConstraint(
                "opening",
                condition=Q(award=None, change=None, amount__gt=0),
                name="opening_balance_once",
            ),
            CompositeForeignKey(fields=("entry", "award"), name="cap_entry_fk"),
        ]
        indexes = [
            models.Index(fields=["award", "entry"], name="cap_entry_by_award"),
            # what most entries have not
            models.Index("change", name="cap_entry_by_change", condition=Q(change__isnull=False)),
            models.Index(
                "opening", name="cap_entry_by_opening", condition=Q(opening__isnull=False)
            ),
        ]
        triggers = append_only("cap entry")

    def __str__(self) -> str:
        return f"{self.amount} → {self.counter_id}"
