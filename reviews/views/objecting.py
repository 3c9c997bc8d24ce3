"""Objecting to a published case (异议): open to everybody, and shown to nobody but the bureau."""

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.domain import documents
from applicants.domain.errors import Refused
from applicants.domain.names import public_name
from applicants.forms.documents import TYPES
from applicants.models import User
from reviews.domain.objections import file_objection, open_to_objections
from reviews.models import Objection, PublicityItem
from reviews.presenters.outcomes import intended
from reviews.views.doors import problems_of


class ObjectionForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        label=_l("Your name, or the organisation that objects"),
        max_length=160,
        help_text=_l("A person by name; an organisation under its seal. Only the bureau reads it."),
    )
    contact = forms.CharField(
        label=_l("Telephone or e-mail"),
        max_length=160,
        help_text=_l("The bureau answers you there."),
    )
    text = forms.CharField(
        label=_l("What you object to, and on what grounds"),
        max_length=4000,
        help_text=_l("Facts that can be checked: papers, dates, numbers of certificates."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    file = forms.FileField(
        label=_l("A paper that shows it"),
        required=False,
        allow_empty_file=True,  # the check itself says what to do instead
        help_text=_l("PDF, OFD, PNG, JPEG, XLSX, DOCX or CSV, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": TYPES}),
    )


def object_to(request: HttpRequest, number: str, item: int) -> HttpResponse:
    published = get_object_or_404(
        PublicityItem.objects.select_related(
            "notice__bureau", "application__applicant", "application__programme"
        ).select_related("application__version"),
        pk=item,
        notice__number=number,
    )
    if not open_to_objections(published):
        messages.warning(request, _("Objections to this case are no longer taken."))
        return redirect("reviews:publicity_notice", number)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ObjectionForm(*posted)
    if request.method == "POST" and form.is_valid() and _filed(request, published, form):
        return redirect("reviews:publicity_notice", number)
    case = published.application
    context = {
        "form": form,
        "notice": published.notice,
        "name": public_name(case.applicant),
        "programme": case.programme,
        "what": intended(case, published.amount),
    }
    return render(request, "cases/object.html", context)


def _filed(request: HttpRequest, item: PublicityItem, form: ObjectionForm) -> bool:
    if not ratelimit.consume(request, action="objection"):
        form.add_error(
            None, _("Many objections have come from your connection. Send this in an hour.")
        )
        return False
    user = request.user if isinstance(request.user, User) else None
    try:
        objection = _kept(item, form.cleaned_data, user)
    except Refused as refused:
        for name, problem in problems_of(refused).items():
            form.add_error(name if name in form.fields else None, problem)
        return False
    messages.success(
        request,
        _(
            "Your objection is filed under %(number)s. Write the number down: "
            "%(bureau)s answers you by the contact that you gave."
        )
        % {"number": objection.number, "bureau": item.notice.bureau},
    )
    return True


def _kept(item: PublicityItem, given: dict[str, Any], user: User | None) -> Objection:
    upload = given.pop("file", None)
    paper = documents.keep(party=None, upload=upload, user=user) if upload else None
    return file_objection(item_id=item.pk, user=user, document=paper, **given)
