"""The public registers of the cities, and what an applicant holds."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from applicants.domain.names import public_name
from applicants.models import City, Party
from applicants.views.keyset import page_of
from applicants.views.scope import member_page
from incentives.domain import register_lists
from incentives.domain.register_lists import Levels
from incentives.models import Programme, RegisterEntry
from incentives.models.register import EntryKind
from incentives.presenters import registers as words
from incentives.views.choosing import Chooser, city_choices

BESIDE = ("city", "bureau", "programme__document", "party")


class RegisterSearch(Chooser):
    """Narrows the lists by city and by kind of register."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_city()
        self.offer_kind([(kind.value, str(kind.label)) for kind in EntryKind])


def registers(request: HttpRequest) -> HttpResponse:
    """Every list that has an entry in force, by city and kind, with its count."""
    search = RegisterSearch(request.GET)
    found = register_lists.lists(timezone.localdate(), **search.chosen())
    context = {"search": search, "groups": _groups(found), "narrowed": search.narrowed}
    return render(request, "registers/lists.html", context)


def _groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One for each kind of register in a city, its lists by title."""
    titles = _titles(rows)
    cities = dict(city_choices())
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["city"], row["kind"])
        kind, city = EntryKind(row["kind"]).label, cities[row["city"]]
        group = groups.setdefault(key, {"city": city, "kind": kind, "lists": []})
        group["lists"].append(row | {"label": titles[row["city"], row["title"]]})
    return list(groups.values())


def _titles(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """The label that the newest entry of each list carries."""
    named = RegisterEntry.objects.filter(title__in={row["title"] for row in rows})
    newest = named.order_by("city_id", "title", "-id").distinct("city_id", "title")
    return {(entry.city_id, entry.title): entry.label for entry in newest}


def one_list(request: HttpRequest, city: str, title: str) -> HttpResponse:
    searched = request.GET.get("words", "").strip()[:100]
    today = timezone.localdate()
    everything = register_lists.one_list(today, city=city, title=title)
    newest = everything.order_by("-id").first()
    programme = Programme.objects.filter(city=city, code=title).select_related("document").first()
    if newest is None and programme is None:
        raise Http404(title)
    rows = register_lists.one_list(today, city=city, title=title, words=searched)
    page = page_of(request, rows)
    levels = Levels(entry.programme_id for entry in page.rows)
    more = f"&words={searched}" if searched else ""
    context = {
        "city": get_object_or_404(City, pk=city),
        "title": title,
        "label": newest.label if newest else programme,
        "programme": programme,
        "count": everything.count(),
        "words": searched,
        "rows": [(entry, public_name(entry.party), levels.of(entry)) for entry in page.rows],
        "next_url": f"{page.next_url}{more}" if page.next_url else "",
        "first_url": page.first_url,
    }
    return render(request, "registers/list.html", context)


def download(request: HttpRequest, city: str, title: str) -> StreamingHttpResponse:
    rows = register_lists.one_list(timezone.localdate(), city=city, title=title)
    if not rows.exists():
        raise Http404(title)
    levels = Levels(rows.values_list("programme", flat=True).order_by().distinct())
    stream = register_lists.csv_stream(rows, levels)
    response = StreamingHttpResponse(stream, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{city}-{title}.csv"'
    return response


@member_page
def held(request: HttpRequest, party: Party) -> HttpResponse:
    page = page_of(request, RegisterEntry.objects.filter(party=party).select_related(*BESIDE))
    levels = Levels(entry.programme_id for entry in page.rows)
    context = {
        "party": party,
        "rows": [(entry, levels.of(entry), words.tag(entry)) for entry in page.rows],
        "next_url": page.next_url,
        "first_url": page.first_url,
    }
    return render(request, "registers/held.html", context)


@member_page
def held_entry(request: HttpRequest, party: Party, entry: int) -> HttpResponse:
    found = get_object_or_404(RegisterEntry.objects.select_related(*BESIDE), party=party, pk=entry)
    context = words.certificate(found) | {"party": party, "steps": words.steps(found)}
    return render(request, "registers/held_entry.html", context)


@member_page
def certificate(request: HttpRequest, party: Party, entry: int) -> HttpResponse:
    found = get_object_or_404(RegisterEntry.objects.select_related(*BESIDE), party=party, pk=entry)
    return render(request, "registers/certificate.html", words.certificate(found))
