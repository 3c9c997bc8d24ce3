"""“Could we get this?”, for a member from the profile and for anyone from what they type."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.domain import members
from applicants.models import Party
from applicants.models.party import PartyKind
from incentives.domain import eligibility
from incentives.domain.facts import read_values
from incentives.domain.listing import Wanted, listed
from incentives.domain.programmes import rules_of, settings_of
from incentives.forms.facts import FactsForm
from incentives.policy.programme import Programme as Rules
from incentives.policy.rendering import render as render_assessment
from incentives.presenters.assessments import AssessmentTold, tell_assessment
from incentives.presenters.explanation import explained
from incentives.presenters.outcomes import KINDS
from incentives.presenters.questions import plain_questions
from incentives.views.choosing import city_choices
from incentives.views.programmes import version_or_404

Told = tuple[eligibility.Answer, AssessmentTold]


def parties_of(request: HttpRequest) -> list[Party]:
    if not request.user.is_authenticated:
        return []
    return list(members.parties_of(request.user))


def chosen_party(request: HttpRequest, parties: list[Party]) -> Party | None:
    """The party named in the address if it is one's own, otherwise the first."""
    wanted = request.GET.get("party", "")
    named = [party for party in parties if str(party.pk) == wanted]
    return next(iter([*named, *parties]), None)


class KindForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of applicant"), choices=PartyKind.choices)


def chosen_kind(request: HttpRequest, party: Party | None) -> str:
    if party:
        return party.kind
    form = KindForm({"kind": request.POST.get("kind") or request.GET.get("kind")})
    return form.cleaned_data["kind"] if form.is_valid() else ""


def chosen_city(request: HttpRequest, party: Party | None) -> str:
    """One city at a time: the one asked for, else the applicant's, else the first."""
    cities = [code for code, _name in city_choices()]
    own = party.district.city_id if party and party.district else ""
    return next(code for code in [request.GET.get("city"), own, *cities] if code in cities)


def by_outcome(answers: list[Told]) -> list[tuple[str, list[Told]]]:
    """Grouped by what the programmes end in, money first; in each the promising ones first."""
    groups = [
        (str(words), [one for one in answers if one[0].rules.outcome.kind == kind])
        for kind, words in KINDS.items()
    ]
    return [(words, found) for words, found in groups if found]


def overview(request: HttpRequest) -> HttpResponse:
    parties = parties_of(request)
    party = chosen_party(request, parties)
    kind = chosen_kind(request, party)
    profile = eligibility.profile_of(party) if party else {}
    city = chosen_city(request, party)
    programmes = listed(Wanted(city=city)).defer("definition") if kind else []
    found = eligibility.overview(programmes, kind=kind, profile=profile, on=timezone.localdate())
    answers = [(one, tell_assessment(one.rules, one.assessment)) for one in found]
    fitting = [one for one in answers if one[1].decision != "ineligible"]
    context = {
        "parties": parties,
        "party": party,
        "kind_form": KindForm(initial={"kind": kind}),
        "city": city,
        "cities": city_choices(),
        "kind": kind,
        "answers": answers,
        "groups": by_outcome(fitting),
        "unfit": [one for one in answers if one[1].decision == "ineligible"],
    }
    return render(request, "programmes/eligibility.html", context)


def one_programme(request: HttpRequest, city: str, code: str) -> HttpResponse:
    version = version_or_404(city, code)
    rules, settings = rules_of(version), settings_of(version.programme)
    parties = parties_of(request)
    party = chosen_party(request, parties)
    kept = eligibility.usable(rules, eligibility.profile_of(party)) if party else {}
    form, facts = answered(request, rules, settings, kept)
    kind = chosen_kind(request, party)
    found = eligibility.answer(
        version, kind=kind, facts=facts, settings=settings, on=timezone.localdate()
    )
    context = {
        "programme": version.programme,
        "parties": parties,
        "party": party,
        "kind": kind,
        "kinds": PartyKind.choices,
        "form": form,
        "questions": plain_questions(form),
        "told": tell_assessment(rules, found.assessment),
    }
    if "explain" in request.POST:
        context["sheet"] = explained(version, render_assessment(found.assessment), facts)
        return render(request, "programmes/explanation.html", context)
    return render(request, "programmes/eligibility_of.html", context)


def answered(
    request: HttpRequest, rules: Rules, settings: dict[str, Any], kept: dict[str, Any]
) -> tuple[FactsForm, dict[str, Any]]:
    """The form as typed, with what is wrong beside it, and the facts that could be read."""
    today = timezone.localdate()
    if request.method != "POST":
        keys = eligibility.keys_asked(rules, kept, settings, today)
        return FactsForm(rules.facts, keys=keys, kept=kept), kept
    everything = FactsForm(rules.facts, keys=rules.facts, kept=kept, data=request.POST)
    read, problems = read_values(rules, everything.typed_values())
    typed = {key: value for key, value in read.items() if value is not None}
    facts = {key: value for key, value in kept.items() if key not in {*read, *problems}} | typed
    keys = eligibility.keys_asked(rules, facts, settings, today)
    form = FactsForm(rules.facts, keys=keys, kept=facts, data=request.POST)
    form.refuse({key: problem for key, problem in problems.items() if key in form.fields})
    asked = {key: value for key, value in facts.items() if key in keys}
    return form, asked
