"""The explanation of every determination of a case, at the desk: a page and a PDF."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from reviews.admin.access import person
from reviews.admin.views import case_seen_by
from reviews.domain.reading import open_case
from reviews.models import Application, Determination
from reviews.presenters.explanation import as_pdf, explained
from reviews.presenters.pdf import pdf_answer

TEMPLATE = "admin/reviews/application/explanation.html"


def show(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    case, determination = _found(request, pk, number, "explanation")
    context = admin.site.each_context(request) | {
        "case": case,
        "determination": determination,
        "sheet": explained(case, determination),
        "title": case.number,
        "opts": Application._meta,
    }
    return TemplateResponse(request, TEMPLATE, context)


def pdf(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    case, determination = _found(request, pk, number, "explanation.pdf")
    return pdf_answer(as_pdf(case, determination), f"{case.number}-{number}")


def _found(
    request: HttpRequest, pk: int, number: int, door: str
) -> tuple[Application, Determination]:
    case = case_seen_by(request, pk)
    found = case.determinations.select_related("proposed_by", "approved_by")
    determination = found.filter(number=number).first()
    if determination is None:
        raise Http404(number)
    open_case(case, person(request), door)
    return case, determination
