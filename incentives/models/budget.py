import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.document import Document
from applicants.models.figure import Figure
from applicants.models.place import City, Named
from incentives.models.counter import Unit
from incentives.models.programme import Programme


class Fund(Named):
    """A special fund (专项资金) from which several programmes are paid."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    code = models.SlugField(_("code"), max_length=40)
    programmes = models.ManyToManyField(Programme, blank=True, verbose_name=_("programmes"))

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        ordering = ["city", "code"]
        constraints = [models.UniqueConstraint("city", "code", name="fund_once_per_city")]


class Allotment(models.TextChoices):
    FIRST_COME = "first_come", _("first come, first served")
    PRO_RATA = "pro_rata", _("pro rata")


class Budget(models.Model):
    """A fund's money of one budget year, or what of it is set aside for one programme.

    What is planned, reserved, committed and paid is read from its counter and the ledger; `planned`
    is changed only by approved changes, through `huiqi_change_budget`.
    """

    application_may = "SELECT, INSERT"

    fund = models.ForeignKey(Fund, models.RESTRICT, verbose_name=_("fund"))
    programme = models.ForeignKey(
        Programme, models.RESTRICT, null=True, blank=True, verbose_name=_("programme")
    )
    year = models.PositiveSmallIntegerField(_("budget year"))
    planned = Figure(
        _("planned in yuan"), max_digits=16, decimal_places=2, default=0, editable=False
    )
    opened = models.BooleanField(
        _("opened"), default=False, db_default=False, editable=False
    )  # with its first approved money; until then it limits nothing
    allotment = models.CharField(
        _("allotment"), max_length=10, choices=Allotment.choices, default=Allotment.FIRST_COME
    )
    carries_over = models.BooleanField(_("what is left carries over"), default=False)
    funding_source = models.CharField(_("funding source"), max_length=80)
    subject_code = models.CharField(_("budget subject code"), max_length=20)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set by"))
    set_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ["-year", "fund", "programme"]
        constraints = [
            models.UniqueConstraint(
                "fund",
                "programme",
                "year",
                name="budget_once_a_year",
                nulls_distinct=False,
                violation_error_message=_("This budget is set for that year already."),
            ),
            models.CheckConstraint(
                condition=Q(planned__gte=0),
                name="budget_not_negative",
                violation_error_message=_("A budget is 0 yuan or more."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="budget_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="budget_begins_empty",  # money comes by changes that two have signed
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__opened=True) | ~pgtrigger.Q(new__planned=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme or self.fund} {self.year}"

    @property
    def key(self) -> str:
        return f"budget:{self.pk}"


class BudgetChangeKind(models.TextChoices):
    PLANNED = "planned", _("first plan")
    SUPPLEMENT = "supplement", _("supplement")
    REDUCTION = "reduction", _("reduction")
    TRANSFER = "transfer", _("transfer")
    CARRIED = "carried", _("carried over")


class BudgetChangeState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    APPROVED = "approved", _("approved")
    CANCELLED = "cancelled", _("cancelled")


class BudgetChange(models.Model):
    """Money put into a budget, taken out or moved: prepared by one, approved by another.

    `amount` is above 0; `taken_from` is the budget that a transfer or carry-over empties by it.
    """

    application_may = "SELECT, INSERT, UPDATE"

    budget = models.ForeignKey(
        Budget, models.RESTRICT, related_name="changes", verbose_name=_("budget")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=BudgetChangeKind.choices)
    amount = Figure(_("amount in yuan"), max_digits=16, decimal_places=2)
    taken_from = models.ForeignKey(
        Budget, models.RESTRICT, null=True, blank=True, verbose_name=_("taken from"),
        related_name="given",
    )  # fmt: skip
    basis = models.CharField(_("basis"), max_length=300)
    document = models.ForeignKey(
        Document, models.RESTRICT, null=True, blank=True, verbose_name=_("document")
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=BudgetChangeState.choices,
        default=BudgetChangeState.PREPARED,
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("approved by"),
        related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        verbose_name = _("budget change")
        verbose_name_plural = _("budget changes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="budget_change_positive",
                violation_error_message=_("An amount is above 0 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")),
                name="budget_change_approved_by_another",
                violation_error_message=_(
                    "A budget change is approved by someone who did not prepare it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["transfer", "carried"], taken_from__isnull=False)
                | (~Q(kind__in=["transfer", "carried"]) & Q(taken_from=None)),
                name="transfer_names_its_source",
                violation_error_message=_("Choose the budget that the money is taken from."),
            ),
            models.CheckConstraint(
                condition=Q(taken_from=None) | ~Q(taken_from=F("budget")),
                name="transfer_between_two",
                violation_error_message=_("Choose two different budgets."),
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_by__isnull=False),
                name="budget_change_names_its_approver",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="budget_change_steps",
                field="state",
                transitions=[("prepared", "approved"), ("prepared", "cancelled")],
            ),
            pgtrigger.Protect(
                name="budget_change_begins_prepared",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="prepared", new__approved_by=None),
            ),
            pgtrigger.ReadOnly(
                name="budget_change_content",
                fields=["budget", "kind", "amount", "taken_from", "basis", "prepared_by"],
            ),
            pgtrigger.Protect(name="budget_change_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.get_kind_display()} {self.amount}"


DECIDED = pgtrigger.Q(old__approved_by__isnull=False) | pgtrigger.Q(old__declined_by__isnull=False)
DECIDED_ANEW = pgtrigger.Q(new__approved_by__df=pgtrigger.F("old__approved_by")) | pgtrigger.Q(
    new__declined_by__df=pgtrigger.F("old__declined_by")
)


class CapExcess(models.Model):
    """A knowing excess of a cap that no document prints, for one case: asked by one, signed by two.

    A printed cap is never exceeded: `printed` is copied from the rules; the database refuses it.
    It is of the proposal that stood when it was asked, and lapses when that is not approved.
    """

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    case_number = models.CharField(_("case number"), max_length=40)
    key = models.CharField(_("key"), max_length=300)
    cap = models.CharField(_("cap"), max_length=80)
    printed = models.BooleanField(default=False)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, db_default=Unit.YUAN)
    amount = Figure(_("excess"), max_digits=16, decimal_places=2)  # in its unit
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("asked by"), related_name="+"
    )
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("approved by"),
        related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved at"), null=True)

    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("declined by"),
        related_name="+",
    )  # fmt: skip
    declined_at = models.DateTimeField(_("declined at"), null=True)
    decline_reason = models.TextField(_("why it was declined"), blank=True, db_default="")
    lapsed_at = models.DateTimeField(_("lapsed at"), null=True)

    class Meta:
        verbose_name = _("excess of a cap")
        verbose_name_plural = _("excesses of caps")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "city",
                "case_number",
                "key",
                condition=Q(declined_by=None, lapsed_at=None),
                name="one_excess_per_cap",
            ),
            models.CheckConstraint(
                condition=Q(declined_by=None) | Q(approved_by=None),
                name="excess_signed_or_declined",
            ),
            models.CheckConstraint(
                condition=Q(printed=False),
                name="printed_cap_never_exceeded",
                violation_error_message=_("A printed cap is never exceeded."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")),
                name="excess_approved_by_another",
                violation_error_message=_("An excess is approved by someone who did not ask it."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(reason=""),
                name="excess_gives_its_reason",
                violation_error_message=_("State the amount and the reason."),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="excess_content",
                fields=["city", "case_number", "key", "cap", "printed", "unit", "amount", "reason",
                        "asked_by"],
            ),
            pgtrigger.Protect(
                name="excess_begins_asked",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__approved_by=None, new__declined_by=None),
            ),
            pgtrigger.Protect(
                name="excess_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lapsed_at__isnull=False)
                | (DECIDED & (pgtrigger.Q(new__lapsed_at__isnull=True) | DECIDED_ANEW)),
            ),
            pgtrigger.Protect(name="excess_kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.case_number} · {self.cap} +{self.amount}"


class YearClose(models.Model):
    """The close of a city's budget year: nobody posts into it afterwards (a trigger refuses)."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    year = models.PositiveSmallIntegerField(_("budget year"))
    report = models.TextField(_("report"))  # JSON text, to the byte
    sha256 = models.CharField("SHA-256", max_length=64)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("prepared by"), related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("closed by"),
        related_name="+",
    )  # fmt: skip
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("year's close")
        verbose_name_plural = _("year closes")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint("city", "year", name="year_closed_once"),
            models.CheckConstraint(
                condition=Q(closed_by=None) | ~Q(closed_by=F("prepared_by")),
                name="year_closed_by_another",
                violation_error_message=_("A year is closed by someone who did not prepare it."),
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None, closed_at=None)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="close_names_who_closed_it",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="year_close_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
            pgtrigger.Protect(name="year_close_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.year}"
