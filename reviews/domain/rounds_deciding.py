"""The ranking of a round: fixed once, under its lock; the same again from what was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import User
from reviews.domain import rounds_settling
from reviews.domain.assessing import assess_case
from reviews.domain.cases import due, note
from reviews.domain.roles import require
from reviews.domain.rounds_ranking import Cut, Entry, ranked
from reviews.domain.rounds_scores import Counted, Scored, counted, score, spread, total
from reviews.domain.rounds_scoring import LIVING, standing_sheets, waiting_sheets
from reviews.domain.rounds_setup import happened, locked_round, require_unbiased
from reviews.domain.tasks import begin_anew, finish_all
from reviews.models import Application, ScoringRound
from reviews.models.lifecycle import CLOSED, CaseState
from reviews.models.round import CutBy, RoundState, Ties
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class Taken:
    """What a ranking rests on beside the sheets, kept with it so that it can be repeated."""

    cases: Sequence[dict[str, Any]]
    outside: Sequence[dict[str, Any]]
    experts: Sequence[dict[str, Any]]


@transaction.atomic
def rank(*, round_id: int, user: User) -> ScoringRound:
    """Fix the ranking of a round whose sheets are all in, as an approver. Once."""
    found = locked_round(round_id, RoundState.SCORING)
    _require_decider(found, user)
    if waiting := waiting_sheets(found).count():
        raise Conflict(_("%s score sheets are still to be handed in.") % waiting)
    cases = locked_cases(found)
    _fix(found, ranking_of(found, _taken(found, cases)), cases, user)
    return found


@transaction.atomic
def settle(*, round_id: int, user: User) -> ScoringRound:
    """Settle a round that the programme's rules decide, over its cases, as an approver. Once."""
    found = locked_round(round_id, RoundState.OPEN)
    _require_decider(found, user)
    if found.criteria:
        raise Conflict(_("Experts score this round; have it scored and ranked."))
    cases = locked_cases(found)
    _fix(found, rounds_settling.settlement(found, cases, user=user), cases, user)
    return found


@transaction.atomic
def close(*, round_id: int, user: User) -> ScoringRound:
    """End a ranked round once every case of it is decided."""
    found = locked_round(round_id, RoundState.RANKED)
    require(user, Role.APPROVER, bureau=found.programme.handling_bureau)
    undecided = [*LIVING, CaseState.SUBMITTED, CaseState.PROPOSED]
    cases = Application.objects.filter(round_case__round=found, state__in=undecided)
    numbers = "、".join(str(one) for one in cases.values_list("number", flat=True))
    if numbers:
        raise Conflict(_("These cases are still to be determined: %s.") % numbers)
    found.state = RoundState.CLOSED
    found.save(update_fields=["state"])
    happened(found, "round.closed", user)
    return found


def _require_decider(found: ScoringRound, user: User) -> None:
    require(user, Role.APPROVER, bureau=found.programme.handling_bureau)
    require_unbiased(found, user)


def locked_cases(found: ScoringRound) -> list[Application]:
    """The round's cases in order of filing, each locked until commit."""
    related = ("city", "programme", "version", "applicant", "handling_bureau")
    cases = Application.objects.select_for_update(of=("self",), no_key=True)
    locked = cases.filter(round_case__round=found).select_related(*related).order_by("pk")
    return sorted(locked, key=lambda case: (case.submitted_at, case.pk))


def _fix(
    found: ScoringRound, result: dict[str, Any], cases: Sequence[Application], user: User
) -> None:
    found.result, found.state = result, RoundState.RANKED
    found.ranked_at, found.ranked_by = timezone.now(), user
    found.save(update_fields=["result", "state", "ranked_at", "ranked_by"])
    lines = {line["case"]: line for line in (*result["cases"], *result["outside"])}
    for case in cases:
        if case.state not in CLOSED:
            _go_on(case, lines[case.pk], found, user)
    happened(found, "round.ranked", user, above=sum(one["above"] for one in lines.values()))


def _go_on(case: Application, line: dict[str, Any], found: ScoringRound, user: User) -> None:
    """The case may be determined now; its period begins with the ranking."""
    finish_all(case, TaskKind.SCORING)
    paused = case.tasks.filter(kind=TaskKind.SCORING, state=TaskState.PAUSED)
    paused.update(state=TaskState.CANCELLED, done_at=timezone.now())
    kept = ("rank", "score", "above", "granted")
    told = {key: line[key] for key in kept if line.get(key) is not None}
    note(case, actor=user, event="round.ranked", data={"round": found.number, **told})
    if case.state != CaseState.ACCEPTED:
        return
    case.due_on = due(case, "determination_days")
    case.save(update_fields=["due_on"])
    own = case.tasks.filter(kind=TaskKind.DETERMINATION, state=TaskState.OPEN)
    begin_anew(own, due_on=case.due_on)


