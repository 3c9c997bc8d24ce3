"""The places of a case's form: what is asked, what is only shown, and what was said about it."""

from dataclasses import dataclass, replace

from incentives.forms.facts import FactsForm
from incentives.presenters.questions import Question, questions
from reviews.domain.assessing import declared_facts, rules
from reviews.domain.commitments import open_promises
from reviews.domain.papers import papers_by_fact
from reviews.domain.supplements import changeable
from reviews.models import Application, Commitment, Defect
from reviews.presenters.answers import Answer, answer
from reviews.views.doors import MemberRequest
from reviews.views.promising import PromiseForm, promise_form
from reviews.views.saving import questions_of


@dataclass(frozen=True)
class Slot:
    """`answer` stands instead of the field where nobody asked to change it.

    `changeable` are the facts that may be changed, None for all; `promise_form` is there where a
    missing paper may follow, `promise` is the one made so far.
    """

    question: Question
    changeable: set[str] | None
    defects: list[Defect]
    answer: Answer | None = None
    promise: Commitment | None = None
    promise_form: PromiseForm | None = None


def slots(
    case: Application,
    form: FactsForm,
    defects: list[Defect],
    problems: dict[str, str],
    request: MemberRequest | None,
) -> list[tuple[str, Slot | None]]:
    """Every fact that can be typed in, in order; None keeps the place of one not asked now."""
    papers, facts = papers_by_fact(case), declared_facts(case)
    named, promises = changeable(rules(case), defects), open_promises(case)
    found: dict[str, Slot] = {}
    for question in questions(form, rules(case), papers, paper_problems(problems)):
        key = question.key
        told = [one for one in defects if one.fact_key == key]
        # What is asked for is brought here, even where another fact asks for the same papers.
        slot = Slot(replace(question, papers_at="") if told else question, named, told)
        if named is not None and key not in named:
            shown = answer(rules(case), key, facts.get(key), tuple(papers[key]))
            slot = replace(slot, answer=shown)
        elif _may_follow(case, slot.question):
            made = promises.get(key)
            typed = promise_form(key, made, request, problems)
            slot = replace(slot, promise=made, promise_form=typed)
        found[key] = slot
    return [(key, found.get(key)) for key in questions_of(case)]


def _may_follow(case: Application, question: Question) -> bool:
    laid = question.attached or question.papers_at or not question.papers
    return rules(case).facts[question.key].may_follow and not laid


def paper_problems(problems: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("evidence-"): problem
        for name, problem in problems.items()
        if name.startswith("evidence-")
    }
