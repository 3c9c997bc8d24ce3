"""A worked example of a programme in a reader's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.policy.examples import Example
from incentives.policy.programme import Programme as Rules
from incentives.presenters.assessments import decision_words, sum_words
from incentives.presenters.words import value_of


@dataclass(frozen=True)
class ExampleTold:
    title: str
    facts: tuple[tuple[str, str], ...]
    result: str
    working: str


def tell_example(rules: Rules, example: Example) -> ExampleTold:
    return ExampleTold(
        title=pick(example.title),
        facts=(*_example_facts(rules, example.facts), *_example_history(rules, example)),
        result=_example_result(example),
        working=pick(example.working),
    )


def _example_facts(rules: Rules, facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key, value in facts.items():
        fact = rules.scope.get(key)
        if fact is not None:
            yield pick(fact.label), _readable(fact, value)


def _example_history(rules: Rules, example: Example) -> Iterable[tuple[str, str]]:
    for name, before in example.history.items():
        tally = pick(rules.tallies[name].label)
        yield _("Granted before (%(tally)s)") % {"tally": tally}, yuan(before)


def _readable(fact: Any, value: Any) -> str:
    """Examples are written as people type; a percentage keeps its sign."""
    return str(value) if fact.type == "percent" else value_of(fact, value)


def _example_result(example: Example) -> str:
    if example.granted is not None:
        return _("%(sum)s granted") % {"sum": yuan(Decimal(example.granted))}
    return sum_words(example.amount, example.minimum, example.maximum) or decision_words(
        example.decision or "eligible"
    )
