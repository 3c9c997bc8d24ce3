from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.forms.base import PortalForm
from applicants.models.notice import EmailMode


class NoticePreferenceForm(PortalForm):
    email = forms.ChoiceField(
        label=_("E-mail"),
        choices=EmailMode.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Returns, decisions, letters and demands are served by e-mail at once, whatever you "
            "choose here."
        ),
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    sms = forms.BooleanField(
        label=_("Text messages to this number, where my city sends any"), required=False
    )
