"""The public list of programmes and the page of each."""

from collections import defaultdict
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from applicants.models.party import PartyKind
from applicants.templatetags.huiqi import pick
from incentives.domain.listing import Wanted, listed, version_of
from incentives.domain.programmes import rules_of, warm
from incentives.models import Bureau, PolicyDocument, ProgrammeVersion
from incentives.policy.outcomes import CASE_TYPES
from incentives.presenters.outcomes import KINDS
from incentives.presenters.programmes import Card, Page
from incentives.views.choosing import Chooser

PER_PAGE = 24


class SearchForm(Chooser):
    """Once a city is chosen, only its documents and bureaus are offered."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.offer_words(_("Search"))
        self.offer_city()
        here = {"city": data["city"]} if data.get("city") else {}
        documents = PolicyDocument.objects.filter(**here, programme__is_open=True).distinct()
        self.offer("document", _("Document"), _("All documents"), self._documents(documents))
        bureaus = Bureau.objects.filter(**here)
        self.offer("bureau", _("Responsible bureau"), _("All bureaus"), self._by_city(bureaus))
        kinds = [(value, str(label)) for value, label in PartyKind.choices]
        self.offer("kind", _("Kind of applicant"), _("All kinds"), kinds)
        ends = [(kind, str(label)) for kind, label in KINDS.items()]
        self.offer("outcome", _("What it ends in"), _("Everything"), ends)
        types = [(name, pick(found.label)) for name, found in CASE_TYPES.items()]
        self.offer("case_type", _("Type of case"), _("All types"), types)

    def _documents(self, documents: Any) -> list[Any]:
        return self.grouped((one.city_id, one.code, one.title) for one in documents)

    def _by_city(self, bureaus: Any) -> list[Any]:
        return self.grouped((one.city_id, f"{one.city_id}:{one.code}", one.name) for one in bureaus)

    def grouped(self, rows: Any) -> list[Any]:
        """Choices under the name of their city; those of one city stand alone."""
        groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for city, value, label in rows:
            groups[city].append((value, label))
        if len(groups) < 2:
            return [choice for choices in groups.values() for choice in choices]
        return [(name, groups[code]) for code, name in self.cities if code in groups]


def programme_list(request: HttpRequest) -> HttpResponse:
    search = SearchForm(request.GET)
    wanted = Wanted(**search.chosen())
    pages = Paginator(listed(wanted).defer("definition"), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    versions = list(page.object_list)
    warm(versions)
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {
        "search": search,
        "cards": [Card(version, rules_of(version)) for version in versions],
        "page": page,
        "count": pages.count,
        "query": f"{asked.urlencode()}&" if asked else "",
        "narrowed": wanted != Wanted(),
    }
    return render(request, "programmes/list.html", context)


def version_or_404(city: str, code: str) -> ProgrammeVersion:
    version = version_of(city=city, code=code)
    if version is None:
        raise Http404
    return version


def page(request: HttpRequest, city: str, code: str) -> HttpResponse:
    return render(request, "programmes/page.html", {"page": Page(version_or_404(city, code))})