def _taken(found: ScoringRound, cases: Sequence[Application]) -> Taken:
    inside, outside, unknown = [], [], []
    for filed, case in enumerate(cases, 1):
        line: dict[str, Any] = {
            "case": case.pk, "number": case.number, "applicant": case.applicant.name,
            "filed": filed,
        }  # fmt: skip
        result = assess_case(case) if case.state in LIVING else None
        if result is None or result.decision == "ineligible" or not _was_scored(found, case):
            why = "ineligible" if result and result.decision == "ineligible" else case.state
            outside.append(line | {"why": why, "above": False})
            continue
        if result.maximum is None and found.cut_by == CutBy.BUDGET:
            unknown.append(case.number or "")
        inside.append(line | {"amount": f"{result.maximum or 0:.2f}"})
    if unknown:
        said = _("What these cases come to is not known yet; confirm their facts: %s.")
        raise Refused(said % "、".join(unknown))
    return Taken(inside, outside, _experts(found))


def _was_scored(found: ScoringRound, case: Application) -> bool:
    """A case that joined the scoring has sheets; all of them given up stops the ranking."""
    sheets = case.round_case.sheets
    if not sheets.exists():
        return False
    if not sheets.exclude(handed_in_at=None).exists():
        said = _("Nobody has scored case %s; add experts to the pool and draw again.")
        raise Conflict(said % case.number)
    return True


def _experts(found: ScoringRound) -> list[dict[str, Any]]:
    sheets = standing_sheets(found).select_related("expert__user").order_by("expert")
    return [
        {"expert": pk, "name": name, "employer": employer}
        for pk, (name, employer) in {
            one.expert_id: (str(one.expert.user), one.expert.employer) for one in sheets
        }.items()
    ]


def ranking_of(found: ScoringRound, taken: Taken) -> dict[str, Any]:
    """The whole ranking as JSON; from the same sheets and the same `taken` it is the same."""
    numbers = {line["case"]: line["number"] for line in taken.cases}
    sheets = _scored(found, numbers)
    by_case = counted(
        sheets,
        normalise=found.normalise,
        drop_extremes=found.drop_extremes,
        deviations=found.deviations,
    )
    scores = {case: score(lines) for case, lines in by_case.items()}
    entries = [
        Entry(line["number"], scores[line["case"]], line["filed"], Decimal(line["amount"]))
        for line in taken.cases
    ]
    cut = Cut(CutBy(found.cut_by), found.cut, Ties(found.ties), found.moves_up)
    places = ranked(entries, cut)
    lines = [
        line
        | {"score": f"{scores[line['case']]:f}", "rank": places[line["number"]].rank}
        | {"tied": places[line["number"]].tied, "above": places[line["number"]].above}
        | {"sheets": [_told(one) for one in by_case[line["case"]]]}
        for line in taken.cases
    ]
    return {
        "by": "scores",
        "cases": sorted(lines, key=lambda line: (line["rank"], line["filed"])),
        "outside": list(taken.outside),
        "experts": [one | _spread_of(one["expert"], sheets) for one in taken.experts],
        "whole": _spread([one.total for one in sheets]),
    }


def _scored(found: ScoringRound, numbers: dict[int, str]) -> list[Scored]:
    sheets = found.cases.filter(
        application__in=numbers, sheets__declined="", sheets__handed_in_at__isnull=False
    ).values_list("application", "sheets__expert", "sheets__scores")
    return [
        Scored(case, expert, total(found.criteria, scores))
        for case, expert, scores in sheets.order_by("application", "sheets__expert")
    ]


def _told(one: Counted) -> dict[str, Any]:
    return {
        "expert": one.expert,
        "total": f"{one.total:f}",
        "value": f"{one.value:f}",
        "outlier": one.outlier,
        "dropped": one.dropped,
    }


def _spread_of(expert: int, sheets: Sequence[Scored]) -> dict[str, Any]:
    return _spread([one.total for one in sheets if one.expert == expert])


def _spread(totals: Sequence[Decimal]) -> dict[str, Any]:
    if not totals:
        return {"sheets": 0, "mean": None, "deviation": None}
    own = spread(totals)
    return {
        "sheets": len(totals), "mean": f"{own.mean:.4f}", "deviation": f"{own.deviation:.4f}"
    }  # fmt: skip


def verify(found: ScoringRound) -> bool:
    """Whether the ranking that was fixed is what its sheets, or entries, come to. Reads only."""
    kept = found.result
    if kept["by"] == "rules":
        return bool(rounds_settling.settled_again(kept) == kept)
    inputs = ("case", "number", "applicant", "filed", "amount")
    cases = sorted(kept["cases"], key=lambda line: line["filed"])
    experts = [{key: one[key] for key in ("expert", "name", "employer")} for one in kept["experts"]]
    taken = Taken([{key: one[key] for key in inputs} for one in cases], kept["outside"], experts)
    return bool(ranking_of(found, taken) == kept)
