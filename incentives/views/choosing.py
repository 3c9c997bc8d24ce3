"""Filters of public lists: choices that do not exist find nothing rather than raise an error."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.models import City

Choices = Sequence[Any]  # (value, label), or (heading, such pairs)


def city_choices() -> list[tuple[str, str]]:
    """Cities with something in the catalogue; all that are loaded have."""
    return [(city.pk, city.name) for city in City.objects.order_by("-code")]


class Chooser(forms.Form):
    """Fields are added by `offer`: every choice, and one that leaves the list as it is."""

    use_required_attribute = False

    def offer(self, name: str, label: Any, everything: Any, choices: Choices) -> None:
        widget = forms.Select(choices=[("", everything), *choices])
        self.fields[name] = forms.CharField(label=label, required=False, widget=widget)

    def offer_words(self, label: Any) -> None:
        self.fields["words"] = forms.CharField(label=label, required=False, max_length=100)

    def offer_city(self) -> None:
        self.cities = city_choices()
        self.offer("city", _("City"), _("All cities"), self.cities)

    def offer_kind(self, choices: Choices) -> None:
        self.offer("kind", _("Kind of register"), _("All kinds"), choices)

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    @property
    def narrowed(self) -> bool:
        return any(self.chosen().values())
