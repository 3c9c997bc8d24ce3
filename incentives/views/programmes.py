"""The public list of programmes and the page of each."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from applicants.models.party import PartyKind
from incentives.domain.listing import Wanted, listed, version_of
from incentives.domain.programmes import rules_of
from incentives.models import Bureau, PolicyDocument, ProgrammeVersion
from incentives.presenters.programmes import Card, Page


class SearchForm(forms.Form):
    """Choices that do not exist find nothing rather than raise an error: links grow old."""

    words = forms.CharField(label=_("Search"), required=False, max_length=100)
    document = forms.CharField(label=_("Document"), required=False)
    bureau = forms.CharField(label=_("Responsible bureau"), required=False)
    kind = forms.CharField(label=_("Kind of applicant"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        documents = PolicyDocument.objects.filter(programme__is_open=True).distinct()
        bureaus = Bureau.objects.all()
        self._offer("document", _("All documents"), [(d.code, d.title) for d in documents])
        self._offer("bureau", _("All bureaus"), [(b.code, b.name) for b in bureaus])
        self._offer(
            "kind", _("All kinds"), [(value, str(label)) for value, label in PartyKind.choices]
        )

    def _offer(self, name: str, everything: object, choices: list[tuple[str, str]]) -> None:
        self.fields[name].widget = forms.Select(choices=[("", everything), *choices])

    def wanted(self) -> Wanted:
        return Wanted(**{name: self.cleaned_data.get(name, "") for name in self.fields})


def programme_list(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    form.is_valid()
    wanted = form.wanted()
    cards = [Card(version, rules_of(version)) for version in listed(wanted)]
    context = {"search": form, "cards": cards, "narrowed": wanted != Wanted()}
    return render(request, "programmes/list.html", context)


def version_or_404(city: str, code: str) -> ProgrammeVersion:
    version = version_of(city=city, code=code)
    if version is None:
        raise Http404
    return version


def page(request: HttpRequest, city: str, code: str) -> HttpResponse:
    return render(request, "programmes/page.html", {"page": Page(version_or_404(city, code))})
