"""The bank's file for a batch at the desk: chosen, looked through, then recorded."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applicants.domain.crypto import decrypt, encrypt
from applicants.domain.errors import Refused, told_of_crossing
from incentives.domain.bank_results import Preview, read_file
from incentives.models import PayoutBatch
from incentives.models.payout import LineState
from reviews.admin.access import person
from reviews.domain import paying

PURPOSE = "bank result on its way back"
Render = Callable[[str, dict[str, Any]], HttpResponse]


class ResultForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("The bank's file"),
        help_text=gettext_lazy(
            "XLSX or CSV, at most 1 MB, with the columns line, amount and result, and reason "
            "where money came back."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )


def page(request: HttpRequest, batch: PayoutBatch, render: Render, batch_page: str) -> HttpResponse:
    """`render` shows a template with a context. The file rides back sealed in the form."""
    sealed = request.POST.get("sealed", "")
    form = ResultForm(request.POST or None, request.FILES or None)
    try:
        if sealed:
            with told_of_crossing():
                return _record(request, batch, *_opened(sealed), batch_page)
        if request.method == "POST" and form.is_valid():
            return _preview(request, batch, form, render)
    except (ValidationError, PermissionDenied) as refused:
        form = ResultForm() if sealed else form
        told = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
        if sealed:
            for words in told:
                messages.error(request, words)
        else:
            form.add_error("file" if hasattr(refused, "error_dict") else None, told)
    return _chosen(batch, form, render)


def _chosen(batch: PayoutBatch, form: ResultForm, render: Render) -> HttpResponse:
    earlier = batch.results.select_related("imported_by")
    context = {"title": _("Import the bank's results"), "batch": batch, "form": form}
    response = render("payoutbatch/results", context | {"earlier": earlier})
    response.status_code = 422 if form.errors else 200
    return response


def _preview(
    request: HttpRequest, batch: PayoutBatch, form: ResultForm, render: Render
) -> HttpResponse:
    found = read_file(form.cleaned_data["file"])
    preview = paying.look_through_results(
        batch_id=batch.pk, name=found.name, content=found.content, user=person(request)
    )
    context = {
        "title": _("The bank's results before they are recorded"),
        "batch": batch,
        "preview": preview,
        "sums": _sums(preview),
        "sealed": _sealed(found.name, found.content),
    }
    return render("payoutbatch/results_preview", context)


def _sums(preview: Preview) -> list[tuple[str, int, Any]]:
    return [(str(LineState(state).label), *told) for state, told in preview.sums().items()]


def _record(
    request: HttpRequest, batch: PayoutBatch, name: str, content: bytes, batch_page: str
) -> HttpResponse:
    result, lines = paying.import_results(
        batch_id=batch.pk, name=name, content=content, user=person(request)
    )
    if lines:
        told = ngettext("%s line is recorded.", "%s lines are recorded.", len(lines)) % len(lines)
        messages.success(request, told)
    else:
        day = {"day": timezone.localdate(result.imported_at).isoformat()}
        messages.info(request, _("This file was imported on %(day)s; nothing has changed.") % day)
    return redirect(batch_page, batch.pk)


def _sealed(name: str, content: bytes) -> str:
    whole = name.encode() + b"\0" + content
    return urlsafe_b64encode(encrypt(whole, purpose=PURPOSE)).decode()


def _opened(sealed: str) -> tuple[str, bytes]:
    try:
        whole = decrypt(urlsafe_b64decode(sealed), purpose=PURPOSE)
    except (ValueError, InvalidTag) as error:
        raise Refused(_("The form is damaged; choose the file again.")) from error
    name, _nothing, content = whole.partition(b"\0")
    return name.decode(), content
