from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applicants.domain.inbox import mark_read, notices_of
from applicants.domain.wording import render as in_words
from applicants.models import Notice
from applicants.views.keyset import page_of
from applicants.views.scope import SignedIn


@login_required
def inbox(request: SignedIn) -> HttpResponse:
    notices = notices_of(request.user)
    if request.method == "POST":
        mark_read(notices)
        messages.success(request, _("All messages are marked as read."))
        return redirect("applicants:inbox")
    page = page_of(request, notices)
    context = {"entries": [told(row) for row in page.rows], "page": page}
    return render(request, "applicants/inbox.html", context)


@login_required
def notice(request: SignedIn, pk: int) -> HttpResponse:
    own = notices_of(request.user).filter(pk=pk)
    found = get_object_or_404(own)
    mark_read(own)
    return render(request, "applicants/notice.html", told(found))


def told(notice: Notice) -> dict[str, object]:
    title, body = in_words(notice)
    return {"notice": notice, "title": title, "body": body}
