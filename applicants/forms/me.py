from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from applicants.forms.base import PortalForm


class MyDetailsForm(PortalForm):
    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the messages to you"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
    )
