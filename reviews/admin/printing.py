"""On paper from the desk: letters, approval sheets of a case or a batch, and the case file."""

from collections.abc import Callable

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.models import PayoutBatch
from reviews.admin.access import person
from reviews.admin.views import case_seen_by
from reviews.domain.approval_sheets import Material, material_of, material_of_batch
from reviews.domain.letters import open_letter
from reviews.domain.reading import open_case
from reviews.models import Application
from reviews.presenters import approval_sheet, case_file, letters
from reviews.presenters.pdf import pdf_answer

TEMPLATE = "admin/reviews/application/approval.html"
View = Callable[..., HttpResponse]


def urls(guarded: Callable[[View], View]) -> list[URLPattern]:
    """Below the address of cases."""
    return [
        path("<int:pk>/approval/", guarded(approval), name="case_approval"),
        path("<int:pk>/approval.pdf", guarded(approval_pdf), name="case_approval_pdf"),
        path("<int:pk>/file.pdf", guarded(case_pdf), name="case_file_pdf"),
        path("<int:pk>/letter/<int:letter>.pdf", guarded(letter_pdf), name="case_letter_pdf"),
    ]


def letter_pdf(request: HttpRequest, pk: int, letter: int) -> HttpResponse:
    """Of a case that has opened to the person; the reading is written down."""
    found = open_letter(letter_id=letter, user=person(request))
    if found is None or found.application_id != pk:
        raise Http404(letter)
    return pdf_answer(letters.as_pdf(found), letters.file_name(found))


def approval(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk, "approval")
    context = admin.site.each_context(request) | {
        "case": found.case,
        "form": approval_sheet.form(found),
        "title": found.case.number,
        "opts": Application._meta,
    }
    return TemplateResponse(request, TEMPLATE, context)


def approval_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk, "approval.pdf")
    at = approval_sheet.decided_at(found.determination)
    content = approval_sheet.as_pdf([approval_sheet.form(found)], at=at)
    return pdf_answer(content, f"{found.case.number}-approval")


def _found(request: HttpRequest, pk: int, door: str) -> Material:
    case = case_seen_by(request, pk)
    found = material_of(case)
    if found is None:
        raise Http404(_("This case has no determination of a payment."))
    open_case(case, person(request), door)
    return found


def case_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    case = case_seen_by(request, pk)
    open_case(case, person(request), "file.pdf")
    content = case_file.as_pdf(case, person(request), at=timezone.now())
    return pdf_answer(content, f"{case.number}-file")


def batch_pdf(request: HttpRequest, batch: PayoutBatch) -> HttpResponse:
    """Sheets of the cases that have opened to the person; the first page names the others."""
    found = material_of_batch(batch, person(request))
    forms = [approval_sheet.form(one) for one in found.material]
    content = approval_sheet.as_pdf(forms, at=batch.prepared_at, note=_note(batch, found.closed))
    return pdf_answer(content, f"{batch.number}-approval")


def _note(batch: PayoutBatch, closed: list[str]) -> str:
    if not closed:
        return ""
    words = _(
        "Batch %(batch)s. Left out, because you have not declared in them to have no conflict of "
        "interest, or have one: %(numbers)s."
    )
    return words % {"batch": batch.number, "numbers": "、".join(closed)}
