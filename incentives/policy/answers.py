"""Which facts a form still has to ask."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from .derive import look
from .facts import read_facts
from .judge import judge
from .programme import Programme


def asked(
    programme: Programme, on: date, facts: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[str]:
    """The facts asked in this case: those without `asked_if`, and those whose condition holds."""
    sight = look(programme, on, facts, settings).sight
    return [
        key
        for key, fact in programme.facts.items()
        if fact.asked_if is None or judge(fact.asked_if, sight).truth
    ]


def unanswered(
    programme: Programme, on: date, facts: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[str]:
    """The facts asked that are neither given nor optional, in the order of the form."""
    given = read_facts(programme, facts)
    return [
        key
        for key in asked(programme, on, facts, settings)
        if key not in given and not programme.facts[key].optional
    ]
