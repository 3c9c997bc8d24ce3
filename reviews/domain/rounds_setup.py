"""A round from its plan to its opening: set up by one person, opened by another or by its date."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import Membership, User
from incentives.domain.programmes import rules_of
from incentives.domain.settings import setting
from incentives.models import Programme
from reviews.domain import working_days
from reviews.domain.roles import require
from reviews.domain.rounds_rule import Rule, fields_of
from reviews.models import Declaration, ScoringRound
from reviews.models.round import RoundState
from reviews.models.staff import Role


@transaction.atomic
def set_up(
    *, programme: Programme, title: str, opens_on: date, closes_on: date, rule: Rule, user: User
) -> ScoringRound:
    """Plan the next round of a programme, as a preparer of its handling bureau."""
    require(user, Role.PREPARER, bureau=programme.handling_bureau)
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    last = ScoringRound.objects.filter(programme=programme).aggregate(last=Max("number"))["last"]
    planned = ScoringRound(programme=programme, number=(last or 0) + 1, made_by=user)
    _write(planned, title, opens_on, closes_on, rule)
    happened(planned, "round.planned", user, window=_window(planned))
    return planned


@transaction.atomic
def change(
    *, round_id: int, title: str, opens_on: date, closes_on: date, rule: Rule, user: User
) -> ScoringRound:
    """Write the plan anew, until the round is opened."""
    planned = locked_round(round_id, RoundState.PLANNED)
    require(user, Role.PREPARER, bureau=planned.programme.handling_bureau)
    planned.made_by = user
    _write(planned, title, opens_on, closes_on, rule)
    happened(planned, "round.changed", user, window=_window(planned))
    return planned


def _write(planned: ScoringRound, title: str, opens_on: date, closes_on: date, rule: Rule) -> None:
    problems = {} if title.strip() else {"title": _("Give the round a title.")}
    problems |= _window_problems(planned, opens_on, closes_on)
    if problems:
        raise Refused(problems)
    by_rules = rules_of(planned.programme.current).round is not None
    values = fields_of(rule, by_rules=by_rules)
    values |= {"title": title.strip(), "opens_on": opens_on, "closes_on": closes_on}
    for name, value in values.items():
        setattr(planned, name, value)
    planned.save()


def _window_problems(planned: ScoringRound, opens_on: date, closes_on: date) -> dict[str, str]:
    if opens_on < working_days.today():
        return {"opens_on": _("The window cannot have begun already; choose today or later.")}
    if closes_on < opens_on:
        return {"closes_on": _("The last day cannot lie before the first.")}
    others = ScoringRound.objects.filter(
        programme=planned.programme, opens_on__lte=closes_on, closes_on__gte=opens_on
    ).exclude(pk=planned.pk)
    other = others.first()
    if other is None:
        return {}
    said = _("Its days overlap with round %(number)s, %(window)s.")
    return {"opens_on": said % {"number": other.number, "window": _window(other)}}


def _window(planned: ScoringRound) -> str:
    return f"{planned.opens_on.isoformat()} – {planned.closes_on.isoformat()}"


@transaction.atomic
def open_round(*, round_id: int, user: User) -> ScoringRound:
    """Let the round take cases in its window, as an approver who did not set it up."""
    planned = locked_round(round_id, RoundState.PLANNED)
    require(user, Role.APPROVER, bureau=planned.programme.handling_bureau)
    if planned.made_by_id == user.pk:
        raise NotAllowed(_("A round is opened by someone who did not set it up."))
    if planned.closes_on < working_days.today():
        raise Conflict(_("The window of this round has passed; have its dates changed first."))
    planned.opened_by = user
    return _opened(planned, user)


def open_due(*, today: date) -> int:
    """Open the planned rounds whose first day has come, where the city lets the date decide."""
    due = ScoringRound.objects.filter(
        state=RoundState.PLANNED, opens_on__lte=today, closes_on__gte=today
    )
    return sum(_open_by_date(pk) for pk in due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _open_by_date(round_id: int) -> bool:
    planned = locked_round(round_id, *RoundState)
    programme = planned.programme
    wanted = setting(city=programme.city, key="rounds_open_by_date", programme=programme)
    if planned.state != RoundState.PLANNED or not wanted:
        return False
    _opened(planned, None)
    return True


def _opened(planned: ScoringRound, user: User | None) -> ScoringRound:
    planned.state, planned.opened_at = RoundState.OPEN, timezone.now()
    planned.save(update_fields=["state", "opened_at", "opened_by"])
    happened(planned, "round.opened", user, window=_window(planned))
    return planned


def locked_round(round_id: int, *expected: RoundState) -> ScoringRound:
    """The round, locked until commit. Raises Conflict when it is not where the caller saw it."""
    found = (
        ScoringRound.objects.select_for_update(of=("self",), no_key=True)
        .select_related("programme__city", "programme__handling_bureau")
        .get(pk=round_id)
    )
    if found.state not in expected:
        raise Conflict(
            _("The round is now “%(state)s”; reload the page.")
            % {"state": found.get_state_display()}
        )
    return found


def require_unbiased(found: ScoringRound, user: User) -> None:
    """Raises NotAllowed for whoever has an interest in one of the round's cases."""
    parties = found.cases.values("application__applicant")
    member = Membership.objects.filter(party__in=parties, user=user).exists()
    declared = Declaration.objects.filter(
        application__round_case__round=found, user=user, conflict=True
    ).exists()
    if member or declared:
        raise NotAllowed(_("You have an interest in a case of this round."))


def happened(found: ScoringRound, kind: str, user: User | None, **data: Any) -> None:
    record(kind=kind, subject=f"round:{found.pk}", actor=user, city=found.programme.city, data=data)
