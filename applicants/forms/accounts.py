from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.domain.accounts import read_account_number
from applicants.forms.base import PortalForm, judged

UNKEPT = {"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}


class BankAccountForm(PortalForm):
    holder = forms.CharField(
        label=_("Account holder"), help_text=_("As the bank has it; normally your full name.")
    )
    bank = forms.CharField(
        label=_("Bank and branch"), help_text=_("In full, down to the branch that keeps it.")
    )
    bank_code = forms.CharField(
        label=_("Bank code"),
        required=False,
        help_text=_("The 12 digits by which banks pay each other."),
        widget=forms.TextInput(attrs={**UNKEPT, "class": "input--short"}),
    )
    number = forms.CharField(
        label=_("Account number"),
        help_text=_("8 to 30 digits; spaces do not matter."),
        widget=forms.TextInput(attrs=UNKEPT),
    )

    def clean_number(self) -> str:
        return judged(read_account_number, self.cleaned_data["number"])
