"""What an expert does: declares, scores, saves, hands in once. Nobody else reads it meanwhile."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.notices import write as write_notices
from applicants.models import Notice, User
from incentives.domain.language import chosen
from incentives.policy.text import text
from reviews.domain.cases import note
from reviews.domain.interests import has_conflict, has_declared
from reviews.domain.rounds_rule import number
from reviews.domain.rounds_scores import total
from reviews.domain.rounds_scoring import LIVING, locked_sheet, replace, waiting_sheets
from reviews.domain.rounds_setup import happened
from reviews.models import Application, Declaration, ScoreSheet, ScoringRound, StaffRole
from reviews.models.round import RoundState
from reviews.models.staff import Role

FAILS, EXCELS = Decimal(60), Decimal(90)
"""Totals below the one and from the other on need a comment."""


def sheets_of(user: User) -> QuerySet[ScoreSheet]:
    """The person's own sheets, newest round first; given-up ones stay out."""
    if not user.is_authenticated:
        return ScoreSheet.objects.none()
    own = ScoreSheet.objects.filter(expert__user=user, expert__is_active=True, declined="")
    return own.select_related(
        "expert", "round_case__round__programme", "round_case__application__applicant"
    ).order_by("-round_case__round_id", "round_case__application__number")


def is_open(sheet: ScoreSheet) -> bool:
    """Whether it can be written on now."""
    of = sheet.round_case
    scoring = of.round.state == RoundState.SCORING and of.application.state in LIVING
    return scoring and sheet.handed_in_at is None and not sheet.declined


def opens_to(sheet: ScoreSheet, user: User) -> bool:
    """Whether the contents of the case open to the expert: while scoring, once declared."""
    case = sheet.round_case.application
    scoring = sheet.round_case.round.state == RoundState.SCORING
    return scoring and has_declared(case, user) and not has_conflict(case, user)


def cases_laid_before(user: User) -> QuerySet[Application]:
    """Cases that the person scores now and has declared to have no interest in."""
    own = sheets_of(user).filter(
        round_case__round__state=RoundState.SCORING, round_case__application__state__in=LIVING
    )
    said = Declaration.objects.filter(user=user.pk)
    conflict = said.filter(conflict=True).values("application")
    cases = Application.objects.filter(
        pk__in=own.values("round_case__application"),
    )
    return cases.filter(pk__in=said.values("application")).exclude(pk__in=conflict)


@transaction.atomic
def declare(*, sheet_id: int, user: User, conflict: bool, reason: str = "") -> ScoreSheet | None:
    """Declare before the case opens; a conflict gives the sheet to the next in the draw.

    Returns the sheet that stands, None where the pool has nobody left.
    """
    sheet = _own(sheet_id, user)
    case = sheet.round_case.application
    if conflict and not reason.strip():
        raise Refused({"reason": _("Say what kind of conflict it is.")})
    if not conflict and has_conflict(case, user):
        raise NotAllowed(_("You belong to the applicant or declared a conflict; decline the case."))
    Declaration.objects.create(
        application=case, user=user, conflict=conflict, reason=reason.strip()
    )
    event = "interest.conflict" if conflict else "interest.none"
    note(case, actor=user, event=event, reason=reason.strip())
    return replace(sheet, reason=reason.strip(), user=user) if conflict else sheet


@transaction.atomic
def save(*, sheet_id: int, scores: Mapping[str, Any], comment: str, user: User) -> ScoreSheet:
    """Keep a draft, which may lack scores; raises Refused by criterion for what cannot be read."""
    sheet = _written(sheet_id, scores, comment, user)
    sheet.save(update_fields=["scores", "comment"])
    return sheet


@transaction.atomic
def hand_in(*, sheet_id: int, scores: Mapping[str, Any], comment: str, user: User) -> ScoreSheet:
    """Hand the sheet in, once. With the last one of the round the bureau is told."""
    sheet = _written(sheet_id, scores, comment, user)
    found = sheet.round_case.round
    lacking = [one for one in found.criteria if one["id"] not in sheet.scores]
    problems = {one["id"]: _("Give a score.") for one in lacking}
    if not problems and not sheet.comment and _needs_comment(found, sheet):
        problems["comment"] = _("A total below %(low)s or from %(high)s on needs a comment.") % {
            "low": FAILS,
            "high": EXCELS,
        }
    if problems:
        raise Refused(problems)
    sheet.handed_in_at = timezone.now()
    sheet.save(update_fields=["scores", "comment", "handed_in_at"])
    happened(found, "round.sheet_in", user, case=sheet.round_case.application.number)
    if not waiting_sheets(found).exists():
        _complete(found)
    return sheet


def _needs_comment(found: ScoringRound, sheet: ScoreSheet) -> bool:
    reached = total(found.criteria, sheet.scores)
    return reached < FAILS or reached >= EXCELS


def _written(sheet_id: int, scores: Mapping[str, Any], comment: str, user: User) -> ScoreSheet:
    """The locked sheet with what was given on it, unsaved."""
    sheet = _own(sheet_id, user)
    case = sheet.round_case.application
    if not has_declared(case, user):
        raise NotAllowed(_("Declare first that you have no conflict of interest in this case."))
    if has_conflict(case, user):
        raise NotAllowed(_("You have declared a conflict of interest in this case."))
    sheet.scores = _read(sheet.round_case.round, scores)
    sheet.comment = comment.strip()
    return sheet


def _own(sheet_id: int, user: User) -> ScoreSheet:
    sheet = locked_sheet(sheet_id, expert__user=user, expert__is_active=True)
    if StaffRole.objects.filter(user=user, is_active=True).exists():
        raise NotAllowed(_("Whoever holds a staff role does not score; ask the bureau."))
    return sheet


def _read(found: ScoringRound, scores: Mapping[str, Any]) -> dict[str, str]:
    known = {one["id"]: one for one in found.criteria}
    problems = {key: _("The round has no such criterion.") for key in scores if key not in known}
    read: dict[str, str] = {}
    for key, one in known.items():
        given = str(scores.get(key) or "").strip() if scores.get(key) != 0 else "0"
        if not given:
            continue
        value = number(given)
        if value is None or not 0 <= value <= Decimal(one["most"]):
            said = _("“%(label)s”: write 0 to %(most)s, with at most two decimals.")
            label = chosen(text(one["zh"], one["en"]))
            problems[key] = said % {"label": label, "most": one["most"]}
            continue
        read[key] = f"{value:f}"
    if problems:
        raise Refused(problems)
    return read


def _complete(found: ScoringRound) -> None:
    """Every sheet is in: written down once, and the approvers of the bureau are told."""
    happened(found, "round.complete", None)
    programme = found.programme
    told = {"title_zh": programme.title_zh, "title_en": programme.title_en, "round": found.title}
    approvers = StaffRole.objects.filter(
        bureau=programme.handling_bureau, role=Role.APPROVER, is_active=True
    ).select_related("user")
    write_notices(
        Notice(
            user=one.user,
            kind="scoring.complete",
            key=f"scoring.complete:{found.pk}:{one.user_id}",
            data=told,
            url=reverse("admin:reviews_scoringround_change", args=[found.pk]),
        )
        for one in approvers
    )
