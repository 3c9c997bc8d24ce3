"""A case assessed by its programme: which facts count, which settings, and what comes out."""

from datetime import date
from typing import Any

from incentives.domain.programmes import rules_of, settings_of
from incentives.policy.assessment import assess
from incentives.policy.programme import Programme as Rules
from incentives.policy.result import Assessment
from reviews.domain import working_days
from reviews.models import Application


def declared_facts(case: Application) -> dict[str, Any]:
    return {fact.key: fact.declared for fact in case.facts.all() if fact.declared is not None}


def effective_facts(case: Application) -> dict[str, Any]:
    """What a reviewer confirmed, and what the applicant declared where nothing is confirmed yet."""
    values = {
        fact.key: fact.declared if fact.confirmed is None else fact.confirmed
        for fact in case.facts.all()
    }
    return {key: value for key, value in values.items() if value is not None}


def with_kind(case: Application, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"applicant_kind": case.applicant.kind}


def assess_case(
    case: Application,
    *,
    facts: dict[str, Any] | None = None,
    choices: dict[str, str] | None = None,
    settings: dict[str, Any] | None = None,
) -> Assessment:
    """Assess as on the day the case was filed (a draft: today)."""
    known = effective_facts(case) if facts is None else facts
    return assess(
        rules_of(case.version),
        on=filing_day(case),
        facts=with_kind(case, known),
        choices=choices or {},
        settings=settings_in_force(case) if settings is None else settings,
    )


def settings_in_force(case: Application) -> dict[str, Any]:
    """What the city has set by now of the rules that the case was started on."""
    return settings_of(case.programme, case.version)


def filing_day(case: Application) -> date:
    return working_days.day_of(case.submitted_at) if case.submitted_at else working_days.today()


def rules(case: Application) -> Rules:
    return rules_of(case.version)
