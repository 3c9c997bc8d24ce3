"""The persons who share an award paid to a team."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from applicants.domain.errors import Conflict, Refused
from reviews.domain.assessing import rules
from reviews.domain.payees import WHOLE, add_payee, remove_payee
from reviews.models import Application
from reviews.models.lifecycle import EDITABLE
from reviews.views.doors import MemberRequest, case_page, case_url, problems_of


class PayeeForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(label=_l("Name"), max_length=160)
    id_number = forms.CharField(
        label=_l("Identity number"),
        max_length=40,
        help_text=_l("18 characters, kept encrypted and shown masked."),
    )
    bank = forms.CharField(label=_l("Bank and branch"), max_length=160)
    number = forms.CharField(label=_l("Account number"), max_length=60)
    share = forms.CharField(
        label=_l("Share in percent"), max_length=20, help_text=_l("Such as 60 or 33.33.")
    )


@case_page
def payees(request: MemberRequest, case: Application) -> HttpResponse:
    if case.state not in EDITABLE or rules(case).roles.payee != "members":
        return redirect(case_url(case))
    form = PayeeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and added(request, case, form):
        messages.success(request, _("The payee is entered."))
        return redirect("reviews:payees", case.pk)
    return render(request, "cases/payees.html", page(case, form))


def added(request: MemberRequest, case: Application, form: PayeeForm) -> bool:
    try:
        add_payee(case_id=case.pk, user=request.user, **form.cleaned_data)
    except Conflict:
        raise
    except Refused as refused:
        for name, problem in problems_of(refused).items():
            form.add_error(name if name in form.fields else None, problem)
        return False
    return True


def page(case: Application, form: PayeeForm) -> dict[str, Any]:
    found = list(case.payee_shares.select_related("party", "account"))
    total = sum((payee.share for payee in found), Decimal(0))
    return {"case": case, "form": form, "payees": found, "total": total, "left": WHOLE - total}


@require_POST
@case_page
def remove(request: MemberRequest, case: Application, payee: int) -> HttpResponse:
    remove_payee(case_id=case.pk, payee_id=payee, user=request.user)
    return redirect("reviews:payees", case.pk)
