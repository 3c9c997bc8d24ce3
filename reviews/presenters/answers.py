"""The answers of a case on one page: each fact with its value, its papers and the way to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from applicants.templatetags.huiqi import pick
from incentives.domain.eligibility import keys_asked
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import RosterFact
from incentives.presenters.words import value_of
from reviews.domain.assessing import filing_day, settings_in_force, with_kind
from reviews.domain.papers import papers_by_fact
from reviews.models import Application, Evidence


@dataclass(frozen=True)
class Answer:
    """`rows` and `columns` are those of a list fact."""

    key: str
    label: str
    value: str
    papers: tuple[Evidence, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def answers(case: Application, rules: Rules, facts: Mapping[str, Any]) -> list[Answer]:
    papers = papers_by_fact(case)
    keys = keys_asked(
        rules, with_kind(case, dict(facts)), settings_in_force(case), filing_day(case)
    )
    members = [rules.roles.members] if rules.roles.members else []
    return [answer(rules, key, facts.get(key), tuple(papers[key])) for key in [*keys, *members]]


def answer(rules: Rules, key: str, value: Any, papers: tuple[Evidence, ...]) -> Answer:
    fact = rules.facts[key]
    if not isinstance(fact, RosterFact):
        return Answer(key, pick(fact.label), value_of(fact, value), papers)
    return Answer(
        key,
        pick(fact.label),
        value_of(fact, value),
        papers,
        tuple(pick(column.label) for column in fact.columns.values()),
        tuple(
            tuple(value_of(column, row.get(name)) for name, column in fact.columns.items())
            for row in value or []
        ),
    )
