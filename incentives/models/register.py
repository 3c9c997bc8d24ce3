import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.figure import Figure
from applicants.models.party import Party
from applicants.models.place import City
from incentives.models.award import Award
from incentives.models.bureau import Bureau
from incentives.models.programme import Programme


class EntryKind(models.TextChoices):
    VOUCHER = "voucher", _("voucher")
    TITLE = "title", _("recognition or title")
    LISTING = "listing", _("place on a list")
    STATUS = "status", _("certificate or status")
    IN_KIND = "in_kind", _("support in kind")
    INVESTMENT = "investment", _("investment or concession")
    WAIVER = "waiver", _("waiver")
    FILING = "filing", _("filing")
    NOMINATION = "nomination", _("nomination")
    AGREEMENT = "agreement", _("agreed measures")


class EntryState(models.TextChoices):
    IN_FORCE = "in_force", _("in force")
    FULFILLED = "fulfilled", _("fulfilled")
    DECLINED = "declined", _("not selected")
    EXPIRED = "expired", _("expired")
    ENDED = "ended", _("ended")


ENTRY_STEPS: list[tuple[str, str]] = [
    (EntryState.IN_FORCE, state)
    for state in (
        EntryState.FULFILLED,
        EntryState.DECLINED,
        EntryState.EXPIRED,
        EntryState.ENDED,
    )
]


class RegisterEntry(models.Model):
    """What a case ended in other than paid money, or what a bureau's list says of a party (名录).

    `title` is the programme's code, or a slug of its own for titles that others confer. `figure` in
    yuan is a voucher's face value, or a sum that was worked out and is never paid from here.
    """

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind.choices)
    title = models.SlugField(_("title code"), max_length=80)
    programme = models.ForeignKey(
        Programme, models.RESTRICT, null=True, verbose_name=_("programme"), related_name="+"
    )
    number = models.CharField(_("register number"), max_length=40, unique=True)
    label_zh = models.CharField(_("Chinese label"), max_length=200)
    label_en = models.CharField(_("English label"), max_length=300)
    level = models.CharField(_("level"), max_length=80, blank=True)
    party = models.ForeignKey(
        Party, models.RESTRICT, verbose_name=_("holder"), related_name="register_entries"
    )
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    case_number = models.CharField(_("case number"), max_length=40, blank=True)
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    state = models.CharField(
        _("state"), max_length=10, choices=EntryState.choices, default=EntryState.IN_FORCE
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to and including"), null=True, blank=True)
    figure = Figure(_("figure in yuan"), max_digits=16, decimal_places=2, null=True, blank=True)
    terms = models.TextField(_("terms"), blank=True)
    award = models.OneToOneField(
        Award, models.RESTRICT, null=True, blank=True, verbose_name=_("reserved award")
    )
    source = models.CharField(_("source"), max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)

    class Meta:
        verbose_name = _("register entry")
        verbose_name_plural = _("registers")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="entry_ends_after_it_starts",
                violation_error_message=_("An entry cannot end before it starts."),
            ),
            models.UniqueConstraint(
                "city",
                "case_number",
                condition=~Q(case_number=""),
                name="one_entry_per_case",
                violation_error_message=_("This case has its entry in the register already."),
            ),
        ]
        indexes = [
            models.Index(fields=["party", "title", "-id"], name="entry_by_party"),
            models.Index(fields=["city", "title", "-id"], name="entry_by_title"),
            models.Index(fields=["ends_on"], condition=Q(state="in_force"), name="entry_to_expire"),
        ]
        triggers = [
            pgtrigger.FSM(name="entry_steps", field="state", transitions=ENTRY_STEPS),
            pgtrigger.ReadOnly(
                name="entry_content",
                fields=[
                    "city", "kind", "title", "programme", "number", "level", "party", "subject",
                    "case_number", "starts_on", "figure", "award", "entered_by",
                ],
            ),
            pgtrigger.Protect(name="entry_kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} · {self.label}"

    @property
    def label(self) -> str:
        return self.label_en if (get_language() or "").startswith("en") else self.label_zh


class RegisterStep(models.Model):
    """What became of an entry: delivered, redeemed, selected, extended, expired or ended."""

    application_may = "SELECT, INSERT"

    entry = models.ForeignKey(RegisterEntry, models.RESTRICT, related_name="steps")
    kind = models.CharField(_("what"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=EntryState.choices)
    on = models.DateField(_("on"))
    amount = Figure(_("amount in yuan"), max_digits=16, decimal_places=2, null=True, blank=True)
    note = models.TextField(_("note"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, null=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("register step")
        verbose_name_plural = _("register steps")
        ordering = ["id"]
        triggers = append_only("register step")

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind}"
