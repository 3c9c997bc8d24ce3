"""Rounds as the way of a case meets them: joining at submission, and waiting for the rank."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import User
from incentives.models import Programme
from incentives.policy.result import Assessment
from reviews.domain.assessing import filing_day, rules
from reviews.domain.cases import note
from reviews.models import Application, RoundCase, ScoringRound
from reviews.models.determination import Outcome
from reviews.models.round import RoundState

ZERO = Decimal("0.00")
RANKED = (RoundState.RANKED, RoundState.CLOSED)


def is_competitive(case: Application) -> bool:
    """By its workflow, as it stood at submission; also where a round takes its cases that day."""
    if "scoring" in case.workflow.get("stages", []):
        return True
    joined = round_of(case)
    if joined is not None:
        return bool(joined.criteria)
    return taking_on(case.programme, filing_day(case), scored=True) is not None


def needs_round(case: Application) -> bool:
    """Whether a whole set of cases decides on this one: by scores, or by the rules themselves."""
    return rules(case).round is not None or is_competitive(case)


def round_of(case: Application) -> ScoringRound | None:
    return ScoringRound.objects.filter(cases__application=case).first()


def taking_on(
    programme: Programme, day: date, *, scored: bool | None = None
) -> ScoringRound | None:
    """The round that takes cases on the day; `scored` asks for one with experts, or without."""
    found = ScoringRound.objects.filter(
        programme=programme, state=RoundState.OPEN, opens_on__lte=day, closes_on__gte=day
    )
    if scored is not None:
        found = found.exclude(criteria=[]) if scored else found.filter(criteria=[])
    return found.order_by("number").first()


def join(case: Application, *, user: User) -> None:
    """Enter a case that is filed for the first time into the round of its window.

    Raises Refused with the dates of the windows where none is open. The round stays locked until
    commit, so that scoring cannot begin without the case.
    """
    if RoundCase.objects.filter(application=case).exists():
        return
    day = filing_day(case)
    found = taking_on(case.programme, day)
    locked = found and ScoringRound.objects.select_for_update(no_key=True).get(pk=found.pk)
    if locked and locked.state == RoundState.OPEN and locked.closes_on >= day:
        RoundCase.objects.create(round=locked, application=case)
        note(case, actor=user, event="round.joined", data={"round": locked.number})
    elif needs_round(case):
        raise Refused({"round": closed_words(case.programme, day)})


def closed_words(programme: Programme, day: date) -> str:
    """Why nothing is taken today, with the window that comes next, else the last one."""
    coming = ScoringRound.objects.filter(programme=programme, opens_on__gt=day)
    following = coming.order_by("opens_on").first()
    known = ScoringRound.objects.filter(programme=programme).order_by("-closes_on").first()
    told = following or known
    if told is None:
        return _("Applications are taken in rounds, and no round has been set up yet.")
    words = (
        _("Applications are taken in rounds; the next is open from %(opens)s to %(closes)s.")
        if following
        else _("Applications are taken in rounds; the last was open from %(opens)s to %(closes)s.")
    )
    return words % {"opens": told.opens_on.isoformat(), "closes": told.closes_on.isoformat()}


def clock_starts(case: Application) -> date | None:
    """The day from which a case in an open round is determined; None where that is today.

    Review by experts does not count into the period (行政许可法 第四十五条), nor does the window.
    """
    joined = round_of(case)
    if joined is None or joined.state in RANKED:
        return None
    return max(joined.closes_on, filing_day(case))


def unranked() -> QuerySet[RoundCase]:
    """That the case of the outer query stands in a round which is not ranked yet."""
    return RoundCase.objects.filter(application=OuterRef("pk")).exclude(round__state__in=RANKED)


def is_scored_now(case: Application) -> bool:
    """While experts score a case it stays as it is: nobody returns it for supplement."""
    return RoundCase.objects.filter(application=case, round__state=RoundState.SCORING).exists()


def require_not_scored_now(case: Application) -> None:
    if is_scored_now(case):
        raise Conflict(_("Experts are scoring the case; it can be returned after the ranking."))


def awaited(case: Application) -> bool:
    """Whether a round has still to rank the case before anything can be proposed."""
    joined = round_of(case)
    return joined is not None and joined.state not in RANKED


def line_of(case: Application, joined: ScoringRound | None = None) -> dict[str, Any] | None:
    """What the ranking says of the case; None until the round is ranked."""
    joined = joined or round_of(case)
    if joined is None or joined.state not in RANKED:
        return None
    lines = [*joined.result["cases"], *joined.result["outside"]]
    return next((line for line in lines if line["case"] == case.pk), None)


def require_place(case: Application, outcome: Outcome) -> None:
    """Raises unless the case's round is ranked and, to grant, the case is above its cut."""
    if awaited(case):
        raise Conflict(_("The case stands in a round that is not ranked yet."))
    if outcome != Outcome.AWARD or not needs_round(case):
        return
    line = line_of(case)
    if line is None:
        raise Refused({"outcome": _("The case stands in no round; it cannot be granted.")})
    if not line["above"]:
        raise Refused({"outcome": _("The case is below the cut of its round; propose to refuse.")})


def amount_of(case: Application, found: Assessment) -> Decimal:
    """What an assessment comes to in yuan; after a round of the rules, what the round gives.

    Before such a round is settled it is what the case would have at most.
    """
    if found.decision != "pending_round":
        return found.amount or Decimal(0)
    most = found.maximum or ZERO
    line = line_of(case)
    return most if line is None else min(most, Decimal(line["granted"]))


def sum_told(case: Application, told: Mapping[str, Any]) -> str:
    """The sum that a kept assessment starts from, as text; of a settled round its share."""
    if told["decision"] != "pending_round":
        return str(told["amount"] or "0.00")
    line = line_of(case)
    share = Decimal(line["granted"]) if line else ZERO
    return f"{min(Decimal(told['maximum']), share):.2f}"
