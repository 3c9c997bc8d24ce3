from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.figure import Figure
from applicants.models.place import City
from incentives.models.programme import Programme
from reviews.models.application import Application
from reviews.models.determination import changed


class Expert(models.Model):
    """A person of the city's pool of experts, who scores cases but decides none."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("user"), related_name="+"
    )
    employer = models.CharField(_("employer"), max_length=160)
    employer_uscc = models.CharField(
        _("unified social credit code of the employer"), max_length=18, blank=True
    )
    fields = models.CharField(_("fields of expertise"), max_length=300)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        ordering = ["id"]
        constraints = [models.UniqueConstraint("city", "user", name="expert_once_per_city")]

    def __str__(self) -> str:
        return str(self.user)


class RoundState(models.TextChoices):
    PLANNED = "planned", _("not open yet")
    OPEN = "open", _("open for cases")
    SCORING = "scoring", _("being scored")
    RANKED = "ranked", _("ranked")
    CLOSED = "closed", _("round closed")


class CutBy(models.TextChoices):
    NUMBER = "number", _("number of places")
    SCORE = "score", _("least score")
    BUDGET = "budget", _("budget")
    RULES = "rules", _("as the programme's rules say")


class Ties(models.TextChoices):
    ALL = "all", _("all who tie are in")
    NONE = "none", _("none who tie is in")
    EARLIER = "earlier", _("the earlier filed is in")


FIXED = [
    "programme", "number", "criteria", "sheets", "cut_by", "cut", "ties", "moves_up",
    "normalise", "drop_extremes", "deviations",
]  # fmt: skip
"""The rule of a round, which stands from its opening."""


class ScoringRound(models.Model):
    """One competition of a programme (评审轮次): its cases, its experts and the rule of its cut.

    `criteria` is a list of {id, zh, en, weight, most}; weights add up to 100. `cut` is a number of
    places, a least score or a budget in yuan, as `cut_by` says. A round without criteria is decided
    by the `round` that the programme's rules write, over its real cases. `draw` is the pool as it
    stood when experts were drawn and who was left out of which case; `result` the ranking, once.
    """

    application_may = "SELECT, INSERT, UPDATE"

    programme = models.ForeignKey(
        Programme, models.RESTRICT, verbose_name=_("programme"), related_name="rounds"
    )
    number = models.PositiveSmallIntegerField(_("round"))
    title = models.CharField(_("title"), max_length=160)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    state = models.CharField(
        _("state"), max_length=10, choices=RoundState.choices, default=RoundState.PLANNED
    )
    criteria = models.JSONField(_("criteria"), default=list, blank=True)
    sheets = models.PositiveSmallIntegerField(_("experts for each case"), default=5)
    cut_by = models.CharField(_("cut off by"), max_length=10, choices=CutBy.choices)
    cut = Figure(_("cut"), max_digits=16, decimal_places=2)
    ties = models.CharField(_("ties at the cut"), max_length=10, choices=Ties.choices)
    moves_up = models.BooleanField(_("a smaller one moves up into what is left"), default=False)
    normalise = models.BooleanField(_("scores normalised by expert"), default=True)
    drop_extremes = models.BooleanField(
        _("the highest and the lowest sheet do not count"), default=False
    )
    deviations = Figure(
        _("outlier beyond (deviations)"), max_digits=4, decimal_places=2, default=Decimal("1.50")
    )
    seed = models.CharField(_("seed of the draw"), max_length=64, blank=True)
    draw = models.JSONField(default=dict, blank=True)
    drawn_at = models.DateTimeField(_("drawn at"), null=True)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("drawn by"),
        related_name="+",
    )  # fmt: skip
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set up by"), related_name="+"
    )
    opened_at = models.DateTimeField(_("opened at"), null=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("opened by"),
        related_name="+",
    )  # fmt: skip
    result = models.JSONField(_("ranking"), default=dict, blank=True)
    ranked_at = models.DateTimeField(_("ranked at"), null=True, blank=True)
    ranked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("ranked by"),
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("scoring round")
        verbose_name_plural = _("scoring rounds")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("programme", "number", name="round_once_per_programme"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="round_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(opened_by=None) | ~Q(opened_by=F("made_by")),
                name="round_opened_by_another",
                violation_error_message=_("A round is opened by someone who did not set it up."),
            ),
            models.CheckConstraint(
                condition=Q(cut_by="rules", criteria=[]) | (~Q(cut_by="rules") & ~Q(criteria=[])),
                name="round_by_rules_has_no_criteria",
                violation_error_message=_("What the rules rank themselves has no criteria."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ranked", "closed"])
                | Q(ranked_at__isnull=False, ranked_by__isnull=False),
                name="ranking_names_who_fixed_it",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="round_steps",
                field="state",
                transitions=[
                    ("planned", "open"),
                    ("open", "scoring"),
                    ("open", "ranked"),
                    ("scoring", "ranked"),
                    ("ranked", "closed"),
                ],
            ),
            pgtrigger.Protect(
                name="round_begins_planned",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="planned"),
            ),
            pgtrigger.Protect(
                name="round_rule_fixed",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="planned") & changed(*FIXED),
            ),
            pgtrigger.Protect(
                name="round_seed_fixed",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__seed="") & changed("seed", "drawn_at", "drawn_by"),
            ),
            pgtrigger.Protect(
                name="ranking_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ranked_at__isnull=False)
                & pgtrigger.Q(old__result__df=pgtrigger.F("new__result")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RoundCase(models.Model):
    application_may = "SELECT, INSERT"

    round = models.ForeignKey(ScoringRound, models.RESTRICT, related_name="cases")
    application = models.OneToOneField(
        Application, models.RESTRICT, verbose_name=_("case"), related_name="round_case"
    )

    class Meta:
        verbose_name = _("case of a round")
        verbose_name_plural = _("cases of rounds")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.round} · {self.application}"


class ScoreSheet(models.Model):
    """One expert's scores of one case; hidden from the others until every sheet is in."""

    application_may = "SELECT, INSERT, UPDATE"

    round_case = models.ForeignKey(RoundCase, models.RESTRICT, related_name="sheets")
    expert = models.ForeignKey(Expert, models.RESTRICT, verbose_name=_("expert"))
    replaces = models.ForeignKey(
        "self", models.RESTRICT, null=True, verbose_name=_("in place of"), related_name="+"
    )
    scores = models.JSONField(_("scores"), default=dict)
    comment = models.TextField(_("comment"), blank=True)
    declined = models.CharField(_("conflict of interest"), max_length=300, blank=True)
    drawn_at = models.DateTimeField(_("drawn at"), auto_now_add=True)
    handed_in_at = models.DateTimeField(_("handed in at"), null=True)

    class Meta:
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("round_case", "expert", name="one_sheet_per_expert_and_case"),
            models.CheckConstraint(
                condition=Q(declined="") | Q(handed_in_at=None), name="sheet_declined_or_handed_in"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="sheet_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__handed_in_at__isnull=False)
                | ~pgtrigger.Q(old__declined=""),
            ),
            pgtrigger.ReadOnly(
                name="sheet_of_one_expert", fields=["round_case", "expert", "replaces"]
            ),
            pgtrigger.Protect(name="sheet_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.round_case} · {self.expert}"
