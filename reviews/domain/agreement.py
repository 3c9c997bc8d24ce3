"""What counts as agreement of the bureaus: what the case's workflow says, asked before a proposal.

A question is answered whatever counts as agreement: the bureau that asks has given no opinion yet.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from reviews.domain import resolutions, workflows
from reviews.models import Application, Opinion
from reviews.models.task import Position, TaskKind, TaskState

FIRST = (TaskKind.AUDIT, TaskKind.SCORING)


@dataclass(frozen=True, slots=True)
class Count:
    """How the bureaus stand; who is not concerned does not count."""

    agreed: int
    objected: int

    @property
    def is_majority(self) -> bool:
        return self.agreed > self.objected


def count(case: Application) -> Count:
    """Of the opinions that stand, without those that other bureaus asked for as a part."""
    given = Opinion.objects.filter(
        task__application=case,
        task__kind=TaskKind.OPINION,
        task__state=TaskState.DONE,
        task__part_of=None,
    )
    positions = list(given.values_list("position", flat=True))
    return Count(positions.count(Position.AGREE), positions.count(Position.OBJECT))


def standing_against(case: Application) -> list[Opinion]:
    """Objections and questions without an answer that keep a determination from being proposed."""
    waiting = resolutions.unresolved(case)
    counts = workflows.of(case).agreement
    if counts == "all" or (counts == "majority" and not count(case).is_majority):
        return waiting
    return [one for one in waiting if one.position == Position.ASK]


def require_agreement(case: Application) -> None:
    names = "、".join(str(one.task.bureau) for one in standing_against(case))
    if names:
        raise Conflict(_("Objections and questions are still to be answered: %s.") % names)


def awaited(case: Application) -> str:
    """What has to be done before a proposal beside the opinions, in words; "" where nothing is."""
    kinds = set(
        case.tasks.filter(kind__in=FIRST, state__in=[TaskState.OPEN, TaskState.PAUSED]).values_list(
            "kind", flat=True
        )
    )
    if TaskKind.AUDIT in kinds:
        return _("The report of the third-party audit is still to be recorded.")
    return _("The case is still to be scored and ranked in its round.") if kinds else ""


def told(case: Application) -> dict[str, Any]:
    """What a proposal keeps of it: what counted, and which objections stood against it."""
    found, against = count(case), resolutions.unresolved(case)
    return {
        "agreement": workflows.of(case).agreement,
        "agreed": found.agreed,
        "objected": found.objected,
        "overruled": [one.task.bureau.code for one in against],
    }
