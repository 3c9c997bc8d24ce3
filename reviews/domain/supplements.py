"""The supplement (补正): every defect told at once, only those mended, and the clock stopped."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import User
from incentives.domain.language import chosen
from incentives.policy.conditions import Condition, FactTest
from incentives.policy.programme import Programme as Rules
from incentives.policy.walk import Place, walk
from reviews.domain import tasks, working_days
from reviews.domain.assessing import rules
from reviews.domain.cases import due
from reviews.models import Application, Defect, ReviewTask
from reviews.models.supplement import DefectKind
from reviews.models.task import Position, TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class Told:
    """One defect as the reviewer writes it; `fact_key` is empty for something else."""

    kind: DefectKind
    reason: str
    fact_key: str = ""


def tell(case: Application, told: Iterable[Told], *, user: User | None) -> list[Defect]:
    """Write down the defects of one return; raises Refused by field for what is not said well."""
    found = list(told)
    _require_well_told(case, found)
    last = case.defects.aggregate(last=Max("round"))["last"] or 0
    declared = {fact.key: fact.declared for fact in case.facts.all()}
    return [
        Defect.objects.create(
            application=case,
            round=last + 1,
            kind=one.kind,
            fact_key=one.fact_key,
            reason=one.reason.strip(),
            before=declared.get(one.fact_key) if one.kind == DefectKind.FACT else None,
            told_by=user,
        )
        for one in found
    ]


def _require_well_told(case: Application, found: list[Told]) -> None:
    if not found:
        raise Refused({"reason": _("Name every defect at once; the applicant reads this text.")})
    problems: dict[str, str] = {}
    for one in found:
        if not one.reason.strip():
            problems[one.fact_key or "reason"] = _("Say what is wrong and what to bring.")
        if one.kind != DefectKind.OTHER and one.fact_key not in rules(case).facts:
            problems["fact_key"] = _("This programme does not ask for “%s”.") % one.fact_key
    if problems:
        raise Refused(problems)


def words(case: Application, defects: Iterable[Defect]) -> str:
    """All defects of a return as one text, a line each."""
    return "\n".join(
        f"{chosen(rules(case).facts[one.fact_key].label)}：{one.reason}"
        if one.fact_key
        else one.reason
        for one in defects
    )


def open_defects(case: Application) -> list[Defect]:
    return list(case.defects.filter(answered_at=None))


def changeable(rules: Rules, asked: Iterable[Defect]) -> set[str] | None:
    """The facts that may be changed, with their papers, while these are open; None for all.

    With a fact go those that are asked because of it: its new value may bring them up.
    """
    found = list(asked)
    if not found or any(one.kind == DefectKind.OTHER for one in found):
        return None
    named = {one.fact_key for one in found}
    for key, fact in rules.facts.items():  # a fact is declared after those it depends on
        if fact.asked_if is not None and named & _looked_at(fact.asked_if):
            named.add(key)
    return named


def _looked_at(condition: Condition) -> set[str]:
    parts = walk(condition, Place((), {}))
    return {part.fact for part, _ in parts if isinstance(part, FactTest)}


def require_asked(case: Application, keys: Iterable[str]) -> None:
    """Raises Refused for facts and papers of a returned case that nobody asked to change."""
    named = changeable(rules(case), open_defects(case))
    if named is None:
        return
    refused = {
        key: _("Only what was asked for can be changed.") for key in keys if key not in named
    }
    if refused:
        raise Refused(refused)


def answer(case: Application) -> list[Defect]:
    """Close the defects of a case that is filed again; returns those whose fact has changed."""
    declared = {fact.key: fact.declared for fact in case.facts.all()}
    now, changed = timezone.now(), []
    for one in open_defects(case):
        after: Any = declared.get(one.fact_key) if one.kind == DefectKind.FACT else None
        one.after, one.answered_at = after, now
        one.save(update_fields=["after", "answered_at"])
        if one.kind == DefectKind.FACT and one.after != one.before:
            changed.append(one)
    return changed


def stop_clock(case: Application) -> None:
    """Pause what is open, remembering how many working days each task has left."""
    today = working_days.today()
    for task in case.tasks.filter(state=TaskState.OPEN):
        task.state = TaskState.PAUSED
        task.days_left = working_days.count_between(today, task.due_on)
        task.save(update_fields=["state", "days_left"])


def start_clock(case: Application) -> None:
    """Take up paused tasks with the days that they had left, at least one."""
    today = working_days.today()
    for task in case.tasks.filter(state=TaskState.PAUSED):
        task.state = TaskState.OPEN
        task.counted_from, task.days = today, max(task.days_left or 0, 1)
        task.due_on = working_days.add_working_days(today, task.days)
        task.days_left = None
        task.save(update_fields=["state", "due_on", "days_left", "counted_from", "days"])


def ask_again(case: Application) -> None:
    """Facts changed: opinions that rested on them are asked anew, each with its full period."""
    given = case.tasks.filter(kind=TaskKind.OPINION, state=TaskState.DONE).exclude(
        opinion__position=Position.NOT_CONCERNED
    )
    anew: dict[int | None, ReviewTask] = {}
    for task in given.select_related("bureau", "part_of").order_by("id"):
        task.state = TaskState.SUPERSEDED
        task.save(update_fields=["state"])
        anew[task.pk] = tasks.open_task(
            case,
            TaskKind.OPINION,
            bureau=task.bureau,
            due_on=due(case, "opinion_days"),
            part_of=anew.get(task.part_of_id, task.part_of),
            question=task.question,
        )
