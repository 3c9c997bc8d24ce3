"""How the decision on one's own case came about: a page, and the same as a PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from reviews.domain.explaining import approved_of
from reviews.models import Application, Determination
from reviews.presenters.explanation import as_pdf, explained
from reviews.presenters.pdf import pdf_answer
from reviews.views.doors import MemberRequest, case_page


@case_page
def explanation(request: MemberRequest, case: Application) -> HttpResponse:
    """Of the approved determination; a proposal is not yet the applicant's to see."""
    determination = approved_or_404(case)
    context = {"case": case, "sheet": explained(case, determination)}
    return render(request, "cases/explanation.html", context)


@case_page
def explanation_pdf(request: MemberRequest, case: Application) -> HttpResponse:
    determination = approved_or_404(case)
    return pdf_answer(as_pdf(case, determination), f"{case.number}-{determination.number}")


def approved_or_404(case: Application) -> Determination:
    found = approved_of(case)
    if found is None:
        raise Http404
    return found
