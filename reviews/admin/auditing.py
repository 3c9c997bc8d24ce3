"""The doors of a third-party audit: commission a firm, and record its report."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from applicants.templatetags.huiqi import pick
from reviews.admin.confirming import read_rows, value_field
from reviews.admin.forms import StepForm
from reviews.domain import audits
from reviews.domain.dossier import fact_lines

AREA = forms.Textarea(attrs={"rows": 4})
CODE_HELP = _("All 18 characters of the firm's unified social credit code.")


class CommissionForm(StepForm):
    auditor = forms.CharField(label=_("Audit firm"), max_length=160)
    auditor_uscc = forms.CharField(
        label=_("Unified social credit code"), max_length=40, help_text=CODE_HELP
    )
    scope = forms.CharField(label=_("What the firm is to audit"), max_length=4000, widget=AREA)
    due_on = forms.DateField(
        label=_("Report due on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class ReportForm(StepForm):
    """What the report says, and a field for the audited value of each fact."""

    auditor = forms.CharField(label=_("Audit firm"), max_length=160)
    auditor_uscc = forms.CharField(
        label=_("Unified social credit code"), max_length=40, help_text=CODE_HELP
    )
    report_number = forms.CharField(label=_("Report number"), max_length=80)
    finding = forms.CharField(
        label=_("Finding"),
        max_length=4000,
        widget=AREA,
        help_text=_("The firm's opinion, and what it found to be otherwise than declared."),
    )
    document = forms.FileField(label=_("Report"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.lines = [line for line in fact_lines(self.case) if line.value]
        for line in self.lines:
            label = _("Audited: %s") % pick(line.asked.label)
            self.fields[f"fact_{line.key}"] = value_field(line.asked, label)
        made = audits.commission_of(self.case)
        if made is not None:
            self.initial.update(auditor=made.auditor, auditor_uscc=made.auditor_uscc)

    def field_of(self, name: str) -> str | None:
        return super().field_of(name.replace("facts.", "fact_", 1))

    def told(self) -> audits.Told:
        given = self.cleaned_data
        facts = {line.key: given[f"fact_{line.key}"] for line in self.lines}
        return audits.Told(
            auditor=given["auditor"],
            auditor_uscc=given["auditor_uscc"],
            report_number=given["report_number"],
            finding=given["finding"],
            facts={
                line.key: read_rows(line.asked, facts[line.key])
                for line in self.lines
                if facts[line.key]
            },
        )


def commission(form: Any, user: User) -> object:
    return audits.commission(case_id=form.case.pk, user=user, **form.cleaned_data)


def receive(form: Any, user: User) -> object:
    return audits.receive(
        case_id=form.case.pk, told=form.told(), upload=form.cleaned_data["document"], user=user
    )
