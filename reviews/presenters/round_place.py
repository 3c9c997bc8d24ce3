"""What a round says of one case: on its page at the desk, and in its decision's explanation."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.presenters.sheet import Section, pairs, section
from reviews.domain.rounds import RANKED, line_of, round_of
from reviews.models import Application, ScoringRound
from reviews.presenters.round_minutes import above_words, rank_words, why_outside


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """The round of a case, and once it is ranked what it says of the case, as label and value."""

    round: ScoringRound
    above: bool | None
    rows: tuple[tuple[str, str], ...]


def place_of(case: Application) -> PlaceTold | None:
    joined = round_of(case)
    if joined is None:
        return None
    line = line_of(case, joined) if joined.state in RANKED else None
    if line is None:
        return PlaceTold(joined, None, ())
    return PlaceTold(joined, line["above"], tuple(_rows(joined, line)))


def _rows(joined: ScoringRound, line: Mapping[str, Any]) -> list[tuple[str, str]]:
    if line.get("rank") is None and "amount" not in line:
        return [(_("Outside the ranking"), why_outside(line["why"]))]
    of = len(joined.result["cases"])
    place = _("%(rank)s of %(of)s") % {"rank": rank_words(line), "of": of}
    rows = [(_("Rank"), place), (_("Result"), above_words(line))]
    if "score" in line:
        return [(_("Score"), line["score"]), *rows]
    shared = [(_("Entered with"), yuan(Decimal(line["amount"])))]
    shared.append((_("Receives"), yuan(Decimal(line["granted"]))))
    return [*rows, *shared, (_("Why"), pick(line["why"]))]


def explained(case: Application) -> Section:
    """For the explanation of a determination; empty where no round was held."""
    told = place_of(case)
    if told is None or not told.rows:
        return section(_("Round"))
    return section(_("Round"), pairs([(_("Round"), str(told.round)), *told.rows]))
