"""Scoring begins: experts are drawn, sheets are laid out, and who drops out is replaced."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.domain.notices import write as write_notices
from applicants.models import Notice, User
from reviews.domain import working_days
from reviews.domain.cases import due, note
from reviews.domain.roles import require
from reviews.domain.rounds_draw import draw, in_order
from reviews.domain.rounds_experts import active_pool, conflicts, employer_of
from reviews.domain.rounds_setup import happened, locked_round, require_unbiased
from reviews.domain.tasks import begin_anew, open_task
from reviews.models import Application, Expert, RoundCase, ScoreSheet, ScoringRound
from reviews.models.lifecycle import CaseState
from reviews.models.round import RoundState
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState

RUNNERS = (Role.PREPARER, Role.APPROVER)
LIVING = (CaseState.ACCEPTED, CaseState.RETURNED)
"""Where a case may stand while it is scored and ranked."""


@transaction.atomic
def begin(*, round_id: int, user: User) -> ScoringRound:
    """After the window: draw n experts for each accepted case, and have the case scored.

    Raises Refused while a case of the round still waits for its acceptance or supplement, or where
    the pool has too few experts without a conflict.
    """
    found = locked_round(round_id, RoundState.OPEN)
    require(user, *RUNNERS, bureau=found.programme.handling_bureau)
    require_unbiased(found, user)
    if not found.criteria:
        raise Conflict(_("The programme's rules decide this round; settle it, nobody scores."))
    require_window_over(found)
    cases = ready_cases(found)
    found.seed = secrets.token_hex(32)
    pool = active_pool(found.programme.city)
    found.draw = _drawn(found, cases, pool)
    found.state, found.drawn_at, found.drawn_by = RoundState.SCORING, timezone.now(), user
    found.save(update_fields=["state", "seed", "draw", "drawn_at", "drawn_by"])
    _lay_out(found, cases, {one.pk: one for one in pool})
    for case in cases:
        _open(found, case, user)
    happened(found, "round.drawn", user, seed=found.seed, cases=len(cases))
    return found


def window_over(found: ScoringRound) -> bool:
    """A window of a single day may be closed on that day itself."""
    today = working_days.today()
    return found.closes_on < today or found.opens_on == found.closes_on == today


def require_window_over(found: ScoringRound) -> None:
    if not window_over(found):
        raise Conflict(_("Cases may join until %s.") % found.closes_on.isoformat())


def ready_cases(found: ScoringRound) -> list[Application]:
    """The accepted cases in order of filing, once no other may still become one."""
    cases = _cases(found)
    today = working_days.today()
    waiting = [
        case.number or ""
        for case in cases
        if case.state == CaseState.SUBMITTED
        or (case.state == CaseState.RETURNED and case.due_on and case.due_on >= today)
    ]
    if waiting:
        raise Refused(
            _("These cases still wait for acceptance or supplement: %s.") % "、".join(waiting)
        )
    ready = [case for case in cases if case.state == CaseState.ACCEPTED]
    if not ready:
        raise Conflict(_("The round has no accepted case."))
    return ready


def _cases(found: ScoringRound) -> list[Application]:
    cases = Application.objects.filter(round_case__round=found)
    related = ("city", "programme", "version", "applicant", "handling_bureau", "round_case")
    return list(cases.select_related(*related).order_by("submitted_at", "pk"))


def _drawn(
    found: ScoringRound, cases: Sequence[Application], pool: Sequence[Expert]
) -> dict[str, Any]:
    """Everything that the draw rests on, and what it drew."""
    order = in_order(found.seed, found.pk, [one.pk for one in pool])
    employers = {one.pk: employer_of(one) for one in pool}
    lines, short = [], []
    for case in cases:
        excluded = conflicts(pool, case.applicant)
        drawn = draw(order, found.sheets, excluded=excluded, employers=employers)
        if len(drawn) < found.sheets:
            short.append(f"{case.number} ({len(drawn)}/{found.sheets})")
        told = {str(expert): why for expert, why in excluded.items()}
        lines.append({"case": case.pk, "number": case.number, "excluded": told, "drawn": drawn})
    if short:
        said = _("The pool has too few experts without a conflict for: %s.")
        raise Refused(said % "、".join(short))
    return {"pool": listed(pool), "order": order, "cases": lines, "later": []}


def listed(pool: Sequence[Expert]) -> list[dict[str, Any]]:
    return [
        {"expert": one.pk, "name": str(one.user), "employer": one.employer}
        for one in sorted(pool, key=lambda one: one.pk)
    ]


def _lay_out(found: ScoringRound, cases: Sequence[Application], experts: dict[int, Expert]) -> None:
    drawn = {line["case"]: line["drawn"] for line in found.draw["cases"]}
    ScoreSheet.objects.bulk_create(
        ScoreSheet(round_case=case.round_case, expert=experts[expert])
        for case in cases
        for expert in drawn[case.pk]
    )
    called = {expert for line in drawn.values() for expert in line}
    tell_experts(found, [experts[one] for one in sorted(called)])


def tell_experts(found: ScoringRound, experts: Sequence[Expert]) -> None:
    programme = found.programme
    told = {"title_zh": programme.title_zh, "title_en": programme.title_en, "round": found.title}
    write_notices(
        Notice(
            user=one.user,
            kind="scoring.drawn",
            key=f"scoring.drawn:{found.pk}:{one.pk}",
            data=told,
            url=reverse("reviews:scoring"),
        )
        for one in experts
    )


def _open(found: ScoringRound, case: Application, user: User) -> None:
    until = due(case, "scoring_days")
    waiting = case.tasks.filter(kind=TaskKind.SCORING, state=TaskState.OPEN)
    if not begin_anew(waiting, due_on=until):
        open_task(case, TaskKind.SCORING, bureau=case.handling_bureau, due_on=until)
    note(case, actor=user, event="round.scoring", data={"round": found.number})


def standing_sheets(found: ScoringRound) -> QuerySet[ScoreSheet]:
    """Sheets that count: not declined, of cases that are still in the round."""
    sheets = ScoreSheet.objects.filter(round_case__round=found, declined="")
    return sheets.filter(round_case__application__state__in=LIVING)


def waiting_sheets(found: ScoringRound) -> QuerySet[ScoreSheet]:
    return standing_sheets(found).filter(handed_in_at=None)


@transaction.atomic
def excuse(*, sheet_id: int, reason: str, user: User) -> ScoreSheet | None:
    """The bureau takes an expert off a case, with a reason; the next in the draw follows."""
    sheet = locked_sheet(sheet_id)
    found = sheet.round_case.round
    require(user, Role.APPROVER, bureau=found.programme.handling_bureau)
    require_unbiased(found, user)
    if not reason.strip():
        raise Refused({"reason": _("Say why the expert does not score this case.")})
    return replace(sheet, reason=reason.strip(), user=user)


def locked_sheet(sheet_id: int, **of: Any) -> ScoreSheet:
    """A sheet that may still change, with its round locked until commit; by the round's state."""
    sheet = ScoreSheet.objects.filter(pk=sheet_id, **of).first()
    if sheet is None:
        raise Refused(_("There is no such score sheet for you."))
    found = locked_round(
        RoundCase.objects.values_list("round", flat=True).get(pk=sheet.round_case_id),
        RoundState.SCORING,
    )
    related = ("round_case__application__applicant", "round_case__application__city")
    beside = ScoreSheet.objects.select_related(*related, "expert__user", "expert__city")
    sheet = beside.get(pk=sheet_id)
    sheet.round_case.round = found
    if sheet.handed_in_at is not None:
        raise Conflict(_("This sheet has been handed in and stands."))
    if sheet.declined:
        raise Conflict(_("This sheet was given up; another expert has it."))
    if sheet.round_case.application.state not in LIVING:
        raise Conflict(_("The case is no longer in the round."))
    return sheet


