from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.domain.identifiers import read_identity_number, read_uscc
from applicants.forms.base import PortalForm, judged
from applicants.models import District
from applicants.models.party import PartyKind

ORGANISATIONS = [(kind.value, kind.label) for kind in PartyKind if kind != PartyKind.PERSON]


class DetailsForm(PortalForm):
    name = forms.CharField(
        label=_("Name of the organisation"),
        help_text=_("In full, as on the business licence or certificate."),
    )
    district = forms.ModelChoiceField(
        District.objects.select_related("city"),
        label=_("District"),
        required=False,
        empty_label=_("Outside the city"),
        help_text=_("Where you are registered."),
    )
    address = forms.CharField(label=_("Address"), required=False)
    phone = forms.CharField(
        label=_("Telephone"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "class": "input--short"}),
    )


class OrganisationForm(DetailsForm):
    uscc = forms.CharField(
        label=_("Unified social credit code"),
        help_text=_("18 characters, on the business licence or certificate."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind of organisation"), choices=[("", _("Please choose")), *ORGANISATIONS]
    )
    field_order = ("uscc", "kind", "name", "district", "address", "phone")

    def clean_uscc(self) -> str:
        return judged(read_uscc, self.cleaned_data["uscc"])


class PersonForm(PortalForm):
    name = forms.CharField(
        label=_("Name"),
        help_text=_("As on the identity card."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    id_number = forms.CharField(
        label=_("Identity number"),
        help_text=_("18 characters. It is kept encrypted and shown by its last four alone."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "class": "input--short"}),
    )

    def clean_id_number(self) -> str:
        return judged(read_identity_number, self.cleaned_data["id_number"])
