from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from applicants.views.keyset import page_of
from reviews.domain.queries import own_cases
from reviews.models.lifecycle import EDITABLE
from reviews.views.doors import MemberRequest


@login_required
def mine(request: MemberRequest) -> HttpResponse:
    cases = own_cases(request.user).select_related("programme", "applicant", "handling_bureau")
    page = page_of(request, cases)
    context = {
        "cases": page.rows,
        "next_url": page.next_url,
        "first_url": page.first_url,
        "editable": EDITABLE,
    }
    return render(request, "cases/mine.html", context)
