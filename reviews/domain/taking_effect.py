"""What an approved determination sets off, for one as for two hundred: kept, told, passed on."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from applicants.models import User
from reviews.domain import concluding, explaining, letter_values, letters, reserving, tasks, telling
from reviews.domain.assessing import rules
from reviews.domain.cases import Step, due_many, move, move_many
from reviews.models import Application, Determination
from reviews.models.determination import APPROVED, DeterminationState, Outcome
from reviews.models.letter import LetterKind
from reviews.models.lifecycle import CaseState
from reviews.models.task import TaskKind

Pair = tuple[Application, Determination]


def reserves(case: Application, determination: Determination) -> bool:
    return determination.outcome == Outcome.AWARD and rules(case).outcome.pays


def take_effect(pairs: Sequence[Pair], *, user: User, at: datetime) -> None:
    """The determinations, of locked cases of one city, are approved; what they grant is reserved.

    Those that were granted something cost a fixed number of queries, for their limits are held; a
    pool that it passed, a setting in its words, or a colleague who goes on cost one more each.
    """
    for _case, determination in pairs:
        determination.state = DeterminationState.APPROVED
        determination.approved_by, determination.approved_at = user, at
    explaining.keep(pairs)
    every = [determination for _case, determination in pairs]
    Determination.objects.bulk_update(every, ["state", *APPROVED])
    tasks.finish_many([case for case, _determination in pairs], TaskKind.DETERMINATION)
    granted = [pair for pair in pairs if pair[1].award_id is not None]
    if granted:
        _pass_on(granted, user)
    for case, determination in pairs:
        if determination.outcome == Outcome.AWARD and not reserves(case, determination):
            concluding.go_on(case, determination, user=user)
        elif determination.award_id is None:
            _refuse(case, determination, user)


def _pass_on(granted: Sequence[Pair], user: User) -> None:
    """To the city's finance bureau, which checks before publicity."""
    cases = [case for case, _determination in granted]
    days = due_many(cases, "finance_check_days")
    finance = reserving.finance_of(cases[0])
    tasks.open_many(days, TaskKind.FINANCE_CHECK, bureau=finance)
    steps = [
        Step(case, days[case], determination.reason, _told(determination))
        for case, determination in granted
    ]
    move_many(steps, CaseState.DETERMINED, actor=user, event="determination.approved")


def _refuse(case: Application, determination: Determination, user: User) -> None:
    tasks.cancel_open(case)
    told = _told(determination)
    reason = determination.reason
    move(
        case, CaseState.REFUSED, actor=user, event="determination.refused", reason=reason, data=told
    )
    why = letter_values.refusal(determination)
    letter = letters.issue(case, LetterKind.REFUSED, why, actor=user)
    telling.tell_letter(case, "case.refused", letter, reason=reason, cuts=determination.cuts)


def _told(determination: Determination) -> dict[str, Any]:
    granted = str(determination.granted or Decimal(0))
    return {"granted": granted, "assessed": str(determination.assessed), "cuts": determination.cuts}
