"""The facts of an organisation that several programmes ask for, entered once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from applicants.models import Party
from applicants.views.scope import member_page
from incentives.domain.eligibility import declare_profile, profile_of, shared_facts
from incentives.forms.facts import FactsForm
from incentives.presenters.questions import plain_questions


@member_page
def profile(request: HttpRequest, party: Party) -> HttpResponse:
    shared = shared_facts(party.kind)
    facts = {key: rules.facts[key] for key, rules in shared.items()}
    data = request.POST if request.method == "POST" else None
    form = FactsForm(facts, keys=facts, kept=profile_of(party), data=data)
    if data is not None:
        problems = declare_profile(
            party=party,
            shared=shared,
            values=form.typed_values(),
            user=request.user,  # type: ignore[arg-type]
        )
        form.refuse(problems)
        if not problems:
            messages.success(request, _("The profile is saved."))
            return redirect(f"{reverse('programmes:eligibility')}?party={party.pk}")
    context = {"party": party, "form": form, "questions": plain_questions(form)}
    return render(request, "programmes/profile.html", context)
