"""The filters that a person keeps: saved from the case list, opened, renamed and deleted there."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from reviews.admin.access import person
from reviews.domain.saved_views import delete_view, rename_view, save_view, views_of

LIST = "admin:reviews_application_changelist"


def shown(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's views, each as a filter of the list; the one that is open is marked."""
    now = sorted(request.GET.lists())
    return [
        {"pk": view.pk, "name": view.name, "query": view.query, "open": _same(view.query, now)}
        for view in views_of(person(request))
    ]


def _same(query: str, now: Any) -> bool:
    return sorted(QueryDict(query).lists()) == now


def save(request: HttpRequest) -> HttpResponse:
    query = request.POST.get("query", "")
    try:
        view = save_view(name=request.POST.get("name", ""), query=query, user=person(request))
    except ValidationError as refused:
        return _refused(request, refused, query)
    messages.success(request, _("The view “%s” is saved.") % view.name)
    return redirect(f"{reverse(LIST)}?{view.query}")


def rename(request: HttpRequest, view: int) -> HttpResponse:
    try:
        rename_view(view_id=view, name=request.POST.get("name", ""), user=person(request))
    except ValidationError as refused:
        return _refused(request, refused)
    messages.success(request, _("The view is renamed."))
    return redirect(LIST)


def delete(request: HttpRequest, view: int) -> HttpResponse:
    try:
        delete_view(view_id=view, user=person(request))
    except ValidationError as refused:
        return _refused(request, refused)
    messages.success(request, _("The view is deleted."))
    return redirect(LIST)


def _refused(request: HttpRequest, refused: ValidationError, query: str = "") -> HttpResponse:
    messages.error(request, " ".join(refused.messages))
    return redirect(f"{reverse(LIST)}?{query}" if query else LIST)


def _posted(view: Any) -> Any:
    """These change something, so that a link alone does nothing."""

    def door(request: HttpRequest, **more: Any) -> HttpResponse:
        return view(request, **more) if request.method == "POST" else redirect(LIST)

    return door


def urls(guarded: Any) -> list[URLPattern]:
    return [
        path("views/", guarded(_posted(save)), name="case_view_save"),
        path("views/<int:view>/rename/", guarded(_posted(rename)), name="case_view_rename"),
        path("views/<int:view>/delete/", guarded(_posted(delete)), name="case_view_delete"),
    ]
