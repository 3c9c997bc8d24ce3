"""A programme as the rest of the house sees it: rules, parsed once, and settings in force."""

import json
from functools import lru_cache
from typing import Any

from incentives.models import Programme, ProgrammeVersion, Setting
from incentives.policy import programme as language
from incentives.policy.programme import Programme as Rules


@lru_cache(maxsize=2048)
def _parsed(digest: str, version_id: int) -> Rules:
    written = ProgrammeVersion.objects.get(pk=version_id).definition
    return language.programme_from_json(json.loads(written))


def rules_of(version: ProgrammeVersion) -> Rules:
    return _parsed(version.digest, version.pk)


def settings_of(programme: Programme) -> dict[str, Any]:
    """The newest value of each parameter or assumption that the city has set for a programme."""
    rows = Setting.objects.filter(city=programme.city_id, programme=programme)
    newest = rows.order_by("key", "-id").distinct("key").values_list("key", "value")
    rules = rules_of(programme.current)
    names = {*rules.parameters, *rules.assumptions}
    return {key: value for key, value in newest if key in names}
