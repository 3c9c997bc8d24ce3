"""The questions of a facts form, each with its field, unit and the papers to bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms.boundfield import BoundField

from applicants.templatetags.huiqi import pick
from incentives.forms.facts import FactsForm


@dataclass(frozen=True)
class Question:
    """`attached` are the papers laid beside the fact so far."""

    key: str
    field: BoundField
    unit: str
    papers: tuple[str, ...]
    attached: Sequence[Any] = ()
    problem: str = ""


def plain_questions(form: FactsForm) -> list[Question]:
    return questions(form, {}, {})


def questions(
    form: FactsForm, attached: Mapping[str, Sequence[Any]], problems: Mapping[str, str]
) -> list[Question]:
    """`problems` are those of the papers, by fact."""
    return [
        question(form, key, attached.get(key, ()), problems.get(key, "")) for key in form.fields
    ]


def question(form: FactsForm, key: str, attached: Sequence[Any], problem: str) -> Question:
    papers = tuple(pick(paper) for paper in form.facts[key].evidence)
    return Question(key, form[key], form.unit(key), papers, attached, problem)
