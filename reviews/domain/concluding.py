"""The end of a case that pays nothing by itself: its outcome is entered in a register (办结)."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.models import User
from incentives.domain import registers
from incentives.domain.language import chosen
from incentives.models import RegisterEntry
from incentives.policy.facts import read_facts
from incentives.policy.outcomes import DESCRIBED, Valid
from reviews.domain import letter_values, letters, obligations, tasks, telling, working_days
from reviews.domain.assessing import effective_facts, rules
from reviews.domain.cases import due, move
from reviews.domain.tasks import open_task
from reviews.models import Application, Determination
from reviews.models.letter import LetterKind
from reviews.models.lifecycle import CaseState
from reviews.models.task import TaskKind


def require_terms(case: Application, terms: str, ends_on: date | None) -> None:
    """Raises Refused unless it is said what is given, and to which day within what is printed."""
    outcome = rules(case).outcome
    if outcome.kind in DESCRIBED and not terms.strip():
        raise Refused({"terms": _("State what is given, how much of it and by when.")})
    _require_not_over(case, outcome.valid)
    if ends_on is None:
        return
    if outcome.kind == "award":
        raise Refused({"ends_on": _("An award has no last day; leave this empty.")})
    if ends_on < working_days.today():
        raise Refused({"ends_on": _("Write a day from today on.")})
    if outcome.valid is not None:
        _require_within(outcome.valid, ends_on)


def _require_not_over(case: Application, valid: Valid | None) -> None:
    if valid is None or valid.until is None:
        return
    named = _last_day(valid, read_facts(rules(case), effective_facts(case)))
    if named is not None and named < working_days.today():
        told = {"label": chosen(rules(case).facts[valid.until].label), "day": named.isoformat()}
        raise Refused({"facts": _("%(label)s: %(day)s is over already; correct it.") % told})


def _require_within(valid: Valid, ends_on: date) -> None:
    if valid.up_to_years is None:
        raise Refused({"ends_on": _("The printed rule gives the last day; leave this empty.")})
    latest = registers.last_day(working_days.today(), valid.up_to_years)
    if ends_on > latest:
        raise Refused({"ends_on": _("Write a day up to %s.") % latest.isoformat()})


def last_task(case: Application) -> TaskKind:
    """What is left to decide after publicity."""
    return TaskKind.AWARD if rules(case).outcome.kind == "award" else TaskKind.CONCLUSION


def go_on(case: Application, determination: Determination, *, user: User) -> None:
    """After approval: to publicity where holders are made public first, else to the end."""
    tasks.cancel_open(case)
    deadline = due(case, "publication_days") if rules(case).outcome.published else None
    move(
        case,
        CaseState.DETERMINED,
        actor=user,
        event="determination.granted",
        reason=determination.reason,
        due_on=deadline,
        data={"assessed": str(determination.assessed), "terms": determination.terms},
    )
    if deadline:
        open_task(case, TaskKind.PUBLICITY, bureau=case.handling_bureau, due_on=deadline)
    else:
        enter(case, determination, user=user)


def enter(
    case: Application, determination: Determination, *, user: User, reason: str = ""
) -> RegisterEntry:
    """Enter the outcome of a locked case and close it."""
    outcome, today = rules(case).outcome, working_days.today()
    facts = read_facts(rules(case), determination.facts)
    figure = determination.granted if outcome.pays else determination.assessed or None
    entry = registers.enter(
        programme=case.programme,
        rules=rules(case),
        party=case.applicant,
        bureau=case.handling_bureau,
        case_number=case.number or "",
        subject=_said(facts.get(rules(case).roles.subject or "")),
        level=_said(facts.get(outcome.level or "")),
        on=today,
        ends_on=determination.ends_on or _last_day(outcome.valid, facts),
        figure=figure,
        terms=determination.terms,
        award_id=determination.award_id,
        actor=user,
    )
    tasks.finish_all(case, TaskKind.CONCLUSION)
    move(
        case,
        CaseState.CONCLUDED,
        actor=user,
        event="case.concluded",
        reason=reason,
        data={"register": entry.number},
    )
    obligations.begin(case, actor=user)
    what = letter_values.entered(case, entry, figure)
    letter = letters.issue(case, LetterKind.GRANTED, what, actor=user)
    telling.tell_letter(case, "case.concluded", letter, register=entry.number)
    return entry


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _last_day(valid: Valid | None, facts: dict[str, Any]) -> date | None:
    """The last day by the programme: of its years from today, or as the case names it."""
    if valid is None:
        return None
    if valid.until is None:
        return registers.last_day(working_days.today(), valid.years or valid.up_to_years or 0)
    named: date | None = facts.get(valid.until)
    return named
