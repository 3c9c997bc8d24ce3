"""An approved determination in words: how the sum was made, and what a cap took off it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.policy.programme import Programme as Rules
from incentives.presenters.assessments import limit_words
from reviews.domain.assessing import rules
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState, Outcome
from reviews.presenters.outcomes import conferred, figure_words


@dataclass(frozen=True)
class DecisionTold:
    """`assessed` and `granted` are sums that are paid; otherwise empty, and `conferred` says what
    is granted, with a `figure` that is not paid, its `terms` and its last day."""

    awarded: bool
    reason: str
    at: datetime | None
    assessed: str
    granted: str
    conferred: str
    figure: str
    terms: str
    ends_on: date | None
    steps: tuple[str, ...]
    cuts: tuple[str, ...]


def tell_decision(case: Application) -> DecisionTold | None:
    """The approved determination, or None: a proposal is not yet the applicant's to see."""
    found = case.determinations.filter(state=DeterminationState.APPROVED).first()
    return told(found, rules(case)) if found else None


def told(found: Determination, known: Rules) -> DecisionTold:
    wanted, pays = found.outcome == Outcome.AWARD, known.outcome.pays
    granted = found.granted or Decimal(0)
    awarded = granted > 0 if pays else wanted
    other = awarded and known.outcome.kind != "award"
    return DecisionTold(
        awarded=awarded,
        reason="" if wanted and not awarded else found.reason,
        at=found.approved_at,
        assessed=yuan(found.assessed) if pays else "",
        granted=yuan(granted) if pays else "",
        conferred=conferred(known) if other else "",
        figure="" if pays else figure_words(found.assessed),
        terms=found.terms,
        ends_on=found.ends_on,
        steps=tuple(pick(step["text"]) for step in found.told["steps"]),
        cuts=tuple(cut_words(cut) for cut in found.cuts),
    )


def cut_words(cut: Mapping[str, Any]) -> str:
    """Such as: cut by “…” by 50,000: limit 300,000, used 50,000, left 250,000."""
    if cut.get("pro_rata"):
        return _shared(cut)
    words = _("Cut by “%(cap)s” by %(off)s: limit %(limit)s, used %(used)s, left %(room)s.")
    return words % {
        "cap": pick(cut["label"]),
        "off": yuan(cut["cut"]),
        "limit": limit_words(Decimal(cut["limit"]), cut["unit"]),
        "used": limit_words(Decimal(cut["used"]), cut["unit"]),
        "room": limit_words(Decimal(cut["room"]), cut["unit"]),
    }


def _shared(cut: Mapping[str, Any]) -> str:
    """Of a budget that was shared out over all that waited for it, pro rata."""
    words = _(
        "“%(cap)s” was shared pro rata: %(left)s were left for all cases that waited. The share of "
        "this one is %(room)s, %(off)s less than was asked."
    )
    left = max(Decimal(cut["limit"]) - Decimal(cut["used"]), Decimal(0))
    told = {"left": yuan(left), "room": yuan(cut["room"]), "off": yuan(cut["cut"])}
    return words % (told | {"cap": pick(cut["label"])})
