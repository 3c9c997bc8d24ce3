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
from reviews.domain.assessing import (
    declared_facts,
    filing_day,
    rules,
    settings_in_force,
    with_kind,
)
from reviews.domain.papers import papers_by_fact
from reviews.domain.supplements import changeable, open_defects
from reviews.models import Application, Defect
from reviews.models.lifecycle import EDITABLE
from reviews.presenters.lines import problem_lines
from reviews.views.doors import MemberRequest, case_page, case_url
from reviews.views.saving import save
from reviews.views.slots import Slot, paper_problems, slots


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
    defects = open_defects(case)
    form.refuse({key: problem for key, problem in wrong.items() if key in form.fields})
    account = BankAccount.objects.filter(party=case.applicant, is_current=True).first()
    return {
        "case": case,
        "form": form,
        "rules": rules(case),
        "defects": [(defect_place(case, one), one) for one in defects],
        "slots": slots(case, form, defects, wrong, request),
        "members": members_papers(case, defects, paper_problems(wrong)),
        "lines": problem_lines(case, rules(case), wrong),
        "current_account": account,
        "payees": case.payee_shares.select_related("party", "account"),
        "account_problem": wrong.get("account", ""),
    }


def defect_place(case: Application, defect: Defect) -> tuple[str, str]:
    """Where on the form the defect is mended, and the label of its fact; empty for no fact."""
    fact = rules(case).facts.get(defect.fact_key)
    if fact is None:
        return "", ""
    members = defect.fact_key == rules(case).roles.members
    return ("payees" if members else f"asked-{defect.fact_key}"), pick(fact.label)


def members_papers(
    case: Application, defects: list[Defect], problems: dict[str, str]
) -> dict[str, Any] | None:
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
        "changeable": changeable(rules(case), defects),
        "defects": [one for one in defects if one.fact_key == key],
    }


def facts_form(case: Application, request: MemberRequest | None) -> FactsForm:
    kept = declared_facts(case)
    keys = keys_asked(rules(case), with_kind(case, kept), settings_in_force(case), filing_day(case))
    return FactsForm(
        rules(case).facts, keys=keys, kept=kept, data=request.POST if request else None
    )


def saved_quietly(
    request: MemberRequest, case: Application, problems: dict[str, str]
) -> HttpResponse:
    """The answer to a save in the background: its state, and questions that come or go with it."""
    on_page = {*request.POST.getlist("asked"), *request.POST.getlist("shown")}
    moved: list[tuple[str, Slot | None]] = [
        (key, slot)
        for key, slot in slots(case, facts_form(case, None), open_defects(case), {}, None)
        if (slot is not None) != (key in on_page)
    ]
    context = {"case": case, "lines": problem_lines(case, rules(case), problems), "moved": moved}
    return render(request, "cases/saved.html", context)
