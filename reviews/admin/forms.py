"""The forms of a case's steps. They ask; what is allowed is for the verb to say."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from applicants.templatetags.huiqi import pick
from incentives.domain.credit_lists import lists_of
from incentives.models import Bureau
from incentives.models.bureau import BureauKind
from incentives.policy.outcomes import DESCRIBED
from incentives.policy.outcomes import Outcome as Ending
from reviews.admin.uploads import KINDS, FilesField, file_field
from reviews.domain import finance, undoing
from reviews.domain.actions import Action
from reviews.domain.dossier import fact_lines
from reviews.domain.supplements import Told
from reviews.models import Application
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.supplement import DefectKind
from reviews.models.task import Position
from reviews.presenters.outcomes import printed_bound


class StepForm(forms.Form):
    """A form of one case and one action, able to show what the verb refused beside its field."""

    def __init__(self, *args: Any, case: Application, action: Action, **more: Any) -> None:
        super().__init__(*args, **more | {"prefix": prefix_of(action)})
        self.case, self.action = case, action

    def field_of(self, name: str) -> str | None:
        """The form's field for a field of the verb; None shows the message above the form."""
        return name if name in self.fields else None

    def take(self, refused: ValidationError) -> None:
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused.messages)
            return
        for name, messages in refused.message_dict.items():
            self.add_error(self.field_of(name), messages)


def prefix_of(action: Action) -> str:
    return f"{action.name}-{action.bureau.pk}" if action.bureau else action.name


class PlainForm(StepForm):
    """A step that asks nothing more."""


def _reason(label: Any, help_text: Any, *, required: bool = True) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=4000, widget=area
    )


