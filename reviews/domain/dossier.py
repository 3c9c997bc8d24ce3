"""A case as a reviewer reads it, from top to bottom. Reads only, each for somebody's eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from applicants.models import Document, Event, User
from incentives.domain import findings
from incentives.domain.counters import CounterRequest, counter_requests
from incentives.models import Award, Counter, CounterEntry, Instalment, Pool
from incentives.models.payout import LineState
from incentives.policy.questions import Fact
from incentives.policy.rendering import render
from incentives.policy.text import InputError, Text
from reviews.domain import workflows, working_days
from reviews.domain.assessing import assess_case, effective_facts, rules, settings_in_force
from reviews.domain.cases import subject_of
from reviews.domain.commitments import open_promises
from reviews.domain.papers import papers_by_fact
from reviews.domain.queries import REVIEWING
from reviews.domain.resolutions import OPEN_POSITIONS
from reviews.domain.roles import has_role, roles_of
from reviews.models import (
    Application,
    CaseFact,
    Commitment,
    Defect,
    Determination,
    Evidence,
    Opinion,
    Resolution,
    ReviewTask,
)
from reviews.models.determination import DeterminationState
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState


@dataclass(frozen=True)
class FactLine:
    """A fact of the programme beside what the case holds of it and the papers laid to it."""

    key: str
    asked: Fact
    value: CaseFact | None
    evidence: list[Evidence]
    defects: list[Defect]
    promise: Commitment | None


def fact_lines(case: Application, defects: Sequence[Defect] = ()) -> list[FactLine]:
    """Each line takes those of the `defects` that concern its fact."""
    values = {fact.key: fact for fact in case.facts.select_related("confirmed_by")}
    papers, promises = papers_by_fact(case), open_promises(case)
    return [
        FactLine(
            key,
            asked,
            values.get(key),
            papers[key],
            [one for one in defects if one.fact_key == key],
            promises.get(key),
        )
        for key, asked in rules(case).facts.items()
    ]


def living_determination(case: Application) -> Determination | None:
    """The determination that is proposed or stands."""
    living = [DeterminationState.PROPOSED, DeterminationState.APPROVED]
    return case.determinations.filter(state__in=living).first()


def assessment_shown(case: Application) -> dict[str, Any]:
    """What the living determination was taken on, else the assessment as of now."""
    living = living_determination(case)
    return living.told if living else render(assess_case(case))


@dataclass(frozen=True)
class CapLeft:
    """A ceiling of this case: `own` of `used` is this case's. Yuan, or a count of awards."""

    label: Text | str
    kind: str
    unit: str
    limit: Decimal
    used: Decimal
    own: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.used, Decimal(0))


def caps_left(case: Application) -> list[CapLeft] | None:
    """The caps, same-event groups and pools of the case; None while facts they need are missing."""
    living = living_determination(case)
    try:
        requests = _requests(case, living)
    except InputError:
        return None
    pools = _pools(case)
    keys = [request.key for request in requests] + [pool.key for pool in pools]
    counters = {row.key: row for row in Counter.objects.filter(city=case.city_id, key__in=keys)}
    own = _own_share(living)
    lines = [
        _cap_left(_label(case, ask), ask.kind, ask.unit, ask.limit, counters.get(ask.key), own)
        for ask in requests
    ]
    return lines + [
        _cap_left(str(pool), "pool", "yuan", pool.limit, counters.get(pool.key), own)
        for pool in pools
    ]


def _requests(case: Application, living: Determination | None) -> list[CounterRequest]:
    result = None if living else assess_case(case)
    assessed = living.assessed if living else (result and result.maximum)
    return counter_requests(
        rules(case),
        facts=living.facts if living else effective_facts(case),
        roles={"applicant": str(case.applicant_id)},
        settings=living.readings if living else settings_in_force(case),
        approval_year=_year(living),
        entitled=assessed or Decimal(0),
    )


def _year(living: Determination | None) -> int:
    at = living.approved_at if living else None
    return working_days.day_of(at).year if at else working_days.today().year


def _pools(case: Application) -> QuerySet[Pool]:
    year = _year(living_determination(case))
    mine = Q(programmes=None) | Q(programmes=case.programme_id)
    return Pool.objects.filter(mine, city=case.city_id, year=year).distinct().order_by("code")


def _own_share(living: Determination | None) -> dict[int, Decimal]:
    """What this case's award holds of each counter."""
    if living is None or living.award_id is None:
        return {}
    entries = CounterEntry.objects.filter(award=living.award_id).values("counter")
    return {row["counter"]: row["sum"] for row in entries.annotate(sum=Sum("amount")).order_by()}


