"""An approved determination in words: how the sum was made, and what a cap took off it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from reviews.models import Application, Determination
from reviews.models.determination import DeterminationState, Outcome


@dataclass(frozen=True)
class DecisionTold:
    awarded: bool
    reason: str
    at: datetime | None
    assessed: str
    granted: str
    steps: tuple[str, ...]
    cuts: tuple[str, ...]


def tell_decision(case: Application) -> DecisionTold | None:
    """The approved determination, or None: a proposal is not yet the applicant's to see."""
    found = case.determinations.filter(state=DeterminationState.APPROVED).first()
    return told(found) if found else None


def told(found: Determination) -> DecisionTold:
    granted = found.granted or Decimal(0)
    return DecisionTold(
        awarded=granted > 0,
        reason="" if found.outcome == Outcome.AWARD and not granted else found.reason,
        at=found.approved_at,
        assessed=yuan(found.assessed),
        granted=yuan(granted),
        steps=tuple(pick(step["text"]) for step in found.told["steps"]),
        cuts=tuple(cut_words(cut) for cut in found.cuts),
    )


def cut_words(cut: Mapping[str, Any]) -> str:
    """Such as: cut by “…” by 50,000: limit 300,000, used 50,000, left 250,000."""
    write = count_words if cut["unit"] == "awards" else yuan
    words = _("Cut by “%(cap)s” by %(off)s: limit %(limit)s, used %(used)s, left %(room)s.")
    return words % {
        "cap": pick(cut["label"]),
        "off": yuan(cut["cut"]),
        "limit": write(cut["limit"]),
        "used": write(cut["used"]),
        "room": write(cut["room"]),
    }


def count_words(count: str) -> str:
    return _("%(count)s awards") % {"count": int(Decimal(count))}
