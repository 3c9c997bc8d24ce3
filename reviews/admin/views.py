"""The steps of a case as posted from its page: find the case, read the form, call the verb."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, told_of_crossing
from incentives.models import Bureau
from reviews.admin import casepage
from reviews.admin.access import person
from reviews.admin.doors import DOORS
from reviews.admin.forms import ProposeForm, StepForm
from reviews.domain.actions import Action, available
from reviews.domain.queries import cases_for_staff
from reviews.models import Application

LIST = "admin:reviews_application_changelist"
CASE = "admin:reviews_application_change"
READ_WITH = (
    "city",
    "programme__document",
    "version",
    "applicant__district",
    "handling_bureau",
    "account",
)


def case_seen_by(request: HttpRequest, pk: Any) -> Application:
    """The case, if it is for the eyes of the person who asks; else it does not exist."""
    case = cases_for_staff(person(request)).filter(pk=pk).select_related(*READ_WITH).first()
    if case is None:
        raise Http404(_("There is no such case for you."))
    return case


def show(request: HttpRequest, pk: int) -> HttpResponse:
    return casepage.page(request, case_seen_by(request, pk))


def act(request: HttpRequest, pk: int, name: str, bureau: int | None = None) -> HttpResponse:
    """One step. What the verb refuses comes back beside its field, with everything still typed."""
    case = case_seen_by(request, pk)
    if name not in DOORS:
        raise Http404(name)
    if request.method != "POST":
        return redirect(CASE, pk)
    action = Action(name, _bureau(case, bureau))
    form = casepage.form_for(case, action, request.POST, request.FILES)
    if not form.is_valid():
        return _typed_again(request, case, form)
    if isinstance(form, ProposeForm) and "preview" in request.POST:
        return casepage.page(request, case, form, previewed=casepage.preview(case, form))
    return _done(request, case, form)


def _bureau(case: Application, pk: int | None) -> Bureau | None:
    if pk is None:
        return None
    found = Bureau.objects.filter(pk=pk, city=case.city_id).first()
    if found is None:
        raise Http404(pk)
    return found


def _done(request: HttpRequest, case: Application, form: StepForm) -> HttpResponse:
    door = DOORS[form.action.name]
    try:
        with told_of_crossing():
            door.run(form, person(request))
    except Conflict as conflict:
        messages.warning(request, " ".join(conflict.messages))
        return _onward(request, case.pk)
    except ValidationError as refused:
        form.take(refused)
        return _typed_again(request, case, form)
    messages.success(request, str(door.done))
    return _onward(request, case.pk)


def _typed_again(request: HttpRequest, case: Application, form: StepForm) -> HttpResponse:
    own = [*available(case, person(request)), Action("declare")]
    if form.action not in own:
        messages.warning(request, _("This step is not open to you now; the case has moved on."))
        return _onward(request, case.pk)
    return casepage.page(request, case, form)


def _onward(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Back to the case, or to the list when the step took it out of the person's sight."""
    seen = cases_for_staff(person(request)).filter(pk=pk).exists()
    return HttpResponseRedirect(reverse(CASE, args=[pk]) if seen else reverse(LIST))
