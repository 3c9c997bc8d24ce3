"""The form in which a reviewer confirms facts: as declared, or with what the evidence shows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.templatetags.huiqi import pick
from incentives.policy.questions import ChoiceFact, Fact, RosterFact
from reviews.admin.forms import StepForm
from reviews.domain import audits
from reviews.domain.dossier import FactLine, fact_lines
from reviews.presenters.audits import beside_declared

ROW_MARK = " | "


class ConfirmForm(StepForm):
    """For each fact a tick `as declared`, another value and a note; and one tick for all."""

    all_declared = forms.BooleanField(
        label=_("Confirm every fact not changed below as declared"), required=False
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.lines = [line for line in fact_lines(self.case) if line.value]
        self.report = audits.report_of(self.case)
        for line in self.lines:
            self._add(line)

    def _add(self, line: FactLine) -> None:
        label = pick(line.asked.label)
        self.fields[f"same_{line.key}"] = forms.BooleanField(label=_("As declared"), required=False)
        self.fields[f"value_{line.key}"] = value_field(line.asked, label)
        self.fields[f"note_{line.key}"] = forms.CharField(
            label=_("Note"), required=False, max_length=300
        )

    def field_of(self, name: str) -> str | None:
        return super().field_of(f"value_{name}")

    def rows(self) -> list[dict[str, Any]]:
        """Each fact with its three bound fields, for the table."""
        return [
            {"line": line}
            | beside_declared(line, self.report)
            | {part: self[f"{part}_{line.key}"] for part in ("same", "value", "note")}
            for line in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.values():
            self.add_error(None, _("Tick the facts that you confirm, or enter other values."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Key → value to confirm: another value where one was entered, else the declared one."""
        found: dict[str, Any] = {}
        for line in self.lines:
            other = self.cleaned_data.get(f"value_{line.key}")
            if other:
                found[line.key] = read_rows(line.asked, other)
            elif self._same(line) and line.value and line.value.declared is not None:
                found[line.key] = line.value.declared
        return found

    def _same(self, line: FactLine) -> bool:
        if self.cleaned_data.get(f"same_{line.key}"):
            return True
        unconfirmed = line.value is not None and line.value.confirmed is None
        return bool(self.cleaned_data.get("all_declared")) and unconfirmed

    def notes(self) -> dict[str, str]:
        return {line.key: self.cleaned_data.get(f"note_{line.key}", "") for line in self.lines}


def value_field(fact: Fact, label: str) -> forms.Field:
    """One field for another value; rows of a list are typed one a line."""
    if isinstance(fact, ChoiceFact):
        options = [("", "—"), *((key, pick(words)) for key, words in fact.of.items())]
        return forms.ChoiceField(label=label, choices=options, required=False)
    if fact.type == "boolean":
        options = [("", "—"), ("true", str(_("yes"))), ("false", str(_("no")))]
        return forms.ChoiceField(label=label, choices=options, required=False)
    if isinstance(fact, RosterFact):
        columns = ROW_MARK.join(pick(column.label) for column in fact.columns.values())
        help_text = _("One row a line: %(columns)s") % {"columns": columns}
        area = forms.Textarea(attrs={"rows": 3})
        return forms.CharField(label=label, required=False, widget=area, help_text=help_text)
    return forms.CharField(label=label, required=False, max_length=2000)


def read_rows(fact: Fact, written: str) -> Any:
    """The rows of a list fact from lines such as `name | number | 60%`; other facts as typed."""
    if not isinstance(fact, RosterFact):
        return written
    lines = [line for line in written.splitlines() if line.strip()]
    return [
        dict(zip(fact.columns, (cell.strip() for cell in line.split("|")), strict=False))
        for line in lines
    ]
