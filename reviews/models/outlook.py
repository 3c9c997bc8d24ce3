import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.figure import Figure
from applicants.models.place import City
from incentives.models.counter import CounterKind, Unit
from incentives.models.programme import ProgrammeVersion
from reviews.models.application import Application

KEPT = 4  # outlooks of a city whose decisions are kept: a month of Mondays
ATTEMPTS = 5  # workers that died over it: a few may be restarted, five are no accident


class OutlookState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    GIVEN_UP = "given_up", _("given up")


class Outlook(models.Model):
    """What every pending case would get (需求测算), granted one by one in order of acceptance.

    `limits` says of each budget, pool and cap that falls short what is asked of it and where it
    runs out; `left_out` counts the cases that cannot be reckoned with yet, by reason.
    """

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    year = models.PositiveSmallIntegerField(_("year of approval"))
    state = models.CharField(
        _("state"), max_length=10, choices=OutlookState.choices, default=OutlookState.WAITING
    )
    reached = models.BigIntegerField(default=0)  # the last case looked at: a run goes on from here
    cases = models.PositiveIntegerField(_("cases"), default=0)
    asked = Figure(_("asked"), max_digits=18, decimal_places=2, default=0)
    granted = Figure(_("would be granted"), max_digits=18, decimal_places=2, default=0)
    limits = models.JSONField(default=list)
    left_out = models.JSONField(_("not reckoned"), default=dict)
    failure = models.TextField(_("failure"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("broken off"), default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("started by"),
        related_name="+",
    )  # fmt: skip
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("outlook")
        verbose_name_plural = _("outlooks")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.city} {self.year} #{self.pk}"


class OutlookLimit(models.Model):
    """One limit that pending cases pass, named by a number so that an ask is a row of numbers.

    Dropped once no pending case asks for it and no decision that is kept names it.
    """

    application_may = "SELECT, INSERT, DELETE"

    city = models.ForeignKey(City, models.RESTRICT)
    key = models.CharField(_("key"), max_length=300)
    kind = models.CharField(_("kind"), max_length=10, choices=CounterKind.choices)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)
    heat = models.PositiveSmallIntegerField()
    limit = Figure(_("limit"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "city", "key", "kind", "unit", "heat", "limit", name="outlook_limit_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.limit}"


class OutlookAsk(models.Model):
    """What a pending case asks for: computed anew when the case has changed, and read by every run.

    In fen, and limits in the order in which a reservation locks them; one that counts rows of a
    roster stands as often as it counts. Pools and budgets are added by the run.
    """

    application = models.OneToOneField(Application, models.RESTRICT, primary_key=True)
    city = models.ForeignKey(City, models.RESTRICT)
    version = models.ForeignKey(ProgrammeVersion, models.RESTRICT, related_name="+")
    since = models.DateTimeField()  # accepted, or submitted while it is not
    fen = models.BigIntegerField()
    limits = ArrayField(models.BigIntegerField())
    basis = models.CharField(max_length=64)  # of the year and the settings that it was computed on
    computed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pending ask")
        verbose_name_plural = _("pending asks")
        ordering = ["since", "application"]
        indexes = [models.Index(fields=["city", "since", "application"], name="ask_in_order")]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.fen}"


NEWEST_ARE_KEPT = f"""
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT outlook_id FROM dropped) AS d
          JOIN reviews_outlook o ON o.id = d.outlook_id
         WHERE {KEPT} > (SELECT count(*) FROM reviews_outlook n
                     WHERE n.city_id = o.city_id AND n.id > o.id AND n.state = 'done')) THEN
        RAISE EXCEPTION 'the newest decisions are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
"""  # noqa: S608 # a number


class OutlookDecision(models.Model):
    """What one case would get, in fen, and the limit that leaves least. Never changed.

    A million rows a run, of ids that the run has just read: no foreign key is looked up for them.
    Nothing was decided by it: dropped once KEPT newer outlooks are done, whose sums stay in theirs.
    """

    application_may = "SELECT, INSERT, DELETE"

    pk = models.CompositePrimaryKey("outlook_id", "place")
    outlook = models.ForeignKey(Outlook, models.RESTRICT, db_constraint=False, db_index=False)
    place = models.IntegerField(_("place in the order"))
    application = models.ForeignKey(
        Application, models.RESTRICT, db_constraint=False, db_index=False, verbose_name=_("case"),
        related_name="+",
    )  # fmt: skip
    asked = models.BigIntegerField()
    granted = models.BigIntegerField()
    limited_by = models.ForeignKey(
        OutlookLimit, models.RESTRICT, null=True, db_constraint=False, db_index=False,
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("decision of an outlook")
        verbose_name_plural = _("decisions of outlooks")
        ordering = ["outlook", "place"]
        triggers = [
            *append_only("outlook decision", deletable=True),
            pgtrigger.Trigger(
                name="newest_are_kept",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="dropped"),
                func=NEWEST_ARE_KEPT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outlook_id}/{self.place}"
