"""Decision letters: read by those they are for, and verified by whoever holds the paper."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from applicants.views.keyset import page_of
from reviews.domain.letters import digest, find_by_token, letters_to, open_letter
from reviews.models import Letter
from reviews.presenters.letters import as_pdf, file_name, paper
from reviews.presenters.pdf import pdf_answer
from reviews.views.doors import MemberRequest
from reviews.views.limiting import within_limit

VERIFIED_A_MINUTE = 60


@require_safe
@login_required
def letters(request: MemberRequest) -> HttpResponse:
    found = letters_to(request.user).select_related("application__programme", "bureau")
    page = page_of(request, found.order_by("-id"))
    return render(request, "cases/letters.html", {"letters": page.rows, "page": page})


@require_safe
@login_required
def letter(request: MemberRequest, pk: int) -> HttpResponse:
    """Opening it is its service."""
    found = _opened(request, pk)
    return render(request, "cases/letter.html", {"letter": found, "paper": paper(found)})


@require_safe
@login_required
def letter_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    found = _opened(request, pk)
    return pdf_answer(as_pdf(found), file_name(found))


def _opened(request: MemberRequest, pk: int) -> Letter:
    found = open_letter(letter_id=pk, user=request.user)
    if found is None:
        raise Http404(pk)
    return found


@require_safe
@never_cache
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """For anybody: that such a letter was issued, and the digest of its text. Nothing it says."""
    if not within_limit(request, "verify", most=VERIFIED_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    found = find_by_token(token)
    context = {"letter": found, "digest": digest(found) if found else ""}
    return render(request, "cases/verify.html", context, status=200 if found else 404)
