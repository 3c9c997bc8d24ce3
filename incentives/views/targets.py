"""The public pages of the targets: all of them against plan, one with its history, downloads."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from applicants.models import City
from incentives.domain import targets, targets_export
from incentives.domain.targets import Progress, State, Wanted
from incentives.models import PolicyDocument
from incentives.presenters.targets import TargetTold

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TargetSearch(forms.Form):
    """Choices that do not exist find nothing rather than raise an error: links grow old."""

    words = forms.CharField(label=_("Search"), required=False, max_length=100)
    city = forms.CharField(label=_("City"), required=False)
    document = forms.CharField(label=_("Document"), required=False)
    state = forms.CharField(label=_("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        documents = PolicyDocument.objects.filter(target__isnull=False).distinct()
        cities = City.objects.filter(target__isnull=False).distinct()
        self._offer("city", _("All cities"), [(c.code, c.name) for c in cities])
        self._offer("document", _("All documents"), [(d.code, d.title) for d in documents])
        self._offer("state", _("All states"), [(s.value, str(s.label)) for s in State])

    def _offer(self, name: str, everything: object, choices: list[tuple[str, str]]) -> None:
        self.fields[name].widget = forms.Select(choices=[("", everything), *choices])

    def wanted(self) -> Wanted:
        return Wanted(**{name: self.cleaned_data.get(name, "") for name in self.fields})


def _asked(request: HttpRequest) -> tuple[TargetSearch, Wanted, list[Progress]]:
    form = TargetSearch(request.GET)
    form.is_valid()
    wanted = form.wanted()
    return form, wanted, targets.listed(wanted, today=timezone.localdate())


@require_safe
def target_list(request: HttpRequest) -> HttpResponse:
    form, wanted, found = _asked(request)
    context = {
        "search": form,
        "narrowed": wanted != Wanted(),
        "count": len(found),
        "states": _counts(found),
        "told": [TargetTold(one) for one in found],
        "filters": request.GET.urlencode(),
    }
    return render(request, "targets/list.html", context)


def _counts(found: list[Progress]) -> list[tuple[State, int]]:
    counts = {state: sum(one.state == state for one in found) for state in State}
    return [(state, count) for state, count in counts.items() if count]


@require_safe
def page(request: HttpRequest, city: str, code: str) -> HttpResponse:
    target = targets.targets().filter(city=city, code=code).first()
    if target is None:
        raise Http404
    told = TargetTold(targets.progress(target, today=timezone.localdate()))
    return render(request, "targets/page.html", {"one": told, "target": target})


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Exactly what the same filter lists."""
    _form, _wanted, found = _asked(request)
    response: HttpResponseBase
    if form == "csv":
        lines = targets_export.csv_lines(found)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    elif form == "xlsx":
        response = HttpResponse(targets_export.xlsx(found), content_type=XLSX)
    else:
        raise Http404(form)
    name = f"targets-{timezone.localdate():%Y%m%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
