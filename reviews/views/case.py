"""A case as its applicant sees it: where it stands, what was decided, what is paid."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from reviews.domain import applications
from reviews.domain.assessing import rules
from reviews.domain.letters import letters_to
from reviews.domain.reconsiderations import last_day, may_ask
from reviews.models import Application, PublicityItem
from reviews.models.lifecycle import EDITABLE, TRANSITIONS, CaseState
from reviews.presenters.decisions import tell_decision
from reviews.presenters.next_step import next_step
from reviews.presenters.outcomes import entry_of
from reviews.presenters.payments import tell_award, tell_findings, tell_settlements
from reviews.presenters.timeline import timeline
from reviews.views.doors import MemberRequest, case_page, case_url


class ReconsiderationForm(forms.Form):
    use_required_attribute = False

    text = forms.CharField(
        label=_l("Why the decision should be looked at again"),
        max_length=4000,
        help_text=_l("What was overlooked or misread, and the paper that shows it."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


@case_page
def case(request: MemberRequest, case: Application) -> HttpResponse:
    return render(request, "cases/case.html", context_of(request, case))


def context_of(request: MemberRequest, case: Application) -> dict[str, Any]:
    shown = PublicityItem.objects.filter(application=case).select_related("notice")
    asks = may_ask(case)
    return {
        "case": case,
        "next_step": next_step(case),
        "timeline": timeline(case),
        "letters": letters_to(request.user).filter(application=case).order_by("-id"),
        "decision": tell_decision(case),
        "pays": rules(case).outcome.pays,
        "entry": entry_of(case),
        "publicity": shown.order_by("-id").first(),
        "award": tell_award(case),
        "findings": tell_findings(case),
        "settlements": tell_settlements(case),
        "editable": case.state in EDITABLE,
        "withdrawable": may_withdraw(case),
        "tag": TAGS.get(CaseState(case.state), "quiet"),
        "reconsiderations": case.reconsiderations.order_by("id"),
        "asking": ReconsiderationForm() if asks else None,
        "ask_until": last_day(case) if asks else None,
    }


TAGS = {
    CaseState.RETURNED: "warn",
    CaseState.AWARDED: "ok",
    CaseState.CONCLUDED: "ok",
    CaseState.NOT_ACCEPTED: "bad",
    CaseState.REFUSED: "bad",
}


def may_withdraw(case: Application) -> bool:
    return (case.state, CaseState.WITHDRAWN) in TRANSITIONS


@case_page
def receipt(request: MemberRequest, case: Application) -> HttpResponse:
    """The proof of filing; it stays at its address for as long as the case does."""
    if case.number is None:
        return redirect(case_url(case))
    return render(request, "cases/receipt.html", {"case": case, "next_step": next_step(case)})


@case_page
def withdraw(request: MemberRequest, case: Application) -> HttpResponse:
    """Asks before it acts: a withdrawn case does not come back."""
    if request.method != "POST":
        if not may_withdraw(case):
            return redirect(case_url(case))
        return render(request, "cases/withdraw.html", {"case": case})
    reason = request.POST.get("reason", "")[:1000]
    applications.withdraw(case_id=case.pk, user=request.user, reason=reason)
    messages.success(request, _("The application is withdrawn."))
    return redirect(case_url(case))
