"""A programme's facts as forms and cases keep them: text in, JSON out, every fault by its field."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from incentives.domain.language import chosen
from incentives.policy.explain import percent
from incentives.policy.facts import is_empty, read_facts, shown
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import Fact, RosterFact
from incentives.policy.text import InputError

Kept = str | list[dict[str, str]] | None


def read_values(rules: Rules, values: Mapping[str, Any]) -> tuple[dict[str, Kept], dict[str, str]]:
    """What can be kept of the values, and what is wrong with the others, by fact.

    An empty value is kept as None: it clears the fact.
    """
    kept: dict[str, Kept] = {}
    problems: dict[str, str] = {}
    for key, value in values.items():
        if is_empty(value) and key in rules.facts:
            kept[key] = None
            continue
        try:
            read = read_facts(rules, {key: value})[key]  # refuses a key that is not asked for
            kept[key] = _kept(rules.facts[key], read)
        except InputError as error:
            problems[key] = "; ".join(
                _("%(problem)s: %(expected)s")
                % {"problem": chosen(p.problem), "expected": chosen(p.expected)}
                for p in error.problems
            )
    return kept, problems


def _kept(fact: Fact, value: Any) -> Kept:
    if isinstance(fact, RosterFact):
        return [{name: as_text(fact.columns[name], row[name]) for name in row} for row in value]
    return as_text(fact, value)


def as_text(fact: Fact, value: Any) -> str:
    """As text that is read back as the same value: above 100% only its sign tells a rate."""
    if fact.type == "percent" and value > 1:
        return percent(value)
    return shown(value)
