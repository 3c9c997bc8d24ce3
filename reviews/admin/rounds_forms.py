"""The forms of a round: its plan, criteria a line each, and taking an expert off a case."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from incentives.models import Programme
from reviews.domain.rounds_rule import Rule
from reviews.models import ScoreSheet, ScoringRound
from reviews.models.round import CutBy, Ties

DAY = {"type": "date"}
COLUMNS = ("id", "zh", "en", "weight", "most")
EXAMPLE = "novelty | 创新性 | Novelty | 60 | 10"


class RoundForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)
    opens_on = forms.DateField(label=_("Opens on"), widget=forms.DateInput(attrs=DAY))
    closes_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs=DAY),
        help_text=_("Cases that are submitted from the first to the last day are in the round."),
    )
    criteria = forms.CharField(
        label=_("Criteria"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "One a line: id | Chinese | English | weight | most. The weights add up to 100. "
            "Empty where the programme's rules rank by themselves."
        ),
    )
    sheets = forms.IntegerField(label=_("Experts for each case"), initial=5)
    cut_by = forms.ChoiceField(label=_("Cut off by"), choices=CutBy.choices)
    cut = forms.DecimalField(
        label=_("Cut"),
        required=False,
        max_digits=16,
        decimal_places=2,
        help_text=_("A number of places, a least score or a budget in yuan."),
    )
    ties = forms.ChoiceField(label=_("Ties at the cut"), choices=Ties.choices, initial="earlier")
    moves_up = forms.BooleanField(
        label=_("By budget: a smaller one further down takes what is left"), required=False
    )
    normalise = forms.BooleanField(
        label=_("Normalise scores expert by expert"), required=False, initial=True
    )
    drop_extremes = forms.BooleanField(
        label=_("The highest and the lowest sheet do not count, from five on"), required=False
    )
    deviations = forms.DecimalField(
        label=_("Show as outlier beyond (deviations)"),
        max_digits=4,
        decimal_places=2,
        initial=Decimal("1.50"),
    )

    def clean_criteria(self) -> list[dict[str, str]]:
        lines = self.cleaned_data["criteria"].splitlines()
        return [self._criterion(line) for line in lines if line.strip()]

    def _criterion(self, line: str) -> dict[str, str]:
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if len(parts) != len(COLUMNS):
            told = {"line": line, "example": EXAMPLE}
            raise ValidationError(_now("“%(line)s”: write it as “%(example)s”.") % told)
        return dict(zip(COLUMNS, parts, strict=True))

    def given(self) -> dict[str, Any]:
        """The arguments of the verbs."""
        data = self.cleaned_data
        dates = {name: data[name] for name in ("title", "opens_on", "closes_on")}
        same = ("criteria", "sheets", "moves_up", "normalise", "drop_extremes", "deviations")
        rule = Rule(
            cut_by=CutBy(data["cut_by"]),
            cut=data["cut"] or Decimal(0),
            ties=Ties(data["ties"]),
            **{name: data[name] for name in same},
        )
        return dates | {"rule": rule}

    def take(self, refused: ValidationError) -> None:
        """Show what the verb refused beside its field."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused.messages)
            return
        for name, said in refused.message_dict.items():
            self.add_error(name if name in self.fields else None, said)


class NewRoundForm(RoundForm):
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    field_order = ("programme",)

    def __init__(self, *args: Any, own: QuerySet[Programme], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["programme"].queryset = own  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        return super().given() | {"programme": self.cleaned_data["programme"]}


def as_planned(found: ScoringRound) -> dict[str, Any]:
    """What the form of a planned round starts with."""
    lines = [" | ".join(one[name] for name in COLUMNS) for one in found.criteria]
    values = {name: getattr(found, name) for name in RoundForm.base_fields}
    return values | {"criteria": "\n".join(lines)}


class ExcuseForm(forms.Form):
    sheet = forms.ModelChoiceField(ScoreSheet.objects.none(), label=_("Expert and case"))
    reason = forms.CharField(label=_("Why the expert does not score this case"), max_length=300)

    def __init__(self, *args: Any, found: ScoringRound, **more: Any) -> None:
        super().__init__(*args, **more)
        waiting = ScoreSheet.objects.filter(
            round_case__round=found, declined="", handed_in_at=None
        ).select_related("round_case__application", "round_case__round", "expert__user")
        field: Any = self.fields["sheet"]
        field.queryset = waiting
        field.label_from_instance = lambda one: f"{one.round_case.application} · {one.expert}"
