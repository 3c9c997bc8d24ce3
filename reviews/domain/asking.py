"""The review of an accepted case opens: the bureaus are asked, each for its part, in parallel."""

from datetime import date

from incentives.models import Bureau
from incentives.models.bureau import BureauKind
from reviews.domain import rounds, tasks, workflows
from reviews.domain.cases import due
from reviews.models import Application
from reviews.models.task import TaskKind


def open_review(case: Application) -> date:
    """Open what the workflow asks for; returns by when the case is to be determined.

    Where cases compete, the period to determine begins when their round closes, else when the
    period to score ends.
    """
    held = workflows.of(case)
    for bureau in _asked(case, held):
        part = held.parts.get(bureau.code)
        tasks.open_task(
            case,
            TaskKind.OPINION,
            bureau=bureau,
            due_on=due(case, "opinion_days"),
            question=part.zh if part else "",
        )
    scored = due(case, "scoring_days") if held.competitive else None
    if scored:
        tasks.open_task(case, TaskKind.SCORING, bureau=case.handling_bureau, due_on=scored)
    start = rounds.clock_starts(case) or scored
    last = due(case, "determination_days", start=start)
    bureau = case.handling_bureau
    tasks.open_task(case, TaskKind.DETERMINATION, bureau=bureau, due_on=last, start=start)
    return last


def _asked(case: Application, held: workflows.Held) -> list[Bureau]:
    """Bureaus whose opinion is still to be given, in printed order.

    A term for several bodies (各产业牵头部门) can give none: the city names which of them does.
    """
    given = case.tasks.filter(kind=TaskKind.OPINION, state="done").values_list("bureau", flat=True)
    found = Bureau.objects.filter(city=case.city, code__in=held.opinions).exclude(
        pk__in=[*given, case.handling_bureau_id]
    )
    able = found.exclude(kind=BureauKind.COLLECTIVE)
    return sorted(able, key=lambda bureau: held.opinions.index(bureau.code))
