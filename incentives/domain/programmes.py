"""A programme as the rest of the house sees it: rules, parsed once, and settings in force."""

import json
from functools import lru_cache
from typing import Any

from incentives.models import Programme, ProgrammeVersion, Setting
from incentives.policy import programme as language
from incentives.policy.overrides import read_settings
from incentives.policy.programme import Programme as Rules
from incentives.policy.text import InputError


@lru_cache(maxsize=2048)
def _parsed(digest: str, version_id: int) -> Rules:
    written = ProgrammeVersion.objects.get(pk=version_id).definition
    return language.programme_from_json(json.loads(written))


def rules_of(version: ProgrammeVersion) -> Rules:
    return _parsed(version.digest, version.pk)


def settings_of(programme: Programme, version: ProgrammeVersion | None = None) -> dict[str, Any]:
    """What the city has set of the parameters and assumptions of a version (none: the newest).

    Of each the newest value that these rules can read: what was set for a later wording says
    nothing about cases that were started on an earlier one.
    """
    rules = rules_of(version or programme.current)
    rows = Setting.objects.filter(
        city=programme.city_id,
        programme=programme,
        key__in=[*rules.parameters, *rules.assumptions],
    )
    found: dict[str, Any] = {}
    for key, value in rows.order_by("-id").values_list("key", "value"):
        if key not in found and _can_be_read(rules, key, value):
            found[key] = value
    return found


def _can_be_read(rules: Rules, key: str, value: Any) -> bool:
    try:
        read_settings(rules, {key: value})
    except InputError:
        return False
    return True
