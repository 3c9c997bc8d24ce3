"""What the pages of a case share: whose it is, and how refusals of the domain reach the reader."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from applicants.domain.errors import Conflict, Refused
from applicants.models import User
from reviews.domain.queries import own_cases
from reviews.models import Application


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    htmx: HtmxDetails


CaseView = Callable[..., HttpResponse]
BESIDE = (
    "city",
    "programme__document",
    "version",
    "applicant__successor",
    "handling_bureau",
    "account",
    "assisted_by",
)


def case_page(view: CaseView) -> CaseView:
    """Give the view the reader's own case; a stranger's is not found, and a case that has moved on
    sends to its page."""

    @login_required
    @wraps(view)
    def shown(request: MemberRequest, pk: int, **more: Any) -> HttpResponse:
        case = get_object_or_404(own_cases(request.user).select_related(*BESIDE), pk=pk)
        try:
            return view(request, case, **more)
        except Conflict as conflict:
            messages.warning(request, " ".join(conflict.messages))
            return redirect(case_url(case))

    return shown


def case_url(case: Application) -> str:
    return reverse("reviews:case", args=[case.pk])


def problems_of(refused: Refused) -> dict[str, str]:
    """What was refused, by field; the empty name for what concerns no single field."""
    if not hasattr(refused, "error_dict"):
        return {"": " ".join(refused.messages)}
    return {name: " ".join(said) for name, said in refused.message_dict.items()}
