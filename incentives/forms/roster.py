"""A list fact as a table of inputs: the rows there are, and some empty ones below."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick
from incentives.policy.questions import ChoiceFact, Column

EMPTY_ROWS = 3
LONGEST = 2000
Rows = list[dict[str, Any]]


class RosterWidget(forms.Widget):
    template_name = "widgets/roster.html"
    use_fieldset = True

    def __init__(self, columns: Mapping[str, Column]) -> None:
        super().__init__()
        self.columns = columns

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return ""

    def format_value(self, value: Any) -> Rows:
        return value if isinstance(value, list) else []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [*self.format_value(value), *({} for _empty in range(EMPTY_ROWS))]
        context["widget"] |= {
            "columns": [pick(column.label) for column in self.columns.values()],
            "rows": [self._cells(name, number, row) for number, row in enumerate(rows)],
        }
        return context

    def _cells(self, name: str, number: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "name": f"{name}-{number}-{key}",
                "label": pick(column.label),
                "value": row.get(key, ""),
                "options": options(column),
                "date": column.type == "date",
                "row": number + 1,
            }
            for key, column in self.columns.items()
        ]

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> Rows:
        """The rows in which something is written, in their order."""
        place = re.compile(rf"{re.escape(name)}-(\d{{1,4}})-(\w+)")
        rows: dict[int, dict[str, Any]] = {}
        for key in data:
            found = place.fullmatch(key)
            if found and found[2] in self.columns and int(found[1]) < LONGEST:
                rows.setdefault(int(found[1]), {})[found[2]] = str(data[key]).strip()
        return [rows[number] for number in sorted(rows) if any(rows[number].values())]

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)


def options(column: Column) -> list[tuple[str, str]]:
    if isinstance(column, ChoiceFact):
        return [(key, pick(label)) for key, label in column.of.items()]
    return [("true", _("yes")), ("false", _("no"))] if column.type == "boolean" else []


class RosterField(forms.Field):
    def validate(self, value: Any) -> None:
        return
