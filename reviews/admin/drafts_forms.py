"""The forms of a draft. They ask; what is allowed is for the verbs to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def day(label: Any, *, required: bool) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


def basis(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Basis"),
        max_length=300,
        required=required,
        help_text=_("The implementing rule or decision behind the new version."),
    )


class DraftForm(forms.Form):
    written = forms.CharField(
        label=_("Rules (YAML)"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 40, "class": "code", "spellcheck": "false"}),
    )
    basis = basis(required=False)
    in_force_from = day(_("In force from"), required=False)


class PublishForm(forms.Form):
    basis = basis(required=True)
    in_force_from = day(_("In force from"), required=True)


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What is to be changed"), widget=forms.Textarea(attrs={"rows": 3})
    )


class SimulateForm(forms.Form):
    file = forms.FileField(
        label=_("List of cases (XLSX or CSV)"),
        required=False,
        help_text=_("With applicant, on and the facts as headings. Empty: the past cases."),
    )
    budget = forms.DecimalField(
        label=_("Yearly budget in yuan"),
        required=False,
        min_value=0,
        max_digits=16,
        decimal_places=2,
        help_text=_("Compares first come with pro rata. Empty: no budget."),
    )