class DeclareForm(StepForm):
    conflict = forms.TypedChoiceField(
        label=_("Have you an interest in this case, or in the applicant?"),
        choices=[
            ("no", _("I have none.")),
            ("yes", _("I have one; another takes the case.")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("Kinship, shares, employment, or any other tie that could sway a judgement."),
    )
    reason = forms.CharField(
        label=_("What kind of interest"), required=False, max_length=300, widget=forms.TextInput
    )


class DefectsForm(StepForm):
    """One line for each fact and each paper, and one for what is about neither."""

    reason = _reason(
        _("Something else to supplement"),
        _("What is about no single fact or paper. Name every defect at once."),
        required=False,
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for line in fact_lines(self.case):
            label = pick(line.asked.label)
            self._add(f"{DefectKind.FACT}_{line.key}", label)
            if line.asked.evidence:
                self._add(f"{DefectKind.PAPER}_{line.key}", _("Papers: %s") % label)
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def _add(self, name: str, label: Any) -> None:
        self.fields[name] = forms.CharField(
            label=label, required=False, max_length=1000, widget=forms.TextInput
        )

    def field_of(self, name: str) -> str | None:
        return super().field_of(name if name in self.fields else f"{DefectKind.FACT}_{name}")

    def defects(self) -> list[Told]:
        """What was written beside a fact or a paper, in the order of the form."""
        found = []
        for name, reason in self.cleaned_data.items():
            kind, _mark, key = name.partition("_")
            if key and reason:
                found.append(Told(DefectKind(kind), reason, key))
        return found


class DeclineForm(StepForm):
    reason = _reason(_("Why it is not accepted"), _("The applicant reads this text."))


class OpinionForm(StepForm):
    position = forms.ChoiceField(
        label=_("Position"), choices=Position.choices, widget=forms.RadioSelect
    )
    text = _reason(_("Opinion"), _("Needed when the bureau objects or asks."), required=False)
    papers = FilesField(
        label=_("Attachments"),
        help_text=format_lazy(
            "{} {}", KINDS, _("Several at once; those of an earlier draft stay with it.")
        ),
    )


class ResolveForm(StepForm):
    kind = forms.ChoiceField(
        label=_("Resolved"), choices=ResolutionKind.choices, widget=forms.RadioSelect
    )
    text = _reason(
        _("Reason, answer, or what the meeting decided"),
        _("The bureau that objected or asked reads this text."),
    )
    held_on = forms.DateField(
        label=_("Meeting held on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    present = forms.CharField(
        label=_("Bureaus and persons present"), required=False, max_length=1000
    )
    document = file_field(_("Minutes of the meeting, or another paper"))


class AskPartForm(StepForm):
    of = forms.ModelChoiceField(label=_("Whom to ask"), queryset=Bureau.objects.none())
    question = _reason(_("What you ask"), _("That bureau or district reads this text."))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["of"]
        field.queryset = Bureau.objects.filter(city=self.case.city_id).exclude(
            kind=BureauKind.COLLECTIVE
        )


class HandBackToForm(StepForm):
    to = forms.ChoiceField(label=_("To which stage"), widget=forms.RadioSelect)
    reason = _reason(_("Why it goes back"), _("What has to change; those concerned read this."))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["to"]
        stages = undoing.BACK.get(CaseState(self.case.state), ())
        field.choices = [(stage.value, stage.label) for stage in stages]


class ChangesForm(StepForm):
    reason = _reason(_("What is to be changed"), _("The preparer reads this text."))


class CheckForm(StepForm):
    note = _reason(
        _("Result of the check"),
        _("Account, funding source, duplicates and credit."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.credit = lists_of(self.case.city)
        self.listed = finance.listings(self.case)


class HandBackForm(StepForm):
    reason = _reason(
        _("What the handling bureau has to change"),
        _("The reservation is released and the case is determined anew."),
    )


class AwardForm(StepForm):
    reason = _reason(
        _("Note to the award"), _("Such as the number of the decision."), required=False
    )


class ConcludeForm(StepForm):
    reason = _reason(
        _("Note to the conclusion"), _("Such as the number of the decision."), required=False
    )


class ProposeForm(StepForm):
    """Outcome, the choices that the rules leave open, each with its bounds, and the reason.

    Where it is described what is given, its terms; where a validity may be chosen, its last day.
    """

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    reason = _reason(_("Reason"), _("On which facts and opinions this is proposed."))

    def __init__(
        self,
        *args: Any,
        open_choices: list[dict[str, str]],
        labels: dict[str, str],
        ending: Ending,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.choices = [choice["name"] for choice in open_choices]
        for choice in open_choices:
            self.fields[f"choice_{choice['name']}"] = _choice_field(choice, labels, ending.pays)
        self.fields |= _ending_fields(ending)
        named = (f"choice_{name}" for name in self.choices)
        self.order_fields(["outcome", *named, "terms", "ends_on", "reason"])

    def field_of(self, name: str) -> str | None:
        return super().field_of(f"choice_{name}" if name in self.choices else name)

    def chosen(self) -> dict[str, str]:
        """The choices that were made, as they were typed."""
        typed = {name: self.cleaned_data[f"choice_{name}"] for name in self.choices}
        return {name: value for name, value in typed.items() if value}


KIND_LABELS = {
    "rate": _("Rate"),
    "each": _("Sum for each, in yuan"),
    "amount": _("Amount in yuan"),
}
FIGURE = _("Figure in yuan, not paid by the city")


def _choice_field(choice: dict[str, str], labels: dict[str, str], pays: bool) -> forms.CharField:
    bounds = {"low": choice["minimum"], "high": choice["maximum"]}
    usual = KIND_LABELS[choice["kind"]] if pays or choice["kind"] == "rate" else FIGURE
    return forms.CharField(
        label=labels.get(choice["name"]) or usual,
        help_text=_("Printed bounds: %(low)s to %(high)s.") % bounds,
        required=False,
        max_length=40,
    )


def _ending_fields(ending: Ending) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    if ending.kind in DESCRIBED:
        found["terms"] = _reason(
            _("What is given, and on which terms"),
            _("How much of it, by whom and by when. The applicant reads this text."),
            required=False,
        )
    open_end = ending.valid is None or ending.valid.up_to_years is not None
    if ending.kind != "award" and open_end:
        found["ends_on"] = forms.DateField(
            label=_("Valid to and including"),
            help_text=printed_bound(ending.valid),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )
    return found
