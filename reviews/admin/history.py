"""The full history of a case on one page, for staff to whom it is open, and for auditors."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from applicants.domain.errors import NotAllowed
from reviews.admin.access import person
from reviews.domain.reading import open_case
from reviews.models import Application
from reviews.presenters import history

TEMPLATE = "admin/reviews/application/history.html"


def page(request: HttpRequest, case: Application) -> HttpResponse:
    """Everything, or the groups asked for by ?show=; reading it is written down as well."""
    try:
        open_case(case, person(request), "history")
    except NotAllowed:
        return redirect("admin:reviews_application_change", case.pk)
    found = history.entries(case, person(request))
    wanted = [key for key in request.GET.getlist("show") if key in history.GROUPS]
    context = admin.site.each_context(request) | {
        "case": case,
        "title": case.number,
        "opts": Application._meta,
        "entries": history.shown(found, wanted),
        "groups": history.counts(found),
        "wanted": wanted,
        "all": len(found),
    }
    return TemplateResponse(request, TEMPLATE, context)
