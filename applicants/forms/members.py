from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.forms.base import PortalForm
from applicants.models.party import MemberRole


class MemberForm(PortalForm):
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("The person must have an account already.")
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=MemberRole.choices,
        initial=MemberRole.CLERK,
        widget=forms.RadioSelect,
        help_text=_("Clerks apply; owners also change members and the bank account."),
    )
