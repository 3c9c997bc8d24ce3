"""Assess cases given as JSON, one a line: anyone can check a rule, without a database."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from incentives.domain.json_lines import day, named, read_object, require_keys, require_objects
from incentives.policy.assessment import assess
from incentives.policy.programme import Programme as Rules
from incentives.policy.rendering import render, render_error
from incentives.policy.text import InputError

KEYS = {"programme", "on", "facts", "choices"}


def assess_lines(
    lines: Iterable[str], *, programmes: Mapping[str, Rules], settings: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """One result for each line that is not blank: an assessment, or the first error of the line."""
    for line in lines:
        if line.strip():
            try:
                case = read_object(line)
                require_keys(case, KEYS)
                require_objects(case, "facts", "choices")
                yield _assessed(case, programmes, settings)
            except InputError as error:
                yield render_error(error)


def _assessed(
    case: dict[str, Any], programmes: Mapping[str, Rules], settings: Mapping[str, Any]
) -> dict[str, Any]:
    rules = named(case.get("programme"), programmes)
    return render(
        assess(
            rules,
            on=day(case.get("on")),
            facts=case.get("facts", {}),
            choices=case.get("choices", {}),
            settings=settings.get(rules.code, {}),
        )
    )