def _cap_left(
    label: Text | str,
    kind: str,
    unit: str,
    limit: Decimal,
    counter: Counter | None,
    own: dict[int, Decimal],
) -> CapLeft:
    used = counter.used if counter else Decimal(0)
    share = own.get(counter.pk, Decimal(0)) if counter else Decimal(0)
    # A same-event counter keeps the highest entitlement met so far; a pool keeps its own limit.
    standing = max(limit, counter.limit) if counter and kind == "event" else limit
    return CapLeft(label, kind, unit, standing, used, share)


def _label(case: Application, request: CounterRequest) -> Text | str:
    caps = {cap.id: cap.label for cap in rules(case).caps}
    return caps.get(request.id, "") if request.kind == "cap" else ""


@dataclass(frozen=True)
class OpinionLine:
    """A bureau asked for its opinion; `opinion` is None where it is not this reader's to see.

    `part` is what the bureau is asked on by the workflow, `resolution` what was answered to an
    objection or a question.
    """

    task: ReviewTask
    opinion: Opinion | None
    part: Text | None = None

    @property
    def question(self) -> str:
        """What another bureau asked, or what was answered; not the part of the workflow."""
        asked = self.task.question
        return "" if self.part and asked == self.part.zh else asked

    @property
    def papers(self) -> list[Document]:
        return [one.document for one in self.opinion.papers.all()] if self.opinion else []

    @property
    def resolution(self) -> Resolution | None:
        return getattr(self.opinion, "resolution", None)

    @property
    def waits_for_answer(self) -> bool:
        if self.opinion is None or self.task.state != TaskState.DONE:
            return False
        return self.opinion.position in OPEN_POSITIONS and self.resolution is None


def opinion_lines(case: Application, user: User) -> list[OpinionLine]:
    """Given opinions for everyone; those in preparation for the bureau that writes them alone."""
    tasks = case.tasks.filter(kind=TaskKind.OPINION).exclude(state=TaskState.CANCELLED)
    found = Opinion.objects.filter(task__in=tasks).select_related(
        "prepared_by", "approved_by", "resolution__resolved_by", "resolution__document"
    )
    papered = found.prefetch_related("papers__document")
    by_task = {opinion.task_id: opinion for opinion in papered}
    own, parts = _bureaus_read(user), workflows.of(case).parts
    lines = []
    for task in tasks.select_related("bureau", "part_of__bureau").order_by("id"):
        opinion = by_task.get(task.pk)
        shown = opinion and (opinion.approved_by_id or task.bureau_id in own)
        part = None if task.part_of else parts.get(task.bureau.code)
        lines.append(OpinionLine(task, opinion if shown else None, part))
    return lines


def _bureaus_read(user: User) -> set[int]:
    """The bureaus whose work in preparation the person reads."""
    held = roles_of(user).filter(role__in=REVIEWING, bureau__isnull=False)
    return set(held.values_list("bureau", flat=True))


def history(case: Application, user: User) -> list[Event]:
    """Everything that happened, in order, but for opinions that other bureaus prepare.

    Once a bureau has no opinion in preparation, auditors read how it came about as well.
    """
    events = Event.objects.filter(subject=subject_of(case)).select_related("actor").order_by("id")
    own = case.tasks.filter(bureau__in=_bureaus_read(user)).values_list("bureau__code", flat=True)
    if has_role(user, Role.AUDITOR):
        return list(without_preparations(events))
    return list(events.exclude(Q(kind="opinion.prepared") & ~Q(data__bureau__in=list(own))))


def without_preparations(events: QuerySet[Event]) -> QuerySet[Event]:
    """Without what a bureau has written of an opinion that it has still to give."""
    case = Concat(Value("case:"), "application_id", output_field=CharField())
    waiting = ReviewTask.objects.alias(subject=case).filter(
        kind=TaskKind.OPINION,
        state__in=[TaskState.OPEN, TaskState.PAUSED],
        subject=OuterRef("subject"),
        bureau__code=OuterRef("by_bureau"),
    )
    named = events.alias(by_bureau=KT("data__bureau"))
    return named.exclude(Q(Exists(waiting), kind="opinion.prepared"))


def award_of(case: Application) -> Award | None:
    return Award.objects.filter(city=case.city_id, case_number=case.number).order_by("-id").first()


def payment_words(award: Award, instalments: list[Instalment]) -> str:
    """How far the money has come: the award's own state until a payment has been made."""
    paid = [any(line.state == LineState.PAID for line in part.lines.all()) for part in instalments]
    if paid and all(paid):
        return str(LineState.PAID.label)
    return _("partly paid") if any(paid) else award.get_state_display()


def instalments_of(award: Award | None) -> list[Instalment]:
    if award is None:
        return []
    parts = findings.standing(award).select_related("payee")
    return list(parts.prefetch_related("lines__batch"))
