"""From an approved determination to reserved money."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict
from applicants.models import User
from incentives.domain import money
from incentives.domain.counters import (
    CounterRequest,
    Row,
    counter_requests,
    counts_history,
    tally_requests,
)
from incentives.models import Bureau
from incentives.models.payout import Payer
from incentives.policy.assessment import assess
from incentives.policy.programme import Programme as Rules
from reviews.domain import rounds, working_days
from reviews.domain.assessing import filing_day, roles_of, rules, with_kind
from reviews.models import Application, Determination


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be reserved for a determination together with others."""

    case: Application
    determination: Determination
    asked: money.Asked


def finance_of(case: Application) -> Bureau:
    """The finance bureau of the case's city, which checks and pays whatever bureaus are printed."""
    return Bureau.objects.get(city=case.city, code="finance")


def counters_of(
    case: Application,
    determination: Determination,
    at: datetime,
    entitled: Decimal | None = None,
    rows: Collection[Row] | None = (),
) -> list[CounterRequest]:
    """The limits in force when it was proposed, and what other readings of them would count.

    `entitled` is what was assessed unless told otherwise. `rows` of a roster that are granted count
    where rows are counted; None: every row.
    """
    amount = determination.assessed if entitled is None else entitled
    told = _told_of(case, determination, at) | {"entitled": amount, "rows": rows}
    in_force = counter_requests(rules(case), **told)
    return in_force + tally_requests(rules(case), in_force=in_force, **told)


def _told_of(case: Application, determination: Determination, at: datetime) -> dict[str, Any]:
    return {
        "facts": determination.facts,
        "roles": roles_of(case),
        "settings": determination.readings,
        "approval_year": working_days.day_of(at).year,
    }


def history_counters(
    case: Application, determination: Determination, at: datetime
) -> list[CounterRequest]:
    """The counters whose use decides what the case comes to; none where it is what was proposed."""
    if not counts_history(rules(case)):
        return []
    return counters_of(case, determination, at, Decimal(0), None)


def _entitled(
    case: Application,
    determination: Determination,
    at: datetime,
    used: Mapping[str, Decimal] | None = None,
) -> tuple[Decimal, set[Row]]:
    """What the case comes to now, and its granted rows.

    Where that depends on what was granted before, every counter is locked and read first: what
    was proposed may have been granted to another meanwhile. It is never more than was proposed.
    """
    asked = history_counters(case, determination, at)
    if not asked:
        return determination.assessed, set()
    used = money.look(city_code=case.city_id, counters=asked) if used is None else used
    found = assess(
        rules(case),
        on=filing_day(case),
        facts=with_kind(case, determination.facts),
        choices=determination.choices,
        settings=determination.readings,
        explained=False,
        history=used,
        roles=roles_of(case),
        approval_year=working_days.day_of(at).year,
    )
    amount = min(rounds.amount_of(case, found), determination.assessed)
    return amount, {(line.roster, line.row) for line in found.rows if line.minimum}


def asked_for(
    case: Application,
    determination: Determination,
    at: datetime,
    used: Mapping[str, Decimal] | None = None,
) -> money.Asked:
    """What is to be reserved. `used` is what the history counters had, where read already."""
    entitled, rows = _entitled(case, determination, at, used)
    programme = rules(case)
    _require_district(case, programme)
    return money.Asked(
        case_number=case.number or "",
        version=case.version,
        applicant=case.applicant,
        bureau=case.handling_bureau,
        district=case.applicant.district,
        verb=programme.verb,
        payer=programme.roles.payer,
        shares={part.payer: part.share for part in programme.payers},
        assessed=entitled,
        reason=determination.reason,
        counters=counters_of(case, determination, at, entitled, rows),
    )


def _require_district(case: Application, programme: Rules) -> None:
    """A district's money is one district's: without one it could never be paid."""
    payers = {part.payer for part in programme.payers} or {programme.roles.payer}
    if Payer.DISTRICT in payers and case.applicant.district is None:
        message = _("A district pays here, and %s names none: enter it in the profile first.")
        raise Conflict(message % case.applicant.name)


def reserve(
    case: Application, determination: Determination, *, actor: User, at: datetime
) -> money.Grant:
    """Reserve what the caps leave and put the result on the determination (unsaved)."""
    asked = asked_for(case, determination, at)
    parts = {part.name: getattr(asked, part.name) for part in fields(asked)}
    grant = money.reserve(at=at, actor=actor, **parts)
    _enter(case, determination, asked, grant)
    return grant


def reserve_many(
    wishes: Sequence[Wish], *, city_code: str, actor: User, at: datetime, sharing: bool = False
) -> None:
    """The same for many of one city, in their order; all or none. See money.reserve_many."""
    wanted = [wish.asked for wish in wishes]
    grants = money.reserve_many(
        city_code=city_code, wanted=wanted, at=at, actor=actor, sharing=sharing
    )
    for wish, grant in zip(wishes, grants, strict=True):
        _enter(wish.case, wish.determination, wish.asked, grant)


def _enter(
    case: Application, determination: Determination, asked: money.Asked, grant: money.Grant
) -> None:
    """Put what was granted, and what was cut by what, on the determination (unsaved)."""
    entitled, requests = asked.assessed, asked.counters
    determination.granted = grant.amount
    determination.award_id = grant.award
    determination.cuts = [_told(cut, requests, case, entitled) for cut in grant.cuts]
    if entitled < determination.assessed:
        determination.cuts.insert(0, _granted_before(determination.assessed, entitled))


def _granted_before(assessed: Decimal, entitled: Decimal) -> dict[str, Any]:
    """The difference that awards since the proposal make, told like a cut."""
    return {
        "key": "history",
        "kind": "history",
        "unit": "yuan",
        "id": "history",
        "label": {"zh": "提出审定后另有授予", "en": "granted since it was proposed"},
        "limit": str(assessed),
        "used": str(assessed - entitled),
        "room": str(entitled),
        "cut": str(assessed - entitled),
    }


def _told(
    cut: money.Cut, requests: Sequence[CounterRequest], case: Application, assessed: Decimal
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
    } | ({"pro_rata": True} if cut.pro_rata else {})


def _label(cut: money.Cut, source: CounterRequest | None, case: Application) -> dict[str, str]:
    if cut.kind == "cap" and source:
        cap = next(cap for cap in rules(case).caps if cap.id == source.id)
        return {"zh": cap.label.zh, "en": cap.label.en}
    if cut.kind == "event":
        return {"zh": "同一事项不重复享受", "en": "one event is rewarded once"}
    if cut.kind == "budget":
        return {"zh": "年度预算", "en": "the year's budget"}
    return {"zh": "年度总额上限", "en": "yearly pool"}
