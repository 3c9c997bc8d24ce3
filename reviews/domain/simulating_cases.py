"""Past cases to run a draft against: those filed for the programme, or those of a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from incentives.domain.lists import read_table
from incentives.models import Programme
from incentives.policy.programme import Programme as Rules
from reviews.domain import working_days
from reviews.domain.assessing import effective_facts, filing_day
from reviews.models import Application
from reviews.models.determination import DeterminationState
from reviews.models.lifecycle import CaseState

OWN = ("ref", "applicant", "district", "on", "approved_on")
CHOICE = "choice:"
LEFT_OUT = (CaseState.DRAFT, CaseState.WITHDRAWN)
UNKNOWN = {"zh": "未填写", "en": "not given"}


@dataclass(frozen=True)
class PastCase:
    """One case on its own facts; `district` in words, to group it by."""

    ref: str
    applicant: str
    district: Mapping[str, str]
    on: date
    approved_on: date
    facts: Mapping[str, Any]
    choices: Mapping[str, Any]


def past_cases(programme: Programme) -> list[PastCase]:
    """Every case that was filed, in the order of approval, on the facts that count in it."""
    cases = (
        Application.objects.filter(programme=programme)
        .exclude(state__in=LEFT_OUT)
        .select_related("applicant__district")
        .prefetch_related("facts", "determinations")
    )
    return sorted(map(_of_case, cases), key=lambda one: (one.approved_on, one.ref))


def _of_case(case: Application) -> PastCase:
    living = [
        one
        for one in case.determinations.all()
        if one.state in (DeterminationState.PROPOSED, DeterminationState.APPROVED)
    ]
    facts = living[-1].facts if living else effective_facts(case)
    approved = living[-1].approved_at if living else None
    district = case.applicant.district
    return PastCase(
        ref=case.number or str(case.pk),
        applicant=str(case.applicant_id),
        district={"zh": district.name_zh, "en": district.name_en} if district else UNKNOWN,
        on=filing_day(case),
        approved_on=working_days.day_of(approved) if approved else filing_day(case),
        facts={**facts, "applicant_kind": case.applicant.kind},
        choices=living[-1].choices if living else {},
    )


def listed_cases(name: str, content: bytes, *rules: Rules) -> list[PastCase]:
    """The rows of a list: `applicant` and `on`, facts by their keys or Chinese labels, choices as
    `choice:rate`. Raises Refused for headings and days that cannot be read."""
    table = read_table(name, content)
    columns = [_meaning(heading, rules) for heading in table.headings]
    missing = [heading for heading in ("applicant", "on") if heading not in columns]
    unknown = [
        heading
        for heading, column in zip(table.headings, columns, strict=True)
        if column is None and heading
    ]
    if missing or unknown:
        raise Refused({"file": _headings_refused(missing, unknown, rules)})
    return [_of_row(number, columns, row) for number, row in table.rows]


def _meaning(heading: str, rules: tuple[Rules, ...]) -> str | None:
    bare = heading.strip()
    facts = {key: fact for one in rules for key, fact in one.given.items()}
    if bare in OWN or bare in facts or bare.startswith(CHOICE):
        return bare
    return next((key for key, fact in facts.items() if bare == fact.label.zh), None)


def _headings_refused(missing: list[str], unknown: list[str], rules: tuple[Rules, ...]) -> str:
    known = ", ".join([*OWN, *dict.fromkeys(key for one in rules for key in one.given)])
    return _("Headings missing: %(missing)s; not known: %(unknown)s. Write: %(known)s.") % {
        "missing": ", ".join(missing) or "—",
        "unknown": ", ".join(unknown) or "—",
        "known": known,
    }


def _of_row(number: int, columns: list[str | None], row: list[str]) -> PastCase:
    cells = {c: cell for c, cell in zip(columns, row, strict=False) if c and cell}
    district = cells.get("district")
    on = _day(number, "on", cells.get("on", ""))
    return PastCase(
        ref=cells.get("ref", str(number)),
        applicant=cells.get("applicant", ""),
        district={"zh": district, "en": district} if district else UNKNOWN,
        on=on,
        approved_on=_day(number, "approved_on", cells.get("approved_on", on.isoformat())),
        facts={k: v for k, v in cells.items() if k not in OWN and not k.startswith(CHOICE)},
        choices={k.removeprefix(CHOICE): v for k, v in cells.items() if k.startswith(CHOICE)},
    )


def _day(number: int, heading: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        told = _("Row %(row)s, %(heading)s: write a day such as 2026-01-31.")
        raise Refused({"file": told % {"row": number, "heading": heading}}) from error
