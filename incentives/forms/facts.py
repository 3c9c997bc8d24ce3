"""The form made from a programme's facts; the same for a case and for “could we get this?”."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from incentives.forms.fields import field_of, typed, unit_of
from incentives.policy.questions import Fact

PREFIX = "fact"


class FactsForm(forms.Form):
    """`keys` are the facts to ask; `kept` their stored values, as JSON keeps them."""

    use_required_attribute = False

    def __init__(
        self,
        facts: Mapping[str, Fact],
        *,
        keys: Iterable[str],
        kept: Mapping[str, Any],
        data: Any = None,
    ) -> None:
        self.facts = facts
        shown = [key for key in keys if key in facts]
        initial = {key: typed(facts[key], kept.get(key)) for key in shown}
        super().__init__(data, initial=initial, prefix=PREFIX)
        for key in shown:
            self.fields[key] = field_of(facts[key])

    def typed_values(self) -> dict[str, Any]:
        """What was typed for each fact of the page; facts that the page did not show stay out."""
        self.is_valid()
        return {
            name: self.cleaned_data.get(name)
            for name, field in self.fields.items()
            if not self._absent(name, field)
        }

    def _absent(self, name: str, field: forms.Field) -> bool:
        """An unchecked radio posts nothing, so only a page that says what it asked clears it."""
        place = self.add_prefix(name)
        asked = self.data.getlist("asked") if hasattr(self.data, "getlist") else []
        return name not in asked and field.widget.value_omitted_from_data(self.data, {}, place)

    def refuse(self, problems: Mapping[str, str]) -> None:
        for key, problem in problems.items():
            self.add_error(key if key in self.fields else None, problem)

    def unit(self, key: str) -> str:
        return unit_of(self.facts[key])
