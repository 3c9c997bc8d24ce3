from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.members import parties_of
from applicants.models import Party
from incentives.domain.programmes import rules_of
from incentives.models import Programme
from reviews.domain.applications import start_application
from reviews.domain.behalf import assisted_by
from reviews.views.doors import MemberRequest, problems_of


@login_required
def start(request: MemberRequest, city: str, code: str) -> HttpResponse:
    """Open a draft; asks for whom when the member acts for several that qualify."""
    programme = get_object_or_404(Programme, city=city, code=code, is_open=True)
    parties = [*parties_of(request.user).order_by("name", "id"), *assisted_by(request.user)]
    if not parties:
        messages.info(request, _("Register your organisation, or yourself, before you apply."))
        return redirect("applicants:parties")
    fitting = fitting_first(parties, programme)
    party = chosen(request, fitting)
    if request.method != "POST" or party is None:
        return ask(request, programme, fitting)
    try:
        case = start_application(party=party, programme=programme, user=request.user)
    except Refused as refused:
        return ask(request, programme, fitting, " ".join(problems_of(refused).values()))
    return redirect("reviews:form", case.pk)


def fitting_first(parties: list[Party], programme: Programme) -> list[Party]:
    """Those of the kinds that the programme is for, or all when none is."""
    kinds = rules_of(programme.current).roles.applicant
    return [party for party in parties if party.kind in kinds] or parties


def chosen(request: MemberRequest, parties: list[Party]) -> Party | None:
    wanted = request.POST.get("party", "")
    named = [party for party in parties if str(party.pk) == wanted]
    if named:
        return named[0]
    return parties[0] if len(parties) == 1 else None


def ask(
    request: MemberRequest, programme: Programme, parties: list[Party], problem: str = ""
) -> HttpResponse:
    context = {"programme": programme, "parties": parties, "problem": problem}
    return render(request, "cases/start.html", context)
