"""The filters of the ledger and its statement, of the cities that the person may see."""

from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applicants.models import City, District, Party
from incentives.domain.enterprise_size import SIZES
from incentives.domain.exports import Cell
from incentives.domain.language import chosen
from incentives.domain.ledger_filter import NONE, LedgerFilter, require_year
from incentives.models import Bureau, LedgerEntry, PolicyDocument, Programme
from incentives.models.ledger import Stage

ANY = [("", _("all"))]
PAYERS = [("city", _("city level")), ("district", _("district level"))]
QUARTERS = [(str(quarter), str(quarter)) for quarter in (1, 2, 3, 4)]
NO_DISTRICT = (NONE, _("none"))
NO_SIZE = (NONE, _("unknown: the register held no size"))
OF_CITY = {  # what is chosen from a list, which has those of one's cities alone
    "programme": Programme,
    "document": PolicyDocument,
    "bureau": Bureau,
    "district": District,
}


def sizes() -> list[tuple[str, Any]]:
    return [*((key, chosen(words)) for key, words in SIZES.items()), NO_SIZE]


class _AndNone(ModelChoiceIterator):
    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield from super().__iter__()
        yield NO_DISTRICT


class OneOrNone(forms.ModelChoiceField[Any]):
    """One of the rows, or NONE for what has none."""

    iterator = _AndNone

    def to_python(self, value: Any) -> Any:
        return NONE if value == NONE else super().to_python(value)


def _one_of(
    label: Any, kind: type[forms.ModelChoiceField[Any]] = forms.ModelChoiceField
) -> forms.ModelChoiceField[Any]:
    return kind(LedgerEntry.objects.none(), label=label, required=False, empty_label=_("all"))


def _year(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1990, max_value=2200, help_text=help_text
    )


class LedgerForm(forms.Form):
    city = _one_of(_("City"))
    year = _year(_("Year of posting"), _("What was given before stands in the year it was given."))
    quarter = forms.TypedChoiceField(
        label=_("Quarter"), required=False, choices=[*ANY, *QUARTERS], coerce=int, empty_value=None
    )
    approval_year = _year(_("Year of approval"))
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[*ANY, *Stage.choices])
    programme = _one_of(_("Programme"))
    document = _one_of(_("Document"))
    clause = forms.CharField(
        label=_("Printed clause"),
        required=False,
        max_length=40,
        help_text=_("Its section, as the document numbers it."),
    )
    bureau = _one_of(_("Handling bureau"))
    district = _one_of(_("District"), OneOrNone)
    size = forms.ChoiceField(
        label=_("Enterprise size at approval"),
        required=False,
        choices=lambda: [*ANY, *sizes()],
    )
    payer = forms.ChoiceField(label=_("Payer"), required=False, choices=[*ANY, *PAYERS])
    applicant = forms.CharField(
        label=_("Applicant"),
        required=False,
        max_length=160,
        help_text=_("A part of the name, or the whole credit code."),
    )
    party = _one_of(_("This applicant alone"))

    def __init__(self, *args: Any, own: Collection[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.own = own
        for name, model in OF_CITY.items():
            self._offer(name, model._default_manager.filter(city__in=own))
        self._offer("city", City.objects.filter(pk__in=own))
        if len(own) < 2:
            del self.fields["city"]
        self._offer_party()

    def _offer(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def _offer_party(self) -> None:
        """A line of a statement leads here with its applicant; nobody chooses among thousands."""
        asked = str(self.data.get("party", ""))
        if not asked:
            del self.fields["party"]
        elif asked.isdecimal():
            found = LedgerEntry.objects.filter(applicant=int(asked), city__in=self.own)
            self._offer("party", Party.objects.filter(pk__in=found.values("applicant")))
        else:
            self._offer("party", Party.objects.none())

    def clean(self) -> dict[str, Any]:
        require_year(self.cleaned_data)
        return self.cleaned_data

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value}

    def wanted(self) -> LedgerFilter:
        values = self.given().items()
        return LedgerFilter(
            **{name: value.pk if isinstance(value, Model) else value for name, value in values}
        )

    def among(self) -> list[str]:
        """Codes of the cities whose entries are wanted."""
        return self.wanted().among(self.own)

    def told(self) -> list[tuple[str, Cell]]:
        """What is chosen, in the reader's words; of which cities is said even without a choice."""
        cities = "、".join(str(city) for city in City.objects.filter(pk__in=self.among()))
        given = [
            (str(self.fields[name].label), self._words(name, value))
            for name, value in self.given().items()
            if name != "city"
        ]
        return [(gettext("City"), cities), *given]

    def _words(self, name: str, value: Any) -> Cell:
        if isinstance(value, int):
            return value
        offered = {
            "stage": Stage.choices, "payer": PAYERS, "size": sizes(), "district": [NO_DISTRICT],
        }  # fmt: skip
        return str(dict(offered.get(name, [])).get(value, value))
