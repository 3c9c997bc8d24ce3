"""Check the answers, declare that they are true, and file."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from applicants.domain.errors import Conflict, Refused
from incentives.presenters.assessments import tell_assessment
from reviews.domain import applications
from reviews.domain.assessing import assess_case, declared_facts, rules
from reviews.domain.completeness import require_complete
from reviews.models import Application
from reviews.models.lifecycle import EDITABLE
from reviews.presenters.answers import answers
from reviews.presenters.lines import problem_lines
from reviews.views.doors import MemberRequest, case_page, case_url, problems_of


@case_page
def check(request: MemberRequest, case: Application) -> HttpResponse:
    if request.method != "POST":
        if case.state not in EDITABLE:
            return redirect(case_url(case))
        return render(request, "cases/check.html", page(case, still_wrong(case)))
    declared = request.POST.get("declaration") == "on"
    try:
        applications.submit(case_id=case.pk, user=request.user, declared_true=declared)
    except Conflict:
        raise
    except Refused as refused:
        problems = still_wrong(case) | problems_of(refused)
        return render(request, "cases/check.html", page(case, problems))
    return redirect("reviews:receipt", case.pk)


def still_wrong(case: Application) -> dict[str, str]:
    try:
        require_complete(case)
    except Refused as refused:
        return problems_of(refused)
    return {}


def page(case: Application, problems: dict[str, str]) -> dict[str, Any]:
    found = rules(case)
    facts = declared_facts(case)
    return {
        "case": case,
        "rules": found,
        "answers": answers(case, found, facts),
        "told": tell_assessment(found, assess_case(case, facts=facts)),
        "lines": problem_lines(case, found, problems),
        "payees": case.payee_shares.select_related("party", "account"),
    }
