"""A programme with all that stands in its file, and the readings and settings in force."""

from typing import Any

from incentives.domain.programmes import rules_of, settings_of
from incentives.models import Bureau, ProgrammeVersion
from incentives.policy.overrides import read_settings
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import Fact

LEFT_OPEN: dict[str, Any] = {
    "help": None,
    "unit": None,
    "evidence": [],
    "profile": False,
    "optional": False,
}


def detail_of(version: ProgrammeVersion) -> dict[str, Any]:
    rules, known = rules_of(version), settings_of(version.programme)
    written = rules.to_json()
    return {
        "quote": rules.source.quote,
        "also": list(rules.source.also),
        "responsible": responsible(version, rules),
        "facts": [fact_of(key, fact) for key, fact in rules.facts.items()],
        "conditions": written.get("conditions", []),
        "amount": written.get("amount", []),
        "caps": written.get("caps", []),
        "same_event": written.get("same_event", []),
        "assumptions": assumptions_of(rules, known),
        "settings": known,
        "examples": written["examples"],
    }


def responsible(version: ProgrammeVersion, rules: Rules) -> list[dict[str, Any]]:
    codes = rules.bureaus.printed
    found = Bureau.objects.filter(city=version.programme.city_id, code__in=codes)
    by_code = {bureau.code: bureau for bureau in found}
    return [
        {"code": code, "name": {"zh": by_code[code].name_zh, "en": by_code[code].name_en}}
        for code in codes
    ]


def fact_of(key: str, fact: Fact) -> dict[str, Any]:
    written = fact.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "key": key,
        "type": written["type"],
        "label": written["label"],
        **{name: written.get(name, default) for name, default in LEFT_OPEN.items()},
        "minimum": written.get("minimum"),
        "maximum": written.get("maximum"),
        "options": written.get("of", {}),
        "columns": written.get("columns", {}),
    }


def assumptions_of(rules: Rules, known: dict[str, Any]) -> list[dict[str, Any]]:
    taken = read_settings(rules, known).readings
    return [
        {
            "name": name,
            "question": assumption.question.model_dump(),
            "reading": taken[name],
            "because": assumption.because.model_dump(),
        }
        for name, assumption in rules.assumptions.items()
    ]
