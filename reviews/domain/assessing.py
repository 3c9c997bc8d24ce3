"""A case assessed by its programme: which facts count, which settings, and what comes out."""

from datetime import date
from decimal import Decimal
from typing import Any

from incentives.domain.counters import counter_requests, counts_history
from incentives.domain.programmes import rules_of, settings_of
from incentives.domain.registers import recognitions_of
from incentives.models import Counter
from incentives.policy.assessment import assess
from incentives.policy.programme import Programme as Rules
from incentives.policy.result import Assessment
from incentives.policy.text import InputError
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
    return from_registers(case) | {k: value for k, value in values.items() if value is not None}


def from_registers(case: Application) -> dict[str, Any]:
    """What the city's registers hold of the applicant, for rules that look at them."""
    if not rules(case).asks_registers:
        return {}
    return {"recognitions": recognitions_of(party=case.applicant, city=case.city)}


def with_kind(case: Application, facts: dict[str, Any]) -> dict[str, Any]:
    known = facts if "recognitions" in facts else from_registers(case) | facts
    return known | {"applicant_kind": case.applicant.kind}


def assess_case(
    case: Application,
    *,
    facts: dict[str, Any] | None = None,
    choices: dict[str, str] | None = None,
    settings: dict[str, Any] | None = None,
    history: dict[str, Any] | None = None,
) -> Assessment:
    """Assess as on the day the case was filed (a draft: today), on what was granted before.

    `history` is what `history_of` told, {} where nothing was granted before; by default as of now.
    """
    known = effective_facts(case) if facts is None else facts
    in_force = settings_in_force(case) if settings is None else settings
    before = history_of(case, known, in_force) if history is None else history
    return assess(
        rules_of(case.version),
        on=filing_day(case),
        facts=with_kind(case, known),
        choices=choices or {},
        settings=in_force,
        history=before.get("granted"),
        roles=before.get("roles"),
        approval_year=before.get("year"),
    )


def history_of(
    case: Application, facts: dict[str, Any], settings: dict[str, Any]
) -> dict[str, Any]:
    """What the rules may ask of earlier awards, as JSON keeps it: yuan or counts by key."""
    year = working_days.today().year
    granted = _granted_before(case, with_kind(case, facts), settings, year)
    told = None if granted is None else {key: str(used) for key, used in granted.items()}
    return {"year": year, "roles": roles_of(case), "granted": told}


def roles_of(case: Application) -> dict[str, str]:
    """Who the keys of history speak of: the applicant is paid, unless the rules name members.

    A closed case stays with the applicant that has ended; its history went on with the successor.
    """
    applicant = str(case.applicant.successor_id or case.applicant_id)
    payee = {} if rules(case).roles.payee == "members" else {"payee": applicant}
    return {"applicant": applicant} | payee


def _granted_before(
    case: Application, facts: dict[str, Any], settings: dict[str, Any], year: int
) -> dict[str, Decimal] | None:
    """As the counters stand now, for rules that ask; they are locked only when it is approved."""
    if not counts_history(rules(case)):
        return None
    try:
        asked = counter_requests(
            rules(case),
            facts=facts,
            roles=roles_of(case),
            settings=settings,
            approval_year=year,
            entitled=Decimal(0),
            rows=None,
        )
    except InputError:  # what a key is made of is not given yet: the assessment says so itself
        return {}
    counters = Counter.objects.filter(city=case.city_id, key__in=[one.key for one in asked])
    return dict(counters.values_list("key", "used"))


def settings_in_force(case: Application) -> dict[str, Any]:
    """What the city has set by now of the rules that the case was started on."""
    return settings_of(case.programme, case.version)


def filing_day(case: Application) -> date:
    return working_days.day_of(case.submitted_at) if case.submitted_at else working_days.today()


def rules(case: Application) -> Rules:
    return rules_of(case.version)
