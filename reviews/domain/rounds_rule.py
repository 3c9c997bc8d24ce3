"""The rule of a round as its preparer writes it, checked field by field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from reviews.models.round import CutBy, Ties

WHOLE = Decimal(100)
MOST_CRITERIA, MOST_SHEETS = 20, 15
ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
TAKEN = {"comment", "step"}  # names that the form of a sheet has already


@dataclass(frozen=True, slots=True)
class Rule:
    """How a round is scored and cut. `cut`: places, a least score or yuan, as `cut_by` says."""

    cut_by: CutBy
    cut: Decimal = Decimal(0)
    criteria: Sequence[Mapping[str, Any]] = ()
    sheets: int = 5
    ties: Ties = Ties.EARLIER
    moves_up: bool = False
    normalise: bool = True
    drop_extremes: bool = False
    deviations: Decimal = Decimal("1.50")


def fields_of(rule: Rule, *, by_rules: bool) -> dict[str, Any]:
    """The columns of a round; raises Refused with what is wrong, by field."""
    problems = _by_rules(rule) if by_rules else _by_scores(rule)
    if problems:
        raise Refused(problems)
    read = [] if by_rules else [_criterion(one) for one in rule.criteria]
    names = ("cut_by", "cut", "sheets", "ties", "moves_up", "normalise", "drop_extremes")
    rest = {name: getattr(rule, name) for name in (*names, "deviations")}
    return rest | {"criteria": read}


def _by_rules(rule: Rule) -> dict[str, str]:
    problems = {}
    if rule.cut_by != CutBy.RULES:
        problems["cut_by"] = _(
            "The programme's own rules rank and share; choose “as the programme's rules say”."
        )
    if rule.criteria:
        problems["criteria"] = _("What the rules rank themselves has no criteria; leave it empty.")
    return problems


def _by_scores(rule: Rule) -> dict[str, str]:
    problems = {}
    if said := _criteria(rule.criteria):
        problems["criteria"] = said
    if not 1 <= rule.sheets <= MOST_SHEETS:
        problems["sheets"] = _("Write how many experts score each case: 1 to %s.") % MOST_SHEETS
    if said := _cut(rule):
        problems["cut"] = said
    if rule.cut_by == CutBy.RULES:
        problems["cut_by"] = _("The programme's rules rank nothing; choose a cut of the round.")
    if rule.cut_by == CutBy.BUDGET and rule.ties == Ties.ALL:
        problems["ties"] = _("A budget is never exceeded; choose “none” or “the earlier filed”.")
    if rule.deviations <= 0:
        problems["deviations"] = _("Write a number above 0, such as 1.5.")
    return problems


def _cut(rule: Rule) -> str:
    if rule.cut_by == CutBy.NUMBER and (rule.cut < 1 or rule.cut != rule.cut.to_integral_value()):
        return _("Write a whole number of places, at least 1.")
    if rule.cut_by == CutBy.SCORE and not 0 <= rule.cut <= WHOLE:
        return _("Write a score from 0 to 100.")
    if rule.cut_by == CutBy.BUDGET and rule.cut <= 0:
        return _("Write the budget in yuan, above 0.")
    return ""


def _criteria(criteria: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with them, in words; empty when nothing is."""
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        return _("Write 1 to %s criteria.") % MOST_CRITERIA
    for place, one in enumerate(criteria, 1):
        if said := _criterion_problem(one):
            return _("Criterion %(place)s: %(problem)s") % {"place": place, "problem": said}
    ids = [one["id"] for one in criteria]
    if len(set(ids)) < len(ids):
        return _("Give each criterion an id of its own.")
    weights = sum((Decimal(str(one["weight"])) for one in criteria), Decimal(0))
    if weights != WHOLE:
        return _("The weights add up to %s; they have to add up to 100.") % weights
    return ""


def _criterion_problem(one: Mapping[str, Any]) -> str:
    if not ID.fullmatch(str(one.get("id", ""))) or one["id"] in TAKEN:
        return _("write its id in small letters, digits and hyphens, such as novelty.")
    for name in ("zh", "en"):
        if not str(one.get(name, "")).strip():
            return _("write its %s.") % name
    for name in ("weight", "most"):
        if (value := number(one.get(name))) is None or value <= 0 or value > WHOLE:
            return _("write its %s as a number above 0, up to 100.") % name
    return ""


def _criterion(one: Mapping[str, Any]) -> dict[str, str]:
    words = {name: str(one[name]).strip() for name in ("id", "zh", "en")}
    return words | {name: f"{number(one[name]):f}" for name in ("weight", "most")}


def number(given: Any) -> Decimal | None:
    """A plain decimal of at most two places, or None."""
    try:
        value = Decimal(str(given).strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or int(value.as_tuple().exponent) < -2:
        return None
    return value
