"""The form in which a policy editor chooses a workflow: for a programme, or for all of a city."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applicants.models import City
from applicants.templatetags.huiqi import pick
from incentives.domain.programmes import rules_of
from incentives.domain.settings import declared
from incentives.models import Bureau, Programme, Setting
from incentives.models.bureau import BureauKind
from incentives.policy import workflow as policy
from incentives.policy.text import BadValue
from reviews.domain import workflows
from reviews.models.task import TaskKind
from reviews.presenters.workflows import Shown, shown

AS_BEFORE = ("", _("as the preset has it"))
LANGUAGES = ("zh", "en")


class WorkflowForm(forms.Form):
    """What is left empty stays as the preset, the programme's file or the city has it."""

    preset = forms.ChoiceField(label=_("Preset"), required=False, widget=forms.RadioSelect)
    agreement = forms.ChoiceField(
        label=_("What counts as agreement"), required=False, widget=forms.RadioSelect
    )
    basis = forms.CharField(
        label=_("Basis"),
        max_length=300,
        help_text=_("The implementing rule or decision behind it."),
    )

    def __init__(self, *args: Any, city: City, programme: Programme | None, **more: Any) -> None:
        kept = _kept(city, programme)
        super().__init__(*args, **more | {"initial": _initial(kept)})
        self.city, self.programme = city, programme
        known = policy.workflows()
        self._choices("preset", _("usual for the type of case"), known.presets)
        self._choices("agreement", AS_BEFORE[1], known.agreements)
        self._add_stages()
        self._add_days()
        if programme is not None:
            self._add_bureaus(kept)
        self.order_fields([name for name in self.fields if name != "basis"])

    def _choices(self, name: str, empty: Any, known: Any) -> None:
        field: Any = self.fields[name]
        said = [(key, f"{pick(one.name)}：{pick(one.explanation)}") for key, one in known.items()]
        field.choices = [("", empty), *said]

    def _add_stages(self) -> None:
        for stage in policy.STAGES:
            self.fields[f"stage_{stage}"] = forms.ChoiceField(
                label=_("Stage: %s") % TaskKind(stage).label,
                choices=[AS_BEFORE, ("true", _("yes")), ("false", _("no"))],
                required=False,
            )

    def _add_days(self) -> None:
        for period, key in workflows.SETTINGS.items():
            self.fields[f"days_{period}"] = forms.CharField(
                label=pick(declared()[key].label), required=False, max_length=10
            )

    def _add_bureaus(self, kept: policy.CityChoice) -> None:
        able = Bureau.objects.filter(city=self.city).exclude(kind=BureauKind.COLLECTIVE)
        self.bureaus = {bureau.code: bureau for bureau in able}
        named = [(code, str(bureau)) for code, bureau in self.bureaus.items()]
        self.fields["own_opinions"] = forms.BooleanField(
            label=_("Ask other bureaus than the programme names"), required=False
        )
        self.fields["opinions"] = forms.MultipleChoiceField(
            label=_("Bureaus that give an opinion"),
            choices=named,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for code in self._asked(kept):
            for language in LANGUAGES:
                self.fields[f"part_{language}_{code}"] = forms.CharField(
                    label=_("%(bureau)s is asked on (%(language)s)")
                    % {"bureau": self.bureaus.get(code, code), "language": language},
                    required=False,
                    max_length=500,
                )

    def _asked(self, kept: policy.CityChoice) -> list[str]:
        """Bureaus that are asked now, and those ticked in what is sent."""
        assert self.programme is not None  # noqa: S101  # for the type: only programmes ask
        held = self._resolved(kept)
        ticked = self.data.getlist("opinions") if self.is_bound else []  # type: ignore[attr-defined]
        codes = [*held.workflow.opinions, *kept.parts, *ticked]
        return [code for code in dict.fromkeys(codes) if code in self.bureaus]

    def _resolved(self, choice: policy.CityChoice) -> workflows.Held:
        assert self.programme is not None  # noqa: S101  # for the type: only programmes ask
        rules = rules_of(self.programme.current)
        handling = self.programme.handling_bureau.code
        return workflows.resolve(self.programme, rules, handling=handling, own=choice)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        raw = self._raw(cleaned)
        try:
            self.choice = policy.read_choice(raw)
        except BadValue as bad:
            self.add_error(self._field_of(bad), f"{pick(bad.problem)}; {pick(bad.expected)}")
            return cleaned
        self.read = self.choice.model_dump(mode="json", exclude_defaults=True) or None
        return cleaned

    def _field_of(self, bad: BadValue) -> str | None:
        """The field of a period is named at the beginning of what is wrong."""
        where = bad.problem.en.split(" ")[0].replace(".", "_", 1)
        return where if where in self.fields else None

    def _raw(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        raw: dict[str, Any] = {name: cleaned[name] or None for name in ("preset", "agreement")}
        raw["stages"] = _given(cleaned, "stage_")
        raw["days"] = _given(cleaned, "days_")
        if cleaned.get("own_opinions"):
            raw["opinions"] = cleaned["opinions"]
        zh, en = (_given(cleaned, f"part_{language}_") for language in LANGUAGES)
        raw["parts"] = {
            code: {"zh": zh.get(code) or en[code], "en": en.get(code) or zh[code]}
            for code in dict.fromkeys([*zh, *en])
        }
        return raw

    def preview(self) -> Shown | None:
        """How a case submitted from now on would go; nothing for a whole city."""
        if self.programme is None:
            return None
        outcome = rules_of(self.programme.current).outcome
        return shown(self._resolved(self.choice), outcome, city=self.city.pk)


def _given(cleaned: dict[str, Any], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in cleaned.items()
        if name.startswith(prefix) and value
    }


def _kept(city: City, programme: Programme | None) -> policy.CityChoice:
    rows = Setting.objects.filter(city=city, programme=programme, key=workflows.KEY)
    newest = rows.order_by("-id").first()
    return policy.read_choice((newest.value if newest else None) or {})


def _initial(kept: policy.CityChoice) -> dict[str, Any]:
    found: dict[str, Any] = {"preset": kept.preset or "", "agreement": kept.agreement or ""}
    found |= {f"stage_{stage}": str(on).lower() for stage, on in kept.stages.items()}
    found |= {f"days_{period}": days for period, days in kept.days.items()}
    found |= {"own_opinions": kept.opinions is not None, "opinions": list(kept.opinions or ())}
    for code, part in kept.parts.items():
        found |= {f"part_zh_{code}": part.zh, f"part_en_{code}": part.en}
    return found
