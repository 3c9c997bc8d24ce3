"""The workflow of a case (办理流程): what its programme, its city and the presets make of it.

It is copied onto the case when it is first submitted, with every period in working days, and holds
to its end, whatever is set afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incentives.domain.programmes import rules_of
from incentives.domain.settings import declared
from incentives.models import Programme, Setting
from incentives.policy import workflow as policy
from incentives.policy.programme import Programme as Rules
from incentives.policy.text import Text
from incentives.policy.workflow import CityChoice, Period, Stage, Workflow
from reviews.models import Application
from reviews.models.application import Origin

KEY = "workflow"
Found = Mapping[tuple[str, int | None], Any]
"""The newest values of settings by key and programme, None for the city's."""
SETTINGS: dict[Period, str] = {period: f"{period}_days" for period in policy.PERIODS}


@dataclass(frozen=True, slots=True)
class Held:
    """What holds for a case: its workflow, and each period in working days."""

    workflow: Workflow
    periods: Mapping[str, int]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The optional stages that the case goes through, in their order."""
        return self.workflow.stages

    @property
    def competitive(self) -> bool:
        return self.workflow.competitive

    @property
    def agreement(self) -> policy.Agreement:
        return self.workflow.agreement

    @property
    def parts(self) -> Mapping[str, Text]:
        """What each bureau (by code) is asked its opinion on; absent: the whole case."""
        return self.workflow.parts

    @property
    def opinions(self) -> tuple[str, ...]:
        """Codes of the bureaus that give an opinion; none where the stage is left out."""
        return self.workflow.opinions if self.workflow.has("opinion") else ()

    def days(self, period: str) -> int:
        """Working days of a period, named as the stage or as its setting (`opinion_days`)."""
        return self.periods[period.removesuffix("_days")]


def of(case: Application) -> Held:
    """As copied at submission; of a draft, as it would be today.

    Cases submitted before workflows were kept go the standard way.
    """
    if case.workflow:
        return _read(case.workflow)
    rules, handling = rules_of(case.version), case.handling_bureau.code
    if case.submitted_at is None:
        return resolve(case.programme, rules, handling=handling, origin=case.origin)
    found = {of: value for of, value in _settings(case.programme).items() if of[0] != KEY}
    standard = policy.begin("standard", "earlier")
    return _resolved(standard, case.programme, rules, handling, found)


def kept(case: Application) -> dict[str, Any]:
    """What is copied onto a case that is submitted."""
    held = of(case)
    return held.workflow.model_dump(mode="json") | {"periods": dict(held.periods)}


def _read(stored: Mapping[str, Any]) -> Held:
    told = dict(stored)
    periods = told.pop("periods")
    return Held(Workflow.model_validate(told), periods)


def resolve(
    programme: Programme,
    rules: Rules,
    *,
    handling: str,
    origin: str = Origin.APPLICANT,
    own: CityChoice | None = None,
) -> Held:
    """What holds for a case of the programme submitted today; `handling` is a bureau's code.

    `own` is tried out in the place of what the city has chosen for the programme.
    """
    found = _settings(programme)
    if own is not None:
        found = {**found, (KEY, programme.pk): own.model_dump(mode="json")}
    chosen = policy.begin(*policy.usual_preset(rules.case_type, origin))
    chosen = policy.lay(chosen, _choice(found, None), "city")
    chosen = policy.lay(chosen, rules.workflow, "file")
    chosen = policy.lay(chosen, _choice(found, programme.pk), "programme")
    return _resolved(chosen, programme, rules, handling, found)


def _resolved(
    chosen: Workflow, programme: Programme, rules: Rules, handling: str, found: Found
) -> Held:
    own, bureaus = _choice(found, programme.pk), rules.bureaus
    configured = bureaus.printed if bureaus.opinions is None else bureaus.opinions
    opinions, parts = policy.asked(
        configured if own.opinions is None else own.opinions,
        handling=handling,
        parts=[own.parts, bureaus.parts, _choice(found, None).parts],
        shared_duty=bureaus.shared_duty,
    )
    whole = chosen.model_copy(update={"opinions": opinions, "parts": parts})
    days = {str(period): _days(period, whole, programme, found) for period in SETTINGS}
    return Held(whole, days)


def _choice(found: Found, owner: int | None) -> CityChoice:
    return policy.read_choice(found.get((KEY, owner)) or {})


def _settings(programme: Programme) -> Found:
    rows = Setting.objects.filter(
        city=programme.city_id, key__in=[KEY, *SETTINGS.values()]
    ).order_by("id")
    kept = rows.filter(programme=None) | rows.filter(programme=programme)
    return {(key, pk): value for key, pk, value in kept.values_list("key", "programme", "value")}


def _days(period: Period, chosen: Workflow, programme: Programme, found: Found) -> int:
    """The most special word counts: the programme's setting, its workflow, the city, the preset."""
    key = SETTINGS[period]
    usual = chosen.usual.get(period, declared()[key].default)
    city = found.get((key, None), usual)
    return int(found.get((key, programme.pk), chosen.days.get(period, city)))


def named(held: Held) -> policy.PresetEntry:
    """The words of the preset."""
    return policy.workflows().presets[held.workflow.preset]


def agreement_words(held: Held) -> policy.Named:
    return policy.workflows().agreements[held.agreement]