def replace(sheet: ScoreSheet, *, reason: str, user: User) -> ScoreSheet | None:
    """Close a sheet of a locked round and draw who follows; None where the pool has nobody left."""
    sheet.declined = reason[:300]
    sheet.save(update_fields=["declined"])
    found, case = sheet.round_case.round, sheet.round_case.application
    drawn = _next(found, sheet.round_case, 1, replaces=sheet)
    number = case.number or ""
    happened(found, "round.expert_left", user, case=number, expert=sheet.expert_id,
             followed_by=[one.expert_id for one in drawn])  # fmt: skip
    note(case, actor=user, event="round.expert_left", data={"replaced": bool(drawn)})
    return drawn[0] if drawn else None


def _next(
    found: ScoringRound, of: RoundCase, wanted: int, *, replaces: ScoreSheet | None = None
) -> list[ScoreSheet]:
    """Sheets for the next in the draw, from the pool as it is now; kept beside the first draw."""
    pool = active_pool(found.programme.city)
    experts = {one.pk: one for one in pool}
    sheets = list(of.sheets.select_related("expert"))
    seated = [one.expert for one in sheets if not one.declined]
    employers = {one.pk: employer_of(one) for one in (*pool, *seated)}
    excluded = conflicts(pool, of.application.applicant)
    drawn = draw(
        in_order(found.seed, found.pk, experts),
        wanted,
        excluded={*excluded, *(one.expert_id for one in sheets)},
        employers=employers,
        seated=[one.pk for one in seated],
    )
    told = {str(expert): why for expert, why in excluded.items()}
    found.draw["later"].append(
        {
            "case": of.application_id,
            "number": of.application.number,
            "replaces": replaces.expert_id if replaces else None,
            "pool": listed(pool),
            "excluded": told,
            "drawn": drawn,
        }
    )
    found.save(update_fields=["draw"])
    tell_experts(found, [experts[one] for one in drawn])
    return [
        ScoreSheet.objects.create(round_case=of, expert=experts[one], replaces=replaces)
        for one in drawn
    ]


def lacking(found: ScoringRound) -> QuerySet[RoundCase]:
    """Scored cases that have fewer experts, `standing`, than the round says."""
    scored = found.cases.filter(application__state__in=LIVING, sheets__isnull=False)
    standing = Count("sheets", filter=Q(sheets__declined=""))
    return scored.annotate(standing=standing).filter(standing__lt=found.sheets)


@transaction.atomic
def top_up(*, round_id: int, user: User) -> int:
    """Draw for the cases that have fewer experts than the round says; how many were found."""
    found = locked_round(round_id, RoundState.SCORING)
    require(user, *RUNNERS, bureau=found.programme.handling_bureau)
    require_unbiased(found, user)
    cases: Any = lacking(found).select_related("application__applicant").order_by("pk")
    drawn = sum(len(_next(found, one, found.sheets - one.standing)) for one in cases)
    happened(found, "round.topped_up", user, drawn=drawn)
    return drawn
