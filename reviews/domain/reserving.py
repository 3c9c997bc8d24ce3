"""From an approved determination to reserved money."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from applicants.models import User
from incentives.domain import money
from incentives.domain.counters import CounterRequest, counter_requests, tally_requests
from incentives.models import Bureau
from reviews.domain import working_days
from reviews.domain.assessing import rules
from reviews.models import Application, Determination


def finance_of(case: Application) -> Bureau:
    """The finance bureau of the case's city, which checks and pays whatever bureaus are printed."""
    return Bureau.objects.get(city=case.city, code="finance")


def counters_of(
    case: Application, determination: Determination, at: datetime
) -> list[CounterRequest]:
    """The limits in force when it was proposed, and what other readings of them would count."""
    told: dict[str, Any] = {
        "facts": determination.facts,
        "roles": _roles(case),
        "settings": determination.readings,
        "approval_year": working_days.day_of(at).year,
        "entitled": determination.assessed,
    }
    in_force = counter_requests(rules(case), **told)
    return in_force + tally_requests(rules(case), in_force=in_force, **told)


def _roles(case: Application) -> dict[str, str]:
    return {"applicant": str(case.applicant_id)}


def reserve(
    case: Application, determination: Determination, *, actor: User, at: datetime
) -> money.Grant:
    """Reserve what the caps leave and put the result on the determination (unsaved)."""
    requests = counters_of(case, determination, at)
    programme = rules(case)
    grant = money.reserve(
        case_number=case.number or "",
        version=case.version,
        applicant=case.applicant,
        bureau=case.handling_bureau,
        district=case.applicant.district,
        verb=programme.verb,
        payer=programme.roles.payer,
        assessed=determination.assessed,
        at=at,
        actor=actor,
        reason=determination.reason,
        counters=requests,
    )
    determination.granted = grant.amount
    determination.award_id = grant.award
    determination.cuts = [_told(cut, requests, case, determination.assessed) for cut in grant.cuts]
    return grant


def _told(
    cut: money.Cut, requests: list[CounterRequest], case: Application, assessed: Decimal
) -> dict[str, Any]:
    """A cut with the name of its cap, kept with the decision in both languages."""
    source = next((request for request in requests if request.key == cut.key), None)
    return {
        "key": cut.key,
        "kind": cut.kind,
        "unit": cut.unit,
        "id": source.id if source else cut.key,
        "label": _label(cut, source, case),
        "limit": str(cut.limit),
        "used": str(cut.used),
        "room": str(cut.room),
        "cut": str(assessed - cut.room),
    }


def _label(cut: money.Cut, source: CounterRequest | None, case: Application) -> dict[str, str]:
    if cut.kind == "cap" and source:
        cap = next(cap for cap in rules(case).caps if cap.id == source.id)
        return {"zh": cap.label.zh, "en": cap.label.en}
    if cut.kind == "event":
        return {"zh": "同一事项不重复享受", "en": "one event is rewarded once"}
    return {"zh": "年度总额上限", "en": "yearly pool"}
