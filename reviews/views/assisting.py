"""Help at the window, as those see it who are helped: who may file for them, and the end of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applicants.domain.errors import Conflict
from reviews.domain import assistance, working_days
from reviews.views.doors import MemberRequest

SHOWN = 50


@login_required
def listed(request: MemberRequest) -> HttpResponse:
    """The newest of each applicant and clerk is the one that stands, if any does."""
    rows = list(assistance.assistance_for(request.user).select_related("document")[:SHOWN])
    newest: set[tuple[int, int]] = set()
    shown = []
    for one in rows:
        first = (one.party_id, one.clerk_id) not in newest
        newest.add((one.party_id, one.clerk_id))
        lasting = one.ended_by_id is None and one.ends_on >= working_days.today()
        shown.append((one, first and lasting))
    return render(request, "cases/assistance.html", {"rows": shown})


@require_POST
@login_required
def end(request: MemberRequest, pk: int) -> HttpResponse:
    if not assistance.assistance_for(request.user).filter(pk=pk).exists():
        raise Http404
    try:
        assistance.end(assistance_id=pk, user=request.user)
        messages.success(request, _("The help at the window has ended."))
    except Conflict as conflict:
        messages.warning(request, " ".join(conflict.messages))
    return redirect("reviews:assistance")
