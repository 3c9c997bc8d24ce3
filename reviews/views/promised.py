"""Papers that were promised, brought while the case is under review."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reviews.models import Application
from reviews.presenters.promises import promised_papers
from reviews.views.doors import MemberRequest, case_page, case_url
from reviews.views.saving import keep_upload


@case_page
def promised(request: MemberRequest, case: Application) -> HttpResponse:
    problems = bring(request, case) if request.method == "POST" else {}
    if request.method == "POST" and not problems:
        messages.success(request, _("The promised paper is with your case."))
        return redirect(case_url(case))
    if not promised_papers(case):
        return redirect(case_url(case))
    return render(request, "cases/promised_page.html", {"case": case, "problems": problems})


def bring(request: MemberRequest, case: Application) -> dict[str, str]:
    """Lay what was uploaded beside its fact; returns what was wrong with it, by fact."""
    key = request.POST.get("fact", "")
    uploads = request.FILES.getlist(f"promised-{key}")
    if not uploads:
        return {key: _("Choose the file to upload.")}
    for upload in uploads:
        problem = keep_upload(request, case, key, upload)
        if problem:
            return {key: f"{upload.name}: {problem}"}
    return {}
