"""The page on which an applicant names another account for a payment that came back."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.domain.errors import Conflict, Refused
from incentives.models import Instalment
from reviews.domain.returned import give_account, returned_parts
from reviews.models import Application
from reviews.views.doors import MemberRequest, case_page, case_url, problems_of


class AccountForm(forms.Form):
    use_required_attribute = False

    holder = forms.CharField(label=_l("Account holder"), max_length=160)
    bank = forms.CharField(label=_l("Bank and branch"), max_length=160)
    bank_code = forms.CharField(label=_l("Bank code"), max_length=20, required=False)
    number = forms.CharField(label=_l("Account number"), max_length=60)


@case_page
def returned(request: MemberRequest, case: Application, part: int) -> HttpResponse:
    found = returned_parts(case).filter(pk=part).first()
    if found is None:
        raise Http404(part)
    form = _form(request, case, found)
    if request.method == "POST" and form.is_valid() and _given(request, case, part, form):
        messages.success(request, _("The account is entered; finance looks at it, then pays."))
        return redirect(case_url(case))
    line = found.lines.filter(state="returned").order_by("-id").first()
    context = {"case": case, "part": found, "line": line, "form": form}
    response = render(request, "cases/returned_payment.html", context)
    response.status_code = 422 if form.errors else 200
    return response


def _form(request: MemberRequest, case: Application, part: Instalment) -> AccountForm:
    form = AccountForm(request.POST or None, initial={"holder": part.payee.name})
    if case.payee_shares.filter(party=part.payee).exists():
        del form.fields["holder"]  # a person's account is in the person's name
    return form


def _given(request: MemberRequest, case: Application, part: int, form: AccountForm) -> bool:
    try:
        give_account(case_id=case.pk, instalment_id=part, user=request.user, **form.cleaned_data)
    except Conflict:
        raise
    except (Refused, PermissionDenied) as refused:
        told = problems_of(refused) if isinstance(refused, Refused) else {"": str(refused)}
        for name, problem in told.items():
            form.add_error(name if name in form.fields else None, problem)
        return False
    return True
