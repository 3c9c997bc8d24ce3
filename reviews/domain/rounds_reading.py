"""What staff read of rounds: everything but scores, until the last sheet is in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from applicants.domain.errors import NotAllowed
from applicants.models import User
from incentives.models import Programme
from reviews.domain import working_days
from reviews.domain.queries import REVIEWING
from reviews.domain.roles import bureaus_of, roles_of
from reviews.domain.rounds_scores import Counted, Scored, counted, total
from reviews.domain.rounds_scoring import LIVING, RUNNERS, lacking, waiting_sheets, window_over
from reviews.domain.rounds_setup import require_unbiased
from reviews.models import RoundCase, ScoreSheet, ScoringRound
from reviews.models.round import RoundState
from reviews.models.staff import Role


def rounds_for(user: User) -> QuerySet[ScoringRound]:
    """Rounds of the person's bureaus, of the whole city for its auditors; newest first."""
    bureaus = bureaus_of(user, REVIEWING)
    audited = roles_of(user).filter(role=Role.AUDITOR).values("city")
    mine = Q(programme__handling_bureau__in=bureaus) | Q(programme__city__in=audited)
    return ScoringRound.objects.filter(mine).select_related("programme__handling_bureau")


def programmes_for(user: User) -> QuerySet[Programme]:
    """Programmes for which the person may set up rounds."""
    return Programme.objects.filter(handling_bureau__in=bureaus_of(user, [Role.PREPARER]))


def all_in(found: ScoringRound) -> bool:
    """Whether no sheet of the round is hidden any more."""
    if found.state in (RoundState.RANKED, RoundState.CLOSED):
        return True
    return found.state == RoundState.SCORING and not waiting_sheets(found).exists()


def unbiased(found: ScoringRound, user: User) -> bool:
    """Whether the person has no interest in any of the round's cases."""
    try:
        require_unbiased(found, user)
    except NotAllowed:
        return False
    return True


def shows_scores(found: ScoringRound, user: User) -> bool:
    """To staff without an interest in one of its cases, once every sheet is in."""
    return bool(found.criteria) and all_in(found) and unbiased(found, user)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of a round: how many sheets are in, and what the ranking says of it, once fixed."""

    case: RoundCase
    sheets: int
    handed_in: int
    ranked: dict[str, Any] | None


def case_lines(found: ScoringRound) -> list[CaseLine]:
    """By rank where there is one, else in order of filing."""
    standing = Q(sheets__declined="")
    cases = found.cases.select_related("application__applicant").annotate(
        laid=Count("sheets", filter=standing & Q(sheets__isnull=False)),
        done=Count("sheets", filter=standing & Q(sheets__handed_in_at__isnull=False)),
    )
    result = found.result or {"cases": [], "outside": []}
    told = {line["case"]: line for line in (*result["cases"], *result["outside"])}
    places = {case: place for place, case in enumerate(told)}
    lines = [
        CaseLine(one, one.laid, one.done, told.get(one.application_id))
        for one in cases.order_by("application__submitted_at", "pk")
    ]
    return sorted(lines, key=lambda line: places.get(line.case.application_id, 0))


def sheet_lines(found: ScoringRound) -> list[ScoreSheet]:
    """Who scores which case, whether it is in; the scores are shown by others than this."""
    sheets = ScoreSheet.objects.filter(round_case__round=found).defer("scores", "comment")
    return list(
        sheets.select_related("round_case__application", "expert__user", "replaces__expert__user")
        .order_by("round_case__application__number", "pk")
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetTold:
    """A sheet with its scores and how it counts, for after the last one is in."""

    sheet: ScoreSheet
    counted: Counted


def scored_sheets(found: ScoringRound) -> dict[int, list[SheetTold]]:
    """By case, with normalised values and outliers; ask `shows_scores` first."""
    ranked = [line["case"] for line in found.result.get("cases", [])]
    own = Q(application__in=ranked) if ranked else Q(application__state__in=LIVING)
    rows = ScoreSheet.objects.filter(
        round_case__in=found.cases.filter(own), declined="", handed_in_at__isnull=False
    ).select_related("round_case", "expert__user")
    sheets = {(row.round_case.application_id, row.expert_id): row for row in rows}
    lines = counted(
        [Scored(*key, total(found.criteria, row.scores)) for key, row in sheets.items()],
        normalise=found.normalise,
        drop_extremes=found.drop_extremes,
        deviations=found.deviations,
    )
    told: dict[int, list[SheetTold]] = defaultdict(list)
    for case, counts in lines.items():
        told[case] = [SheetTold(sheets[case, one.expert], one) for one in counts]
    return told


def steps_of(found: ScoringRound, user: User) -> list[str]:
    """What the person may do with the round now; the verbs check under lock."""
    bureau = found.programme.handling_bureau_id
    held = set(roles_of(user).filter(bureau=bureau).values_list("role", flat=True))
    steps = STEPS[RoundState(found.state)](found, user)
    return [name for name, roles in steps if held & set(roles)]


Steps = Sequence[tuple[str, Sequence[Role]]]


def _planned(found: ScoringRound, user: User) -> Steps:
    opens = found.made_by_id != user.pk and found.closes_on >= working_days.today()
    return [("change", [Role.PREPARER]), *([("open", [Role.APPROVER])] if opens else [])]


def _open(found: ScoringRound, user: User) -> Steps:
    if not window_over(found):
        return []
    return [("begin", RUNNERS) if found.criteria else ("settle", [Role.APPROVER])]


def _scoring(found: ScoringRound, user: User) -> Steps:
    steps: list[tuple[str, Sequence[Role]]] = []
    if lacking(found).exists():
        steps.append(("top_up", RUNNERS))
    if waiting_sheets(found).exists():
        return [*steps, ("excuse", [Role.APPROVER])]
    return [("rank", [Role.APPROVER]), *steps]


def _closed(found: ScoringRound, user: User) -> Steps:
    return []


def _ranked(found: ScoringRound, user: User) -> Steps:
    return [("close", [Role.APPROVER])]


STEPS = {
    RoundState.PLANNED: _planned,
    RoundState.OPEN: _open,
    RoundState.SCORING: _scoring,
    RoundState.RANKED: _ranked,
    RoundState.CLOSED: _closed,
}
