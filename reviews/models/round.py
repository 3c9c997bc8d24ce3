import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.place import City
from incentives.models.programme import Programme
from reviews.models.application import Application


class Expert(models.Model):
    """A person of the city's pool of experts, who scores cases but decides none."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("user"), related_name="+"
    )
    employer = models.CharField(_("employer"), max_length=160)
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
    OPEN = "open", _("open for cases")
    SCORING = "scoring", _("being scored")
    RANKED = "ranked", _("ranked")
    CLOSED = "closed", _("closed")


class CutBy(models.TextChoices):
    NUMBER = "number", _("number of places")
    SCORE = "score", _("least score")
    BUDGET = "budget", _("budget")


class Ties(models.TextChoices):
    ALL = "all", _("all who tie are in")
    NONE = "none", _("none who tie is in")
    EARLIER = "earlier", _("the earlier filed is in")


class ScoringRound(models.Model):
    """One competition of a programme (评审轮次): its cases, its experts and the rule of its cut.

    `criteria` is a list of {id, zh, en, weight, most}; weights add up to 100. `cut` is a number of
    places, a least score or a budget in yuan, as `cut_by` says.
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
        _("state"), max_length=10, choices=RoundState.choices, default=RoundState.OPEN
    )
    criteria = models.JSONField(_("criteria"))
    sheets = models.PositiveSmallIntegerField(_("experts for each case"), default=5)
    cut_by = models.CharField(_("cut off by"), max_length=10, choices=CutBy.choices)
    cut = models.DecimalField(_("cut"), max_digits=16, decimal_places=2)
    ties = models.CharField(_("ties at the cut"), max_length=10, choices=Ties.choices)
    seed = models.CharField(_("seed of the draw"), max_length=64, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set up by"), related_name="+"
    )
    result = models.JSONField(_("ranking"), default=list, blank=True)
    ranked_at = models.DateTimeField(_("ranked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("scoring round")
        verbose_name_plural = _("scoring rounds")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("programme", "number", name="round_once_per_programme"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="round_closes_after_it_opens"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="round_steps",
                field="state",
                transitions=[("open", "scoring"), ("scoring", "ranked"), ("ranked", "closed")],
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
            models.UniqueConstraint("round_case", "expert", name="one_sheet_per_expert_and_case")
        ]
        triggers = [
            pgtrigger.Protect(
                name="sheet_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__handed_in_at__isnull=False),
            ),
            pgtrigger.Protect(name="sheet_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.round_case} · {self.expert}"
