"""What is wrong with a case, each line with the place on the page where it is put right."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from applicants.templatetags.huiqi import pick
from incentives.policy.programme import Programme as Rules
from reviews.models import Application


@dataclass(frozen=True)
class Line:
    url: str
    label: str
    problem: str


def problem_lines(case: Application, rules: Rules, problems: Mapping[str, str]) -> list[Line]:
    return [
        Line(place(case, rules, name), label(rules, name), problem)
        for name, problem in problems.items()
    ]


def place(case: Application, rules: Rules, name: str) -> str:
    """The address of the field: facts and papers on the form, payees on their own page."""
    if name in ("payees", rules.roles.members):
        return reverse("reviews:payees", args=[case.pk])
    form = reverse("reviews:form", args=[case.pk])
    if name in rules.facts:
        return f"{form}#id_fact-{name}"
    if name.startswith("evidence-") or name == "account":
        return f"{form}#{name}"
    if name.startswith("promise-"):
        return f"{form}#id_{name}"
    return ""


def label(rules: Rules, name: str) -> str:
    key = name.removeprefix("evidence-")
    if name.startswith("promise-"):
        key = name.removeprefix("promise-").rpartition("-")[0]
    fact = rules.facts.get(key)
    return pick(fact.label) if fact else ""
