"""Asking to look at a refusal again (复核), from the case's own page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from reviews.domain.reconsiderations import ask
from reviews.models import Application
from reviews.views.case import ReconsiderationForm, context_of
from reviews.views.doors import MemberRequest, case_page, case_url, problems_of


@case_page
def reconsider(request: MemberRequest, case: Application) -> HttpResponse:
    if request.method != "POST":
        return redirect(case_url(case))
    form = ReconsiderationForm(request.POST)
    if form.is_valid() and _asked(request, case, form):
        messages.success(request, _("Your request is filed; others than those who decided look."))
        return redirect(case_url(case))
    return render(request, "cases/case.html", context_of(request, case) | {"asking": form})


def _asked(request: MemberRequest, case: Application, form: ReconsiderationForm) -> bool:
    try:
        ask(case_id=case.pk, user=request.user, **form.cleaned_data)
    except Conflict:
        raise
    except Refused as refused:
        for name, problem in problems_of(refused).items():
            form.add_error(name if name in form.fields else None, problem)
        return False
    return True
