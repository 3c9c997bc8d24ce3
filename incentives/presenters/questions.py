"""The questions of a facts form, each with its field, unit and the papers to bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.forms.boundfield import BoundField

from applicants.templatetags.huiqi import pick
from incentives.domain.papers import brought_at
from incentives.forms.facts import FactsForm
from incentives.policy.programme import Programme as Rules


@dataclass(frozen=True)
class Question:
    """`attached` are the papers laid beside the fact so far.

    `papers_at` is the label of an earlier question where the same papers are brought, or empty.
    """

    key: str
    field: BoundField
    unit: str
    papers: tuple[str, ...]
    attached: Sequence[Any] = ()
    problem: str = ""
    papers_at: str = ""


def plain_questions(form: FactsForm) -> list[Question]:
    return [_question(form, key) for key in form.fields]


def questions(
    form: FactsForm,
    rules: Rules,
    attached: Mapping[str, Sequence[Any]],
    problems: Mapping[str, str],
) -> list[Question]:
    """`problems` are those of the papers, by fact. Papers asked for twice are asked for once."""
    at = brought_at(rules, list(form.fields))
    return [
        replace(
            _question(form, key),
            attached=attached.get(key, ()),
            problem=problems.get(key, ""),
            papers_at="" if at[key] == key else pick(form.facts[at[key]].label),
        )
        for key in form.fields
    ]


def _question(form: FactsForm, key: str) -> Question:
    papers = tuple(pick(paper) for paper in form.facts[key].evidence)
    return Question(key, form[key], form.unit(key), papers)
