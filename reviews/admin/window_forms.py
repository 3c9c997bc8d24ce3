"""The forms of the window: a change of an organisation, help for an applicant, its account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applicants.domain.errors import Refused
from applicants.domain.identifiers import read_uscc
from applicants.domain.uploads import LARGEST
from applicants.models import City, District, Party
from applicants.models.party import PartyKind
from applicants.models.party_change import ChangeKind

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class WindowForm(forms.Form):
    """`own` are the cities in which the person holds the role."""

    use_required_attribute = False
    city = forms.ModelChoiceField(City.objects.none(), label=_("City"), empty_label=None)

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["city"].queryset = own  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if isinstance(field, forms.FileField):
                self.fields[name].widget.attrs = {"data-most": str(LARGEST)}

    def take(self, refused: ValidationError) -> None:
        """Show what the verb refused beside its field."""
        told = refused.message_dict if hasattr(refused, "error_dict") else {}
        for name, words in told.items() or [("", refused.messages)]:
            at = {"document": "file", "party": "code", "successor": "successor_code"}.get(
                name, name
            )
            self.add_error(at if at in self.fields else None, words)


def organisation(code: str) -> Party | None:
    """By its credit code; raises ValidationError where the code is mistyped or unknown."""
    if not code.strip():
        return None
    try:
        party = Party.objects.filter(uscc=read_uscc(code)).first()
    except Refused as refused:  # by the field of the reader, which this form does not have
        raise ValidationError(refused.messages) from refused
    if party is None:
        raise Refused(_("No organisation has this code here; let it register, or bring a list."))
    return party


class ChangeForm(WindowForm):
    kind = forms.ChoiceField(
        label=_("What has changed"), choices=ChangeKind.choices, widget=forms.RadioSelect
    )
    code = forms.CharField(label=_("Unified social credit code"), max_length=40)
    effective_on = forms.DateField(label=_("Effective on"), widget=DAY)
    name_after = forms.CharField(
        label=_("New name"), max_length=160, required=False, help_text=_("Of a change of name.")
    )
    successor_code = forms.CharField(
        label=_("Unified social credit code of the successor"),
        max_length=40,
        required=False,
        help_text=_("Of a merger or a split."),
    )
    cases = forms.CharField(
        label=_("Open cases that pass"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Of a split: case numbers, a line each. A merger passes all."),
    )
    share = forms.DecimalField(
        label=_("Share of what counts by the year, in percent"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        required=False,
        help_text=_(
            "Of a split: yearly caps in yuan are shared. What counts for life or once stands for "
            "both in full."
        ),
    )
    ends = forms.BooleanField(
        label=_("The organisation ends; the successor takes all that is left"), required=False
    )
    basis = forms.CharField(
        label=_("Basis"), max_length=300, help_text=_("The registration's notice, with its number.")
    )
    file = forms.FileField(label=_("The notice"), help_text=_("PDF, OFD or a picture."))

    field_order = ("city", "kind", "code", "effective_on")

    def clean_code(self) -> Party | None:
        return organisation(self.cleaned_data["code"])

    def clean_successor_code(self) -> Party | None:
        return organisation(self.cleaned_data["successor_code"])


class HelpForm(WindowForm):
    kind = forms.ChoiceField(
        label=_("Who is helped"), choices=PartyKind.choices, initial=PartyKind.ENTERPRISE
    )
    number = forms.CharField(
        label=_("Unified social credit code, or identity number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=160,
        help_text=_("As registered. Who is not known here is entered, and may claim it later."),
    )
    district = forms.ModelChoiceField(District.objects.none(), label=_("District"), required=False)
    authorised_by = forms.CharField(label=_("Authorised by"), max_length=160)
    reason = forms.CharField(label=_("Why the applicant cannot file"), max_length=300)
    ends_on = forms.DateField(label=_("To and including"), widget=DAY)
    file = forms.FileField(
        label=_("The written authorisation"), help_text=_("PDF, OFD or a picture.")
    )

    def __init__(self, *args: Any, own: QuerySet[City], **more: Any) -> None:
        super().__init__(*args, own=own, **more)
        self.fields["district"].queryset = District.objects.filter(  # type: ignore[attr-defined]
            city__in=own
        )


class NumberForm(forms.Form):
    use_required_attribute = False
    number = forms.CharField(
        label=_("Case number"), max_length=40, help_text=_("The applicant tells it.")
    )


class AccountForm(forms.Form):
    use_required_attribute = False
    holder = forms.CharField(label=_("Account holder"), max_length=160)
    bank = forms.CharField(label=_("Bank and branch"), max_length=160)
    number = forms.CharField(
        label=_("Account number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    file = forms.FileField(label=_("The paper that confirms the account"))
