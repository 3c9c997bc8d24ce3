"""The form of a case, made from its programme's facts and saved as one goes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.models import BankAccount
from applicants.templatetags.huiqi import pick
from incentives.domain.eligibility import keys_asked
from incentives.forms.facts import FactsForm
from incentives.presenters.questions import Question, questions
from reviews.domain.assessing import (
    declared_facts,
    filing_day,
    rules,
    settings_in_force,
    with_kind,
)
from reviews.domain.papers import papers_by_fact
from reviews.models import Application
from reviews.models.lifecycle import EDITABLE
from reviews.presenters.lines import problem_lines
from reviews.views.doors import MemberRequest, case_page, case_url
from reviews.views.saving import questions_of, save


@case_page
def form(request: MemberRequest, case: Application) -> HttpResponse:
    if case.state not in EDITABLE:
        return redirect(case_url(case))
    if request.method != "POST":
        return render(request, "cases/form.html", page(case))
    problems = save(request, case)
    case.refresh_from_db(fields=["account"])
    if request.htmx:
        return saved_quietly(request, case, problems)
    if problems:
        return render(request, "cases/form.html", page(case, request, problems))
    return onward(request, case)


def onward(request: MemberRequest, case: Application) -> HttpResponse:
    """Where the button that was pressed leads."""
    if request.POST.get("action") == "check":
        return redirect("reviews:check", case.pk)
    if request.POST.get("action") == "later":
        messages.success(request, _("Saved. You can go on whenever you like."))
        return redirect("reviews:mine")
    messages.success(request, _("Saved."))
    return redirect("reviews:form", case.pk)


def page(
    case: Application, request: MemberRequest | None = None, problems: dict[str, str] | None = None
) -> dict[str, Any]:
    """What the form shows: the facts asked now, as kept or as just typed, and what is wrong."""
    wrong = problems or {}
    form = facts_form(case, request)
    form.refuse({key: problem for key, problem in wrong.items() if key in form.fields})
    account = BankAccount.objects.filter(party=case.applicant, is_current=True).first()
    return {
        "case": case,
        "form": form,
        "rules": rules(case),
        "slots": slots(case, form, paper_problems(wrong)),
        "members": members_papers(case, paper_problems(wrong)),
        "lines": problem_lines(case, rules(case), wrong),
        "current_account": account,
        "payees": case.payee_shares.select_related("party", "account"),
        "account_problem": wrong.get("account", ""),
    }


def slots(
    case: Application, form: FactsForm, problems: dict[str, str]
) -> list[tuple[str, Question | None]]:
    """Every fact that can be typed in, in order; None keeps the place of one not asked now."""
    shown = {
        question.key: question
        for question in questions(form, rules(case), papers_by_fact(case), problems)
    }
    return [(key, shown.get(key)) for key in questions_of(case)]


def members_papers(case: Application, problems: dict[str, str]) -> dict[str, Any] | None:
    """The papers of the list of members, which is not typed in but made from the payees."""
    key = rules(case).roles.members
    if key is None:
        return None
    fact = rules(case).facts[key]
    return {
        "key": key,
        "label": pick(fact.label),
        "papers": [pick(paper) for paper in fact.evidence],
        "attached": papers_by_fact(case)[key],
        "problem": problems.get(key, ""),
    }


def facts_form(case: Application, request: MemberRequest | None) -> FactsForm:
    kept = declared_facts(case)
    keys = keys_asked(rules(case), with_kind(case, kept), settings_in_force(case), filing_day(case))
    return FactsForm(
        rules(case).facts, keys=keys, kept=kept, data=request.POST if request else None
    )


def paper_problems(problems: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("evidence-"): problem
        for name, problem in problems.items()
        if name.startswith("evidence-")
    }


def saved_quietly(
    request: MemberRequest, case: Application, problems: dict[str, str]
) -> HttpResponse:
    """The answer to a save in the background: its state, and questions that come or go with it."""
    on_page = set(request.POST.getlist("asked"))
    moved = [
        (key, question)
        for key, question in slots(case, facts_form(case, None), {})
        if (question is not None) != (key in on_page)
    ]
    context = {"case": case, "lines": problem_lines(case, rules(case), problems), "moved": moved}
    return render(request, "cases/saved.html", context)
