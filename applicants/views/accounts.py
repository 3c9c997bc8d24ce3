from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.domain.accounts import add_bank_account
from applicants.forms.accounts import BankAccountForm
from applicants.models import BankAccount, Party
from applicants.views.scope import SignedIn, owner_page


@owner_page
def change(request: SignedIn, party: Party) -> HttpResponse:
    form = BankAccountForm.of(request, initial={"holder": party.name})
    if form.is_valid():
        account = form.carry_out(
            add_bank_account, party=party, user=request.user, **form.cleaned_data
        )
        if account:
            told = _("You will be paid to the account ending in %(last4)s.")
            messages.success(request, told % {"last4": account.last4})
            return redirect("applicants:party", party.pk)
    current = BankAccount.objects.filter(party=party, is_current=True).first()
    context = {"party": party, "form": form, "current": current}
    return render(request, "applicants/bank_account.html", context)
