"""The workflow of a case or a programme in words: its stages with their days, and what agrees."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.templatetags.huiqi import pick
from incentives.domain.settings import declared
from incentives.models import Bureau
from incentives.policy.outcomes import Outcome
from incentives.policy.workflow import STAGES, read_choice
from incentives.policy.workflow import workflows as workflows_known
from reviews.domain import workflows
from reviews.domain.workflows import Held
from reviews.models.task import TaskKind

CHOSEN: dict[str, str | Promise] = {
    "case_type": gettext_lazy("usual for this type of case"),
    "origin": gettext_lazy("usual for cases opened by the city"),
    "city": gettext_lazy("chosen by the city for all programmes"),
    "file": gettext_lazy("from the programme's file"),
    "programme": gettext_lazy("chosen by the city for this programme"),
    "earlier": gettext_lazy("submitted before workflows were kept"),
}


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    days: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    bureau: str
    asked: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A workflow as its reader sees it; `left_out` are the stages that it goes without."""

    name: str
    explanation: str
    chosen: str
    steps: list[Step]
    left_out: list[str]
    agreement: str
    agreement_explained: str
    parts: list[Part]


def shown(held: Held, outcome: Outcome, *, city: str) -> Shown:
    """One query: the names of the bureaus."""
    preset, agreement = workflows.named(held), workflows.agreement_words(held)
    return Shown(
        name=pick(preset.name),
        explanation=pick(preset.explanation),
        chosen=str(CHOSEN[held.workflow.chosen]),
        steps=_steps(held, outcome),
        left_out=[_label(stage) for stage in STAGES if stage not in held.stages],
        agreement=pick(agreement.name),
        agreement_explained=pick(agreement.explanation),
        parts=parts(held, city=city),
    )


def choice_words(raw: Any) -> str:
    """What was chosen of a workflow, in words, a line each; "" for nothing."""
    choice, known = read_choice(raw or {}), workflows_known()
    lines = [pick(known.presets[choice.preset].name)] if choice.preset else []
    lines += [
        f"{_label(stage)}：{_('yes') if on else _('no')}" for stage, on in choice.stages.items()
    ]
    for period, days in choice.days.items():
        lines.append(f"{pick(declared()[workflows.SETTINGS[period]].label)}：{days}")
    if choice.agreement:
        lines.append(pick(known.agreements[choice.agreement].name))
    if choice.opinions is not None:
        lines.append(_("opinions: %s") % ("、".join(choice.opinions) or _("none")))
    return "\n".join(lines + [f"{code}：{pick(part)}" for code, part in choice.parts.items()])


def _label(stage: str) -> str:
    return str(TaskKind(stage).label)


def _steps(held: Held, outcome: Outcome) -> list[Step]:
    ways = [*held.stages, "determination"]
    found = [Step(_label(stage), held.days(stage)) for stage in ways]
    if outcome.pays:
        found.append(Step(_label("finance_check"), held.days("finance_check")))
    if outcome.pays or outcome.published:
        days = held.days("publicity")
        note = _("shown to the public for %s working days") % days if days else ""
        found.append(Step(_label("publicity"), held.days("publication"), note))
    if outcome.kind == "award":
        found.append(Step(_label("award"), held.days("award")))
    return found


def parts(held: Held, *, city: str) -> list[Part]:
    """Each bureau that gives an opinion, with what it is asked."""
    rows = Bureau.objects.filter(city=city, code__in=held.opinions)
    names = {bureau.code: str(bureau) for bureau in rows}
    return [
        Part(names.get(code, code), part_of(held, code) or _("the whole case"))
        for code in held.opinions
    ]


def part_of(held: Held, code: str) -> str:
    """What the bureau of this code is asked, "" where it is asked about the whole case."""
    part = held.parts.get(code)
    return pick(part) if part else ""
