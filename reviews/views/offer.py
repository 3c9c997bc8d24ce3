"""The page of a case that the city opened: what was found, and the one answer that it needs."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.models import BankAccount
from incentives.presenters.assessments import tell_assessment
from reviews.domain import sweeps_offers
from reviews.domain.assessing import assess_case, declared_facts, rules
from reviews.domain.sweeps_evidence import from_lists
from reviews.models import Application
from reviews.models.application import Origin
from reviews.models.lifecycle import CaseState
from reviews.presenters.answers import answers
from reviews.presenters.lines import problem_lines
from reviews.views.check import still_wrong
from reviews.views.doors import MemberRequest, case_page, case_url, problems_of


@case_page
def offer(request: MemberRequest, case: Application) -> HttpResponse:
    if case.origin != Origin.SWEEP or case.state != CaseState.DRAFT:
        return redirect(case_url(case))
    if request.method != "POST":
        return render(request, "cases/offer.html", page(case))
    try:
        return decline(request, case) if "decline" in request.POST else confirm(request, case)
    except Conflict:
        raise
    except Refused as refused:
        case.refresh_from_db(fields=["account"])
        typed = request.POST.get("reason", "")[:1000]
        return render(request, "cases/offer.html", page(case, problems_of(refused), typed))


def confirm(request: MemberRequest, case: Application) -> HttpResponse:
    account = request.POST.get("account", "")
    sweeps_offers.confirm_offer(
        case_id=case.pk,
        account_id=int(account) if account.isdecimal() else None,
        user=request.user,
        declared_true=request.POST.get("declaration") == "on",
    )
    return redirect("reviews:receipt", case.pk)


def decline(request: MemberRequest, case: Application) -> HttpResponse:
    reason = request.POST.get("reason", "")[:1000]
    sweeps_offers.decline_offer(case_id=case.pk, reason=reason, user=request.user)
    messages.success(request, _("You have declined. You can still apply yourself later."))
    return redirect(case_url(case))


def page(
    case: Application, problems: dict[str, str] | None = None, reason: str = ""
) -> dict[str, Any]:
    """What is asked of the form's own page is told too: until it is done nothing can be filed."""
    found, facts = rules(case), declared_facts(case)
    known = from_lists(case)
    missing = {
        key: said for key, said in still_wrong(case).items() if key not in ("account", "reason")
    }
    told = problems or {}
    return {
        "case": case,
        "rules": found,
        "answers": [(one, one.key in known) for one in answers(case, found, facts)],
        "all_known": bool(known) and known >= facts.keys(),
        "told": tell_assessment(found, assess_case(case, facts=facts)),
        "lines": problem_lines(case, found, {**missing, **told}),
        "missing": missing,
        "account": BankAccount.objects.filter(party=case.applicant, is_current=True).first(),
        "pays": found.outcome.pays and found.roles.payee != "members",
        "typed_reason": reason,
    }
