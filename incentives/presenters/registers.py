"""An entry of a register in a reader's words: what it confers, its level, figure and state."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.templatetags.huiqi import yuan
from incentives.domain.register_lists import Levels
from incentives.models import RegisterEntry, RegisterStep
from incentives.models.register import EntryKind, EntryState

TAGS = {
    EntryState.IN_FORCE: "ok",
    EntryState.FULFILLED: "ok",
    EntryState.DECLINED: "bad",
    EntryState.EXPIRED: "quiet",
    EntryState.ENDED: "bad",
}
STEP_WORDS: dict[str, str | Promise] = {
    "enter": _l("Entered"),
    "redeem": _l("Redeemed"),
    "deliver": _l("Delivered"),
    "select": _l("Selected"),
    "pass_over": _l("Not selected"),
    "close": _l("Closed as completed"),
    "extend": _l("Extended"),
    "end": _l("Ended before its time"),
    "expire": _l("Expired"),
}


def tag(entry: RegisterEntry) -> str:
    return TAGS[EntryState(entry.state)]


def figure_of(entry: RegisterEntry) -> tuple[str, str]:
    """Name and sum of the figure: a face value, or a sum that the city does not pay."""
    if not entry.figure:
        return "", ""
    if entry.kind == EntryKind.VOUCHER:
        return _("Face value"), yuan(entry.figure)
    return _("Figure, not paid by the city"), yuan(entry.figure)


def step_words(kind: str) -> str:
    return str(STEP_WORDS.get(kind, kind))


@dataclass(frozen=True)
class StepTold:
    words: str
    step: RegisterStep


def steps(entry: RegisterEntry) -> list[StepTold]:
    found = entry.steps.select_related("actor").order_by("id")
    return [StepTold(step_words(step.kind), step) for step in found]


def certificate(entry: RegisterEntry) -> dict[str, Any]:
    """Everything that stands on the page of an entry and on its certificate."""
    name, sum_of = figure_of(entry)
    return {
        "entry": entry,
        "tag": tag(entry),
        "level": Levels([entry.programme_id]).of(entry),
        "figure_name": name,
        "figure": sum_of,
        "valid": entry.state == EntryState.IN_FORCE,
    }
