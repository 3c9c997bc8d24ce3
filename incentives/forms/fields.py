"""One form field for each type of fact. They take what is typed as it is: the domain judges it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick
from incentives.forms.roster import RosterField, RosterWidget
from incentives.policy.questions import ChoiceFact, Fact, RosterFact
from incentives.presenters.words import percent

RADIOS = 6


class AnswerField(forms.CharField):
    """Marked as required where the fact is, yet never refused here: drafts may be half filled."""

    def validate(self, value: Any) -> None:
        return


def field_of(fact: Fact) -> forms.Field:
    shown: dict[str, Any] = {
        "label": pick(fact.label),
        "help_text": help_of(fact),
        "required": not fact.optional,
    }
    if isinstance(fact, RosterFact):
        return RosterField(widget=RosterWidget(fact.columns), **shown)
    return AnswerField(widget=widget_of(fact), **shown)


def help_of(fact: Fact) -> str:
    hint = _("Write it as 5% or 0.05.") if fact.type == "percent" else ""
    return " ".join(part for part in (pick(fact.help), hint) if part)


def widget_of(fact: Fact) -> forms.Widget:
    if isinstance(fact, ChoiceFact):
        options = [(key, pick(label)) for key, label in fact.of.items()]
        if len(options) <= RADIOS:
            return forms.RadioSelect(choices=options)
        return forms.Select(choices=[("", _("Choose…")), *options])
    if fact.type == "boolean":
        return forms.RadioSelect(choices=[("true", _("yes")), ("false", _("no"))])
    if fact.type == "date":
        return forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d")
    return forms.TextInput(attrs=ATTRIBUTES.get(fact.type, {}))


ATTRIBUTES: Mapping[str, dict[str, str]] = {
    "money": {"inputmode": "decimal", "autocomplete": "off", "class": "input--short"},
    "integer": {"inputmode": "numeric", "autocomplete": "off", "class": "input--short"},
    "year": {"inputmode": "numeric", "autocomplete": "off", "class": "input--short"},
    "percent": {"autocomplete": "off", "class": "input--short"},
    "identifier": {"autocomplete": "off", "autocapitalize": "characters"},
}


def unit_of(fact: Fact) -> str:
    if fact.unit:
        return pick(fact.unit)
    return _("yuan") if fact.type == "money" else ""


def typed(fact: Fact, value: Any) -> Any:
    """A kept value as somebody would type it: 8,000,000.00 and 5%."""
    if value is None:
        return value
    if isinstance(fact, RosterFact):
        return [typed_row(fact.columns, row) for row in value]
    if fact.type == "money":
        return f"{Decimal(value):,.2f}"
    return percent(value) if fact.type == "percent" else value


def typed_row(columns: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: typed(column, row.get(key)) for key, column in columns.items()}
